"""Organizations: made, changed, joined and left. Source: hub-platform contract sections 2 and 17.

What the Hub does on pages only (make, invite, accept, links, leave, delete) has addresses here too, under the same words.
"""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from hubkeep import accounts
from hubkeep.accounts import Actor, Owner, Role, orgs
from hubkeep.accounts.orgs import Invitation, InviteLink, NewLink, OrgChanges
from hubkeep.community import follows
from hubkeep.kit import BadInput, WriteTx, wire_date
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.shapes import people as shape
from hubkeep.wire.shapes.ids import number_of
from hubkeep.wire.shapes.names import object_id

router = APIRouter()
ORG = "/api/organizations/{name:seg}"
MINE = "/api/settings/organizations/invitations"


class _Body(BaseModel):
    """A request body: unknown keys are refused, since ignoring one could change what was asked for."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _About(_Body):
    fullname: str | None = None
    details: str | None = None
    website: str | None = None
    github: str | None = None
    twitter: str | None = None
    linkedin: str | None = None
    members_hidden: Annotated[bool | None, Field(alias="membersHidden")] = None

    def changes(self) -> OrgChanges:
        """Return what is to be changed."""
        return OrgChanges(**self.model_dump(exclude={"name"}))


class _New(_About):
    name: str


class _Changes(_About):
    name: str | None = None


class _GroupRole(_Body):
    id: str
    role: Role


class _NewRole(_Body):
    role: Role
    resource_groups: Annotated[list[_GroupRole], Field(alias="resourceGroups", max_length=100)] = []


class _Invite(_Body):
    user: str | None = None
    email: str | None = None
    role: Role
    days: int = orgs.DAYS


class _Link(_Body):
    role: Role
    days: int = orgs.DAYS
    max_uses: Annotated[int | None, Field(alias="maxUses")] = None


class _Join(_Body):
    secret: str


@router.post("/api/organizations")
async def create(body: _New, caller: Caller, hub: TheHub) -> Response:
    """Make an organization; the caller administers it."""
    org = await hub.write(orgs.create_org, caller, body.name, body.changes())
    return Json(shape.card(org, hub.url), 201)


@router.patch(ORG)
async def update(name: str, body: _Changes, caller: Caller, hub: TheHub) -> Response:
    """Change what an organization says of itself, or what it is called: the old name leads to the new one."""
    org = await hub.write(_change, caller, name, body)
    return Json(shape.org_overview(await hub.read(follows.overview, caller, org.name), hub.url))


def _change(tx: WriteTx, actor: Actor, name: str, body: _Changes) -> Owner:
    org = orgs.update_org(tx, actor, name, body.changes())
    return accounts.rename_org(tx, actor, org.name, body.name) if body.name is not None else org


@router.delete(ORG)
async def delete(name: str, caller: Caller, hub: TheHub) -> Response:
    """Delete an organization that owns nothing any more."""
    await hub.write(orgs.delete_org, caller, name)
    return Response(status_code=204)


@router.put(ORG + "/members/{user:seg}/role")
async def change_role(name: str, user: str, body: _NewRole, caller: Caller, hub: TheHub) -> Response:
    """Give a member another role, and roles in resource groups; groups that are not named stay as they are."""
    groups = [(number_of(one.id), one.role) for one in body.resource_groups]
    await hub.write(orgs.change_role, caller, name, user, body.role, groups)
    return Json({})


@router.delete(ORG + "/members/{user:seg}")
async def remove_member(name: str, user: str, caller: Caller, hub: TheHub) -> Response:
    """Take a member out."""
    await hub.write(orgs.remove_member, caller, name, user)
    return Response(status_code=204)


@router.post(ORG + "/leave")
async def leave(name: str, caller: Caller, hub: TheHub) -> Response:
    """Leave an organization."""
    await hub.write(orgs.leave, caller, name)
    return Json({})


@router.get(ORG + "/invitations")
async def invitations(name: str, caller: Caller, hub: TheHub) -> Response:
    """List who is invited and has not answered."""
    return Json([_invitation(one) for one in await hub.read(orgs.invitations_of, caller, name)])


@router.post(ORG + "/invitations")
async def invite(name: str, body: _Invite, caller: Caller, hub: TheHub) -> Response:
    """Invite a user by name; or an address, which gets a link that works once (and is in this answer, once)."""
    if bool(body.user) == bool(body.email):
        raise BadInput(field="user", reason="name a user or an e-mail address, one of them")
    if body.email:
        made = await hub.write(orgs.make_link, caller, name, body.role, days=body.days, email=body.email)
        return Json(_new_link(made, hub.url), 201)
    found = await hub.write(orgs.invite, caller, name, body.user or "", body.role, days=body.days)
    return Json(_invitation(found), 201)


@router.delete(ORG + "/invitations/{number:seg}")
async def take_back(name: str, number: str, caller: Caller, hub: TheHub) -> Response:
    """Take an invitation back."""
    await hub.write(orgs.take_back_invitation, caller, name, number_of(number))
    return Response(status_code=204)


@router.get(ORG + "/invite-links")
async def links(name: str, caller: Caller, hub: TheHub) -> Response:
    """List the links that people join by."""
    return Json([_link(one) for one in await hub.read(orgs.links_of, caller, name)])


@router.post(ORG + "/invite-links")
async def make_link(name: str, body: _Link, caller: Caller, hub: TheHub) -> Response:
    """Make a link; its address is in this answer and never again."""
    made = await hub.write(orgs.make_link, caller, name, body.role, days=body.days, max_uses=body.max_uses)
    return Json(_new_link(made, hub.url), 201)


@router.delete(ORG + "/invite-links/{number:seg}")
async def revoke_link(name: str, number: str, caller: Caller, hub: TheHub) -> Response:
    """Revoke a link."""
    await hub.write(orgs.revoke_link, caller, name, number_of(number))
    return Response(status_code=204)


@router.post(ORG + "/join")
async def join(name: str, body: _Join, caller: Caller, hub: TheHub) -> Response:
    """Join by the secret of a link."""
    org = await hub.write(orgs.join_by_link, caller, name, body.secret)
    return Json(shape.card(org, hub.url))


@router.get(MINE)
async def my_invitations(caller: Caller, hub: TheHub) -> Response:
    """List the invitations that wait for the caller's answer."""
    return Json([_invitation(one) for one in await hub.read(orgs.my_invitations, caller)])


@router.post(MINE + "/{number:seg}/accept")
async def accept(number: str, caller: Caller, hub: TheHub) -> Response:
    """Accept an invitation."""
    org = await hub.write(orgs.accept_invitation, caller, number_of(number))
    return Json(shape.card(org, hub.url))


@router.post(MINE + "/{number:seg}/decline")
async def decline(number: str, caller: Caller, hub: TheHub) -> Response:
    """Decline an invitation."""
    org = await hub.write(orgs.decline_invitation, caller, number_of(number))
    return Json(shape.card(org, hub.url))


@router.get(ORG + "/socials")
async def socials(name: str, caller: Caller, hub: TheHub) -> Response:
    """Tell an organization's names on other networks."""
    org = await hub.read(lambda tx, _: orgs.org_named(tx, name), caller)
    said = await hub.read(lambda tx, _: orgs.org_profile(tx, org.id), caller)
    handles = {"twitter": said.twitter, "github": said.github, "linkedin": said.linkedin}
    shown = {network: handle for network, handle in handles.items() if handle}
    return Json({"_id": object_id(org.id, org.created_at), "org": org.name, "socialHandles": shown})


def _invitation(one: Invitation) -> dict[str, Any]:
    return {
        "id": object_id(one.id, one.created_at),
        "org": one.org.name,
        "user": one.user.name,
        "role": one.role.value,
        "createdAt": wire_date(one.created_at),
        "expiresAt": wire_date(one.expires_at),
        **({"invitedBy": one.invited_by.name} if one.invited_by else {}),
    }


def _link(one: InviteLink) -> dict[str, Any]:
    return {
        "id": object_id(one.id, one.created_at),
        "org": one.org.name,
        "role": one.role.value,
        "createdAt": wire_date(one.created_at),
        "expiresAt": wire_date(one.expires_at),
        "maxUses": one.max_uses,
        "uses": one.uses,
        **({"email": one.email} if one.email else {}),
        **({"madeBy": one.made_by.name} if one.made_by else {}),
    }


def _new_link(made: NewLink, base: str) -> dict[str, Any]:
    return _link(made.link) | {
        "secret": made.secret,
        "url": f"{base}/organizations/{made.link.org.name}/share?code={made.secret}",
    }
