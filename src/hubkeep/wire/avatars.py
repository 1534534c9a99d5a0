"""Pictures of users and organizations, and where they are. Source: hub-platform contract section 2."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hubkeep import accounts
from hubkeep.accounts import Actor, OwnerKind, OwnerNotFound, orgs
from hubkeep.kit import ReadTx
from hubkeep.repos import Stores
from hubkeep.wire.bytes import content_response
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.kept import kept_source
from hubkeep.wire.media import media_headers
from hubkeep.wire.pages import flag
from hubkeep.wire.shapes.names import avatar_url

router = APIRouter()
YEAR = 365 * 24 * 3600


@router.get("/avatars/{name:seg}.webp", include_in_schema=False)
async def picture(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """Show a picture that somebody has. Its name is never another's, so whoever saw it may keep it."""
    file = f"{name}.webp"
    key = await hub.read(_find, caller, file)
    size = await hub.work(_stat, caller, key)
    headers = {**media_headers(file, download=False), "Cache-Control": f"public, max-age={YEAR}, immutable"}
    source = kept_source(hub.stores.blobs, key, size)
    return content_response(request, etag=name, size=size, source=source, headers=headers)


def _find(tx: ReadTx, actor: Actor, name: str) -> str:
    del actor
    return accounts.find_picture(tx, name)


def _stat(stores: Stores, actor: Actor, key: str) -> int:
    del actor
    return stores.blobs.stat(key).size


@router.get("/api/users/{name:seg}/avatar")
async def user_avatar(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """Tell where a person's picture is; lead there who wants a picture, as browsers say, or says `redirect=true`."""
    found = (await hub.read(accounts.profile, caller, name)).owner
    if found.kind is not OwnerKind.USER:
        raise OwnerNotFound(name=name)
    return _told(request, avatar_url(hub.url, found.name, found.avatar))


@router.get("/api/organizations/{name:seg}/avatar")
async def org_avatar(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """Tell where an organization's picture is, in the same way."""
    org = await hub.read(lambda tx, _: orgs.org_named(tx, name), caller)
    return _told(request, avatar_url(hub.url, org.name, org.avatar))


@router.get("/api/avatars/{name:seg}")
async def any_avatar(name: str, caller: Caller, hub: TheHub) -> Response:
    """Send to the picture of a user or an organization."""
    owner = await hub.read(lambda tx, _: accounts.owner_named(tx, name), caller)
    return RedirectResponse(avatar_url(hub.url, owner.name, owner.avatar), 302)


def _told(request: Request, address: str) -> Response:
    if request.headers.get("sec-fetch-dest") == "image" or flag(request, "redirect"):
        return RedirectResponse(address, 302)
    return Json({"avatarUrl": address})
