"""Downloads: `resolve` and `raw`."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.cas import read_range
from hubkeep.hub import Hub
from hubkeep.kit import MISSING, ReadTx
from hubkeep.repos import Content, Kind
from hubkeep.wire.bytes import Bytes, FileSlice, Stream, content_response
from hubkeep.wire.caller import credentials
from hubkeep.wire.contract import LINKED_ETAG, LINKED_SIZE, REPO_COMMIT, XET_HASH, XET_REFRESH_ROUTE
from hubkeep.wire.json import Json
from hubkeep.wire.media import media_headers
from hubkeep.wire.shapes.names import api_url

XET_INFO = "application/vnd.xet-fileinfo+json"


async def resolve(request: Request) -> Response:
    """Send a file at a revision, large or small. Source: hub-core contract section 10.1.

    Everything the client needs stands on this one answer, never on a redirect within this host (trap 19).
    """
    hub: Hub = request.app.state.hub
    kind, full_name, rev, path = _asked(request)
    found = await _find(request, hub, kind, full_name, rev, path)
    headers = _headers(hub, found)
    if found.file.xet_hash is not None and XET_INFO in request.headers.get("accept", ""):
        return _xet_info(hub, found, headers)
    headers |= media_headers(path, download=_flag(request, "download"))
    if found.link is not None:
        return RedirectResponse(found.link, 302, headers)
    return content_response(
        request, etag=found.file.etag, size=found.file.size, source=_source(hub, found), headers=headers
    )


async def raw(request: Request) -> Response:
    """Send the git blob itself: for a large file, its pointer."""
    hub: Hub = request.app.state.hub
    kind, full_name, rev, path = _asked(request)
    found = await hub.read(repos.raw, credentials(request), hub.stores, kind, full_name, rev, path)
    headers = {REPO_COMMIT: found.commit_oid} | media_headers(path, download=False)
    return content_response(
        request, etag=found.file.etag, size=found.file.size, source=Bytes(found.data or b""), headers=headers
    )


async def _find(request: Request, hub: Hub, kind: Kind, full_name: str, rev: str, path: str) -> Content:
    """Find the file; a HEAD that was answered before is answered again without a thread, until anybody writes."""
    caller, address = credentials(request), _address(request)
    wanted = (kind, full_name, rev, path)
    if request.method != "HEAD" or caller.scheme == "session":  # sessions end by the clock
        return (await hub.read(_counted, caller, hub, address, *wanted, body=request.method != "HEAD"))[0]
    kept = hub.stores.db.kept
    version = kept.version()
    hit = kept.get(("head", caller, *wanted), version)
    if hit is MISSING:
        hit = await hub.read(_counted, caller, hub, address, *wanted, body=False)
        if hit[2]:
            kept.put(("head", caller, *wanted), hit, version)
    else:
        _note(hub, hit[0], path, address, hit[1])
    found: Content = hit[0]
    return found


def _counted(
    tx: ReadTx,
    actor: Actor,
    hub: Hub,
    address: str,
    kind: Kind,
    full_name: str,
    rev: str,
    path: str,
    *,
    body: bool,
) -> tuple[Content, int | None, bool]:
    """Find the file for whom the number says, and note that they asked for it; tell whether the answer may be kept.

    What is answered to a token that ends by the clock may not.
    """
    found = repos.resolve(tx, actor, hub.stores, kind, full_name, rev, path, body=body)
    _note(hub, found, path, address, actor.user_id)
    return found, actor.user_id, actor.token is None or actor.token.expires_at is None


def _note(hub: Hub, found: Content, path: str, address: str, user_id: int | None) -> None:
    """Count a download: a person by number, a stranger by address."""
    hub.counts.note(found.repo, path, address if user_id is None else f"user {user_id}")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _asked(request: Request) -> tuple[Kind, str, str, str]:
    params: dict[str, Any] = request.path_params
    return params["kind"], f"{params['ns']}/{params['name']}", params["rev"], params["path"]


def _source(hub: Hub, found: Content) -> Bytes | FileSlice | Stream:
    if found.file.pointer is None:
        return Bytes(found.data or b"")
    if found.local is not None:
        return FileSlice(found.local, 0, found.file.size)
    stored = found.file.stored
    assert stored is not None
    stores = hub.stores
    return Stream(lambda start, length: read_range(stores.db, stores.blobs, stored, start, length))


def _headers(hub: Hub, found: Content) -> dict[str, str]:
    file = found.file
    headers = {REPO_COMMIT: found.commit_oid, "Cache-Control": "no-cache"}
    if file.pointer is not None:
        headers |= {LINKED_ETAG: f'"{file.etag}"', LINKED_SIZE: str(file.size)}
    if file.xet_hash is not None:
        auth, info = _xet_links(hub, found)
        headers |= {XET_HASH: file.xet_hash, XET_REFRESH_ROUTE: auth, "Vary": "Accept"}
        headers["Link"] = f'<{auth}>; rel="xet-auth", <{info}>; rel="xet-reconstruction-info"'
    return headers


def _xet_links(hub: Hub, found: Content) -> tuple[str, str]:
    """Return where a CAS token and where the file's recipe come from. Source: hub-core contract 10.1; the links are absolute."""
    auth = f"{api_url(hub.url, found.repo)}/xet-read-token/{found.commit_oid}"
    return auth, f"{hub.cas_url}/v1/reconstructions/{found.file.xet_hash}"


def _xet_info(hub: Hub, found: Content, headers: dict[str, str]) -> Response:
    """Tell a client that asked for it how to rebuild the file, instead of sending it. Source: hub-core contract 10.1 (JS)."""
    auth, info = _xet_links(hub, found)
    etag = f'"{found.file.etag}"'
    shown = {
        "hash": found.file.xet_hash,
        "refreshUrl": auth,
        "reconstructionUrl": info,
        "etag": etag,
        "size": found.file.size,
    }
    return Json(shown, headers={**headers, "ETag": etag, "Content-Type": XET_INFO})


def _flag(request: Request, name: str) -> bool:
    return request.query_params.get(name, "").lower() in ("true", "1")


_PATH = "/{kind:prefix}{ns:seg}/{name:seg}"
routes = [
    Route(_PATH + "/resolve/{rev:rev}/{path:rest}", resolve, methods=["GET", "HEAD"]),
    Route(_PATH + "/raw/{rev:rev}/{path:rest}", raw, methods=["GET", "HEAD"]),
]
