"""Likes. Source: hub-platform contract section 2."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep.community import likes
from hubkeep.kit import BadInput, wire_date
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import cursor_of, limit_of, next_link
from hubkeep.wire.shapes.people import card

router = APIRouter()
REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}"


@router.post(REPO + "/like")
async def like(kind: Any, ns: str, name: str, caller: Caller, hub: TheHub) -> Response:
    """Like a repository."""
    await hub.write(likes.like, caller, kind, f"{ns}/{name}", on=True)
    return Json({})


@router.delete(REPO + "/like")
async def unlike(kind: Any, ns: str, name: str, caller: Caller, hub: TheHub) -> Response:
    """Do not like a repository any longer."""
    await hub.write(likes.like, caller, kind, f"{ns}/{name}", on=False)
    return Json({})


@router.get(REPO + "/likers")
async def likers(kind: Any, ns: str, name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List who likes a repository."""
    after, limit = place_of(request), limit_of(request, likes.PAGE)
    found = await hub.read(likes.likers, caller, kind, f"{ns}/{name}", after=after, limit=limit)
    shown = [card(item.user, hub.url) | {"likedAt": wire_date(item.at)} for item in found.items]
    return Json(shown, headers=next_link(request, hub, found.next))


@router.get("/api/users/{user:seg}/likes")
async def liked(user: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List what somebody likes, of what the caller may see."""
    after, limit = place_of(request), limit_of(request, likes.PAGE)
    found = await hub.read(likes.liked, caller, user, after=after, limit=limit)
    shown = [
        {
            "createdAt": wire_date(item.at),
            "repo": {"name": item.info.repo.full_name, "type": item.info.repo.kind.value},
        }
        for item in found.items
    ]
    return Json(shown, headers=next_link(request, hub, found.next))


def place_of(request: Request) -> int | None:
    """Return the place of a page that goes by number. Raises BadInput."""
    after = cursor_of(request)
    if after is not None and (not isinstance(after, int) or isinstance(after, bool) or abs(after) >= 2**63):
        raise BadInput(field="cursor", reason="it was altered")
    return after
