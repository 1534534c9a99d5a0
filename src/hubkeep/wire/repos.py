"""Life of a repository: create, delete, move, settings, duplicate."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import PlainTextResponse, Response

from hubkeep import repos
from hubkeep.accounts import Actor, NotSignedIn
from hubkeep.community import discussions
from hubkeep.community.discussions import DiscussionSettings, Sorting
from hubkeep.hub import Hub
from hubkeep.kit import BadInput, HubError, NotBuiltYet, WriteTx
from hubkeep.repos import Changes, Gate, Kind, MailMode, NewRepo, Repo, RepoNameTaken
from hubkeep.wire import errors
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.shapes.ids import group_number
from hubkeep.wire.shapes.names import object_id, repo_url

router = APIRouter()
Visibility = Literal["public", "private", "protected"]


class _Body(BaseModel):
    """A request body: unknown keys are refused, since ignoring one could change what was asked for."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Visible(_Body):
    visibility: Visibility | None = None
    private: bool | None = None

    def is_private(self) -> bool | None:
        """Return the wish in either of its spellings. Source: hub-core contract trap 43."""
        if self.visibility == "protected":
            raise NotBuiltYet(feature="Protected visibility")
        return self.private if self.visibility is None else self.visibility == "private"


class _SpaceKeys(_Body):
    hardware: str | None = None
    storage: str | None = None
    sleep_time_seconds: Annotated[int | None, Field(alias="sleepTimeSeconds")] = None
    secrets: list[dict[str, Any]] | None = None
    variables: list[dict[str, Any]] | None = None
    volumes: list[dict[str, Any]] | None = None
    template: str | None = None

    def check(self) -> None:
        """Refuse what needs running Spaces."""
        if self.hardware or self.storage or self.secrets or self.variables or self.volumes or self.template:
            raise NotBuiltYet(
                feature="Running Spaces (hardware, storage, secrets, variables, volumes, template)"
            )


class _Create(_Visible, _SpaceKeys):
    name: str
    organization: str | None = None
    type: Kind = Kind.MODEL
    sdk: str | None = None
    license: str | None = None
    files: list[dict[str, str]] | None = None
    resource_group_id: Annotated[str | None, Field(alias="resourceGroupId")] = None
    region: Literal["us", "eu"] | None = None


class _Named(_Body):
    name: str
    organization: str | None = None
    type: Kind = Kind.MODEL
    sdk: str | None = None


class _Move(_Body):
    from_repo: Annotated[str, Field(alias="fromRepo")]
    to_repo: Annotated[str, Field(alias="toRepo")]
    type: Kind = Kind.MODEL


class _Settings(_Visible):
    gated: Literal["auto", "manual", False] | None = None
    org_members_gated: Annotated[bool | None, Field(alias="orgMembersGated")] = None
    gated_email: Annotated[str | None, Field(alias="gatedNotificationsEmail")] = None
    gated_mode: Annotated[MailMode | None, Field(alias="gatedNotificationsMode")] = None
    discussions_disabled: Annotated[bool | None, Field(alias="discussionsDisabled")] = None
    discussions_sorting: Annotated[Sorting | None, Field(alias="discussionsSorting")] = None


class _Duplicate(_Visible, _SpaceKeys):
    repository: str
    sdk: str | None = None
    resource_group_id: Annotated[str | None, Field(alias="resourceGroupId")] = None


@router.post("/api/repos/create")
async def create_repo(body: _Create, caller: Caller, hub: TheHub) -> Response:
    """Create a model, dataset, Space or kernel."""
    body.check()
    if body.files:
        raise NotBuiltYet(feature="Creating a repository with files; commit them instead")
    owner, name = await _owner_and_name(hub, caller, body.name, body.organization)
    group = group_number(body.resource_group_id)
    new = NewRepo(
        body.type, owner, name, bool(body.is_private()), body.sdk, group, license=body.license or ""
    )
    repo = await hub.work(repos.create, caller, new)
    return Json(_created(hub, repo))


@router.delete("/api/repos/delete")
async def delete_repo(body: _Named, caller: Caller, hub: TheHub) -> Response:
    """Delete a repository; the body travels on DELETE. Source: hub-core contract trap 42."""
    owner, name = await _owner_and_name(hub, caller, body.name, body.organization)
    await hub.write(repos.delete, caller, body.type, f"{owner}/{name}")
    return PlainTextResponse("OK")


@router.post("/api/repos/move")
async def move_repo(body: _Move, caller: Caller, hub: TheHub) -> Response:
    """Rename or transfer a repository."""
    await hub.write(repos.move, caller, body.type, body.from_repo, body.to_repo)
    return PlainTextResponse("OK")


@router.put("/api/{kind:plural}/{ns:seg}/{name:seg}/settings")
async def update_settings(
    kind: Any, ns: str, name: str, body: _Settings, caller: Caller, hub: TheHub
) -> Response:
    """Change visibility, gating, and whether there are discussions."""
    gated = None if body.gated is None else (body.gated or "")
    changes = Changes(body.is_private(), gated, body.org_members_gated, body.gated_email, body.gated_mode)
    disabled, sorting = body.discussions_disabled, body.discussions_sorting

    def update(tx: WriteTx, actor: Actor) -> tuple[Repo, DiscussionSettings, Gate]:
        repo = repos.update_settings(tx, actor, kind, f"{ns}/{name}", changes)
        after = discussions.update_settings(
            tx, actor, kind, repo.full_name, disabled=disabled, sorting=sorting
        )
        return repo, after, repos.gate_of(tx, repo)

    repo, settings, gate = await hub.write(update, caller)
    return Json(
        {
            "private": repo.private,
            "gated": gate.gated or False,
            "orgMembersGated": gate.members_gated,
            "gatedNotificationsMode": gate.mode.value,
            **({"gatedNotificationsEmail": gate.email} if gate.email else {}),
            "discussionsDisabled": settings.disabled,
            "discussionsSorting": settings.sorting.value,
        }
    )


@router.post("/api/{kind:plural}/{ns:seg}/{name:seg}/duplicate")
async def duplicate_repo(
    kind: Any, ns: str, name: str, body: _Duplicate, caller: Caller, hub: TheHub
) -> Response:
    """Copy a repository under another name."""
    body.check()
    owner, _, new_name = body.repository.rpartition("/")
    owner, new_name = await _owner_and_name(hub, caller, new_name, owner or None)
    group = group_number(body.resource_group_id)
    new = NewRepo(kind, owner, new_name, bool(body.is_private()), body.sdk, group)
    repo = await hub.work(repos.duplicate, caller, kind, f"{ns}/{name}", new)
    return Json(_created(hub, repo))


async def _owner_and_name(hub: Hub, caller: Caller, name: str, organization: str | None) -> tuple[str, str]:
    """Split `owner/name`; without an owner it is the caller's own namespace."""
    if "/" in name:
        owner, _, name = name.partition("/")
        if organization and organization.lower() != owner.lower():
            raise BadInput(
                field="organization", reason=f"{organization!r} and the name's owner {owner!r} differ"
            )
        return owner, name
    if organization:
        return organization, name
    me = await hub.read(lambda _, actor: actor.name, caller)
    if not me:
        raise NotSignedIn
    return me, name


def _created(hub: Hub, repo: Repo) -> dict[str, str]:
    url = repo_url(hub.url, repo.kind, repo.full_name)
    return {"url": url, "name": repo.full_name, "id": object_id(repo.id, repo.created_at)}


def _existing(error: HubError, base: str) -> dict[str, str]:
    """`create_repo(exist_ok=True)` reads `url` out of the 409. Source: hub-core contract R1, trap 38."""
    return {"url": repo_url(base, Kind(str(error.facts["kind"])), str(error.facts["name"]))}


errors.EXTRA[RepoNameTaken] = _existing
