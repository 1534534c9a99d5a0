"""Git over HTTP: clone, fetch and push for the git that everybody has.

Source: git's `gitprotocol-http` ("smart" protocol), hub-core contract section 12 and trap 50.
"""

import functools
import tempfile
import zlib
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import IO, Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from hubkeep import repos
from hubkeep.git import Lent, advertise_receive, advertisement, make_bare
from hubkeep.hub import Hub
from hubkeep.kit import BadInput, HubError, TooLarge
from hubkeep.repos import Kind, RepoMoved
from hubkeep.wire.caller import credentials
from hubkeep.wire.contract import ASK, ERROR_CODE, ERROR_MESSAGE
from hubkeep.wire.errors import header_text
from hubkeep.wire.git_stream import FetchResponse, PushResponse
from hubkeep.wire.receive import receive_by
from hubkeep.wire.threads import in_thread

# Source: `gitprotocol-http`: an answer is never to be kept.
NO_CACHE = {
    "Cache-Control": "no-cache, max-age=0, must-revalidate",
    "Expires": "Fri, 01 Jan 1980 00:00:00 GMT",
    "Pragma": "no-cache",
}
FETCH, PUSH = "git-upload-pack", "git-receive-pack"
MAX_FETCH_BYTES = 64 << 20  # what a client wants and has, a line of 50 bytes each
MAX_COMMAND_BYTES = 4 << 20
MAX_PROTOCOL = 200

Handler = Callable[[Request], Awaitable[Response]]


def git_handler(handler: Handler) -> Handler:
    """Shape refusals as git shows them: git prints the text of an answer that is plain text."""

    @wraps(handler)
    async def shaped(request: Request) -> Response:
        try:
            return await handler(request)
        except RepoMoved:
            raise
        except HubError as error:
            return _refusal(error.status, str(error), error.code)
        except HTTPException as error:
            return _refusal(error.status_code, error.detail)

    return shaped


@git_handler
async def info_refs(request: Request) -> Response:
    """Tell what is here, and what the hub can do."""
    hub, kind, full_name = _asked(request)
    service, protocol = request.query_params.get("service", ""), _protocol(request)
    if service == FETCH:
        lent = await hub.work(repos.open_for_fetch, credentials(request), kind, full_name)
        try:
            said = await _fetch_advertisement(hub, lent, protocol)
        finally:
            lent.close()
    elif service == PUSH:
        refs = await hub.read(repos.refs_for_push, credentials(request), kind, full_name)
        said = advertise_receive(refs, protocol)
    else:
        raise BadInput(
            field="service", reason=f"must be {FETCH} or {PUSH}: this hub needs git 1.6.6 or newer"
        )
    return Response(said, media_type=f"application/x-{service}-advertisement", headers=NO_CACHE)


@git_handler
async def upload_pack(request: Request) -> Response:
    """Answer one request of a clone or fetch."""
    hub, kind, full_name = _asked(request)
    _require_type(request, FETCH)
    lent = await hub.work(repos.open_for_fetch, credentials(request), kind, full_name)
    asked: IO[bytes] | None = None
    try:
        asked = await in_thread(_open_aside, hub.stores.scratch)
        await receive_by(
            request, _writer(request, asked.write, MAX_FETCH_BYTES), MAX_FETCH_BYTES, what="The request"
        )
        await in_thread(asked.seek, 0)
    except BaseException:
        lent.close()
        if asked is not None:
            asked.close()
        raise
    headers = {"Content-Type": f"application/x-{FETCH}-result", **NO_CACHE}
    return FetchResponse(lent, _protocol(request), asked, headers)


@git_handler
async def receive_pack(request: Request) -> Response:
    """Take a push."""
    hub, kind, full_name = _asked(request)
    _require_type(request, PUSH)
    limit = hub.settings.git.max_push_bytes + MAX_COMMAND_BYTES
    push = await hub.work(repos.begin_push, credentials(request), kind, full_name)
    try:
        take = _writer(request, lambda data: push.feed([data]), limit)
        await receive_by(request, take, limit, what="The push")
    except BaseException:
        await in_thread(push.close)
        raise
    headers = {"Content-Type": f"application/x-{PUSH}-result", **NO_CACHE}
    return PushResponse(hub, push, headers)


def _asked(request: Request) -> tuple[Hub, Kind, str]:
    hub: Hub = request.app.state.hub
    params: dict[str, Any] = request.path_params
    return hub, params["kind"], f"{params['ns']}/{params['name'].removesuffix('.git')}"


def _protocol(request: Request) -> str:
    """Return what the client says about versions; a header that git would not send counts as none."""
    text = request.headers.get("git-protocol", "")
    fine = (
        len(text) <= MAX_PROTOCOL
        and all(char.isalnum() or char in "=:.-_" for char in text)
        and text.isascii()
    )
    return text if fine else ""


def _require_type(request: Request, service: str) -> None:
    wanted = f"application/x-{service}-request"
    if request.headers.get("content-type", "").partition(";")[0].strip() != wanted:
        raise HTTPException(415, f"The body must be of the type {wanted}.")


async def _fetch_advertisement(hub: Hub, lent: Lent, protocol: str) -> bytes:
    if "version=2" in protocol.split(":"):
        return await hub.compute(_version_2, hub.stores.scratch)
    return await hub.compute(advertisement, lent.directory, protocol)


@functools.cache
def _version_2(scratch: Path) -> bytes:
    """Ask git once: in version 2 the first answer tells what the server can do, and nothing of the repository."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        directory = Path(folder) / "empty.git"
        make_bare(directory)
        return advertisement(directory, "version=2")


def _open_aside(scratch: Path) -> IO[bytes]:
    """Open a file without a name."""
    return tempfile.TemporaryFile(dir=scratch)


def _writer(
    request: Request, write: Callable[[bytes], object], limit: int
) -> Callable[[Sequence[bytes]], None]:
    """Return what takes the body's bytes, unpacked if they are packed. Raises BadInput."""
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding in ("gzip", "x-gzip"):
        return _Unzipping(write, limit)
    if encoding != "identity":
        raise HTTPException(415, f"The body must be sent as it is or with gzip, not with {encoding[:20]}.")
    return lambda chunks: _write_all(write, chunks)


def _write_all(write: Callable[[bytes], object], chunks: Sequence[bytes]) -> None:
    write(b"".join(chunks))


class _Unzipping:
    """Unpacks a body piece by piece; a few bytes may stand for very many, so what comes out is counted too."""

    def __init__(self, write: Callable[[bytes], object], limit: int) -> None:
        self._write, self._left, self._limit = write, limit, limit
        self._zip = zlib.decompressobj(wbits=31)

    def __call__(self, chunks: Sequence[bytes]) -> None:
        """Take the next pieces. Raises TooLarge, BadInput."""
        rest = b"".join(chunks)
        while rest:
            try:
                data = self._zip.decompress(rest, 1 << 20)
            except zlib.error:
                raise BadInput(field="The body", reason="is not valid gzip") from None
            self._left -= len(data)
            if self._left < 0:
                raise TooLarge(field="The body", limit=f"{self._limit:,} bytes unpacked")
            self._write(data)
            rest = self._zip.unconsumed_tail


def _refusal(status: int, text: str, code: str | None = None) -> Response:
    headers = {ERROR_MESSAGE: header_text(text), **NO_CACHE, **(ASK if status == 401 else {})}
    if code:
        headers[ERROR_CODE] = code
    return PlainTextResponse(f"{text}\n", status, headers)


_REPO = "/{kind:prefix}{ns:seg}/{name:seg}"
routes = [
    Route(_REPO + "/info/refs", info_refs, methods=["GET"]),
    Route(_REPO + f"/{FETCH}", upload_pack, methods=["POST"]),
    Route(_REPO + f"/{PUSH}", receive_pack, methods=["POST"]),
]
