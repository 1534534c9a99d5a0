"""Where the picture of a user or an organization is. Source: hub-platform contract section 2."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hubkeep import accounts
from hubkeep.accounts import OwnerKind, OwnerNotFound
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import flag
from hubkeep.wire.shapes.names import avatar_url

router = APIRouter()


@router.get("/api/users/{name:seg}/avatar")
async def user_avatar(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """Tell where a person's picture is; lead there who wants a picture, as browsers say, or says `redirect=true`."""
    found = (await hub.read(accounts.profile, caller, name)).owner
    if found.kind is not OwnerKind.USER:
        raise OwnerNotFound(name=name)
    address = avatar_url(hub.url, found.name)
    if request.headers.get("sec-fetch-dest") == "image" or flag(request, "redirect"):
        return RedirectResponse(address, 302)
    return Json({"avatarUrl": address})
