"""Users, organizations, and who follows whom. Source: hub-platform contract section 2."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import accounts
from hubkeep.accounts import About, Actor, OwnerKind, OwnerNotFound, User, orgs
from hubkeep.community import follows
from hubkeep.kit import BadInput, ReadTx
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.likes import place_of
from hubkeep.wire.pages import cursor_of, limit_of, next_link
from hubkeep.wire.shapes import people as shape
from hubkeep.wire.shapes.ids import number_of
from hubkeep.wire.shapes.names import object_id

router = APIRouter()
USER, ORG = "/api/users/{name:seg}", "/api/organizations/{name:seg}"


@router.get(USER + "/overview")
async def user_overview(name: str, caller: Caller, hub: TheHub) -> Response:
    """Show a person, by name or by id."""
    found = await hub.read(follows.overview, caller, name, number_of(name))
    if found.profile.user is None:
        raise OwnerNotFound(name=name)
    return Json(shape.user_overview(found, found.profile.user, hub.url))


@router.get(USER + "/socials")
async def user_socials(name: str, caller: Caller, hub: TheHub) -> Response:
    """Tell a person's names on other networks."""
    user, said = await hub.read(_said, caller, name)
    shown = {"_id": object_id(user.id, user.created_at), "user": user.name, "socialHandles": said.socials}
    return Json(shown)


def _said(tx: ReadTx, actor: Actor, name: str) -> tuple[User, About]:
    del actor
    user = accounts.user_named(tx, name)
    return user, accounts.about(tx, user.id)


@router.get(ORG + "/overview")
async def org_overview(name: str, caller: Caller, hub: TheHub) -> Response:
    """Show an organization."""
    found = await hub.read(follows.overview, caller, name, number_of(name))
    if found.profile.user is not None:
        raise OwnerNotFound(name=name)
    return Json(shape.org_overview(found, hub.url))


@router.get(ORG + "/members")
async def members(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List an organization's members in name order; roles and groups to its administrators, nobody where it hides them."""
    after, limit = cursor_of(request), limit_of(request, orgs.MAX_PAGE, orgs.PAGE)
    if after is not None and not isinstance(after, str):
        raise BadInput(field="cursor", reason="it was altered")
    asked = request.query_params
    wanted = orgs.MemberFilter(asked.get("search", ""), asked.get("email", ""))
    found = await hub.read(orgs.list_members, caller, name, wanted, after=after, limit=limit)
    shown = [shape.member(one, hub.url, full=found.full) for one in found.items]
    return Json(shown, headers=next_link(request, hub, found.next))


@router.get(USER + "/followers")
async def user_followers(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List who follows a person."""
    after, limit = place_of(request), limit_of(request, follows.PAGE)
    found = await hub.read(follows.followers, caller, name, OwnerKind.USER, after=after, limit=limit)
    return Json(
        [shape.card(one, hub.url) for one in found.items], headers=next_link(request, hub, found.next)
    )


@router.get(ORG + "/followers")
async def org_followers(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List who follows an organization."""
    after, limit = place_of(request), limit_of(request, follows.PAGE)
    found = await hub.read(follows.followers, caller, name, OwnerKind.ORG, after=after, limit=limit)
    return Json(
        [shape.card(one, hub.url) for one in found.items], headers=next_link(request, hub, found.next)
    )


@router.get(USER + "/following")
async def following(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List whom a person follows."""
    after, limit = place_of(request), limit_of(request, follows.PAGE)
    found = await hub.read(follows.following, caller, name, after=after, limit=limit)
    return Json(
        [shape.card(one, hub.url) for one in found.items], headers=next_link(request, hub, found.next)
    )


@router.post(USER + "/follow")
@router.post(ORG + "/follow")
async def follow(name: str, caller: Caller, hub: TheHub) -> Response:
    """Follow a person or an organization."""
    await hub.write(follows.follow, caller, name, on=True)
    return Json({})


@router.delete(USER + "/follow")
@router.delete(ORG + "/follow")
@router.post(USER + "/unfollow")
@router.post(ORG + "/unfollow")
async def unfollow(name: str, caller: Caller, hub: TheHub) -> Response:
    """Do not follow any longer."""
    await hub.write(follows.follow, caller, name, on=False)
    return Json({})
