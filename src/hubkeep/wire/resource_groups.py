"""Resource groups. Source: hub-platform contract section 17."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from hubkeep import repos
from hubkeep.accounts import Actor, Role, orgs
from hubkeep.accounts.orgs import AutoJoin, NewGroup, ResourceGroup
from hubkeep.community import collections
from hubkeep.kit import BadInput, NotBuiltYet, ReadTx, WriteTx
from hubkeep.repos import Kind
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.shapes import group as shape
from hubkeep.wire.shapes.ids import group_number, number_of

router = APIRouter()
GROUPS = "/api/organizations/{name:seg}/resource-groups"
ONE = GROUPS + "/{group:seg}"
REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}/resource-group"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _AutoJoin(_Body):
    enabled: bool
    role: Role | None = None
    scope: str = "all"

    def fact(self) -> AutoJoin | None:
        """Return what those who join get."""
        if not self.enabled:
            return None
        if self.role is None:
            raise BadInput(field="autoJoin.role", reason="is needed")
        return AutoJoin(self.role, self.scope)


class _User(_Body):
    user: str | None = None
    name: str | None = None  # the other spelling that the Hub takes
    role: Role

    def pair(self) -> tuple[str, Role]:
        """Return who, and in which role."""
        if not (who := self.user or self.name):
            raise BadInput(field="users.user", reason="is needed")
        return who, self.role


class _RepoRef(_Body):
    name: str
    type: Kind


class _New(_Body):
    name: str
    description: str = ""
    users: Annotated[list[_User], Field(max_length=1000)] = []
    repos: Annotated[list[_RepoRef], Field(max_length=1000)] = []
    auto_join: Annotated[_AutoJoin | None, Field(alias="autoJoin")] = None


class _Changes(_Body):
    name: str | None = None
    description: str | None = None
    spend_limits: Annotated[dict[str, int | None] | None, Field(alias="spendLimits")] = None


class _Settings(_Body):
    auto_join: Annotated[_AutoJoin | None, Field(alias="autoJoin")] = None


class _Users(_Body):
    users: Annotated[list[_User], Field(max_length=1000)]


class _Role(_Body):
    role: Role


class _Place(_Body):
    resource_group_id: Annotated[str | None, Field(alias="resourceGroupId")]


@router.get(GROUPS)
async def list_groups(name: str, caller: Caller, hub: TheHub) -> Response:
    """List an organization's groups: all to its administrators, to other members their own."""

    def gather(tx: ReadTx, actor: Actor) -> list[dict[str, Any]]:
        return [_shown(tx, actor, one, hub.url) for one in orgs.list_groups(tx, actor, name)]

    return Json(await hub.read(gather, caller))


@router.post(GROUPS)
async def create(name: str, body: _New, caller: Caller, hub: TheHub) -> Response:
    """Make a group, with members and repositories in it: all of that or nothing."""
    auto = body.auto_join.fact() if body.auto_join else None
    people = [one.pair() for one in body.users]

    def make(tx: WriteTx, actor: Actor) -> dict[str, Any]:
        group = orgs.create_group(tx, actor, name, NewGroup(body.name, body.description, auto))
        if people:
            group = orgs.add_to_group(tx, actor, name, group.id, people)
        for one in body.repos:
            repos.set_resource_group(tx, actor, one.type, one.name, group.id)
        return _shown(tx, actor, group, hub.url)

    return Json(await hub.write(make, caller))


@router.get(ONE)
async def get(name: str, group: str, caller: Caller, hub: TheHub) -> Response:
    """Show a group to those who are in it, and to the organization's administrators."""

    def gather(tx: ReadTx, actor: Actor) -> dict[str, Any]:
        _, found = orgs.get_group(tx, actor, name, number_of(group))
        return _shown(tx, actor, found, hub.url)

    return Json(await hub.read(gather, caller))


@router.patch(ONE)
async def update(name: str, group: str, body: _Changes, caller: Caller, hub: TheHub) -> Response:
    """Change a group's name or description."""
    if body.spend_limits:
        raise NotBuiltYet(feature="Spending")

    def change(tx: WriteTx, actor: Actor) -> dict[str, Any]:
        number = number_of(group)
        found = orgs.update_group(tx, actor, name, number, name=body.name, description=body.description)
        return _shown(tx, actor, found, hub.url)

    return Json(await hub.write(change, caller))


@router.delete(ONE)
async def delete(name: str, group: str, caller: Caller, hub: TheHub) -> Response:
    """Delete a group; what was in it belongs to the whole organization again."""
    await hub.write(orgs.delete_group, caller, name, number_of(group))
    return Response(status_code=204)


@router.post(ONE + "/settings")
async def settings(name: str, group: str, body: _Settings, caller: Caller, hub: TheHub) -> Response:
    """Say what those who join the organization get in the group."""
    auto = body.auto_join.fact() if body.auto_join else None

    def change(tx: WriteTx, actor: Actor) -> dict[str, Any]:
        number = number_of(group)
        if body.auto_join is None:
            _, found = orgs.get_group(tx, actor, name, number)
        else:
            found = orgs.set_auto_join(tx, actor, name, number, auto)
        return _shown(tx, actor, found, hub.url)

    return Json(await hub.write(change, caller))


@router.post(ONE + "/users")
async def add_users(name: str, group: str, body: _Users, caller: Caller, hub: TheHub) -> Response:
    """Put members of the organization into a group, all or none."""
    people = [one.pair() for one in body.users]

    def change(tx: WriteTx, actor: Actor) -> dict[str, Any]:
        found = orgs.add_to_group(tx, actor, name, number_of(group), people)
        return _shown(tx, actor, found, hub.url)

    return Json(await hub.write(change, caller))


@router.patch(ONE + "/users/{user:seg}")
async def change_user(name: str, group: str, user: str, body: _Role, caller: Caller, hub: TheHub) -> Response:
    """Give somebody another role in a group."""

    def change(tx: WriteTx, actor: Actor) -> dict[str, Any]:
        found = orgs.change_group_role(tx, actor, name, number_of(group), user, body.role)
        return _shown(tx, actor, found, hub.url)

    return Json(await hub.write(change, caller))


@router.delete(ONE + "/users/{user:seg}")
async def remove_user(name: str, group: str, user: str, caller: Caller, hub: TheHub) -> Response:
    """Take somebody out of a group."""

    def change(tx: WriteTx, actor: Actor) -> dict[str, Any]:
        found = orgs.remove_from_group(tx, actor, name, number_of(group), user)
        return _shown(tx, actor, found, hub.url)

    return Json(await hub.write(change, caller))


@router.get(REPO)
async def group_of_repo(kind: Any, ns: str, name: str, caller: Caller, hub: TheHub) -> Response:
    """Tell which group a repository is in; `null` for none, and to those outside the organization."""
    group = await hub.read(repos.resource_group_of, caller, kind, f"{ns}/{name}")
    return Json(shape.group_ref(group) if group else None)


@router.post(REPO)
async def place_repo(kind: Any, ns: str, name: str, body: _Place, caller: Caller, hub: TheHub) -> Response:
    """Put a repository into a group, or (null) out of every one."""
    group_id = group_number(body.resource_group_id)

    def change(tx: WriteTx, actor: Actor) -> dict[str, Any]:
        repo, _ = repos.set_resource_group(tx, actor, kind, f"{ns}/{name}", group_id)
        return shape.repo_resource(repo) | {"addedBy": actor.name}

    return Json(await hub.write(change, caller))


def _shown(tx: ReadTx, actor: Actor, group: ResourceGroup, base: str) -> dict[str, Any]:
    members = orgs.members_of_group(tx, group.id)
    things = repos.repos_in_group(tx, actor, group.id)
    kept = collections.collections_in_group(tx, actor, group.id)
    return shape.full(group, members, things, kept, base)
