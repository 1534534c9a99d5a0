"""Files for comments. Source: hub-platform contract section 3 (`/uploads`) and gotcha 12."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from hubkeep.community import attachments
from hubkeep.wire.bytes import content_response
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.kept import kept_source
from hubkeep.wire.media import media_headers
from hubkeep.wire.receive import receive_to_file

router = APIRouter()
YEAR = 365 * 24 * 3600


@router.post("/uploads")
async def upload(request: Request, caller: Caller, hub: TheHub) -> Response:
    """Keep a picture, film or sound, and answer with its address: as plain text, which is what clients read."""
    media = attachments.media_of(request.headers.get("content-type", ""))
    await hub.read(attachments.require_uploader, caller)
    async with receive_to_file(request, hub.stores.scratch, media.limit, what="The file") as received:
        kept = await hub.work(attachments.keep, caller, received.path, media)
    return PlainTextResponse(f"{hub.url}/uploads/{kept.name}")


@router.get("/uploads/{name:seg}")
async def download(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """Show an attachment to whoever knows its address."""
    found = await hub.read(attachments.find, caller, name)
    key = attachments.blob_key(found.name)
    headers = media_headers(found.name, download=False) | {
        "Content-Type": found.media.value,
        "Cache-Control": f"public, max-age={YEAR}, immutable",
    }
    if (link := hub.stores.blobs.link(key, hub.settings.storage.link_seconds, found.name)) is not None:
        return RedirectResponse(link, 302, headers | {"Cache-Control": "no-store"})
    source = kept_source(hub.stores.blobs, key, found.size)
    return content_response(request, etag=found.name, size=found.size, source=source, headers=headers)
