"""Answer HEAD and GET for content that never changes under its ETag: conditions, ranges, exact lengths.

Source: RFC 9110 sections 8, 13, 14; hub-core contract 10.1 and traps 22 to 25.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hubkeep.hub import Hub
from hubkeep.wire.byteranges import multipart, stream
from hubkeep.wire.errors import refusal
from hubkeep.wire.media import ACTIVE
from hubkeep.wire.ranges import Slice, Unsatisfiable, asked_ranges, matches, still_the_same
from hubkeep.wire.send_bytes import send_file, send_stream, spool


@dataclass(frozen=True)
class Bytes:
    """Content in hand."""

    data: bytes


@dataclass(frozen=True)
class FileSlice:
    """Content in a file: `length` bytes from `start`."""

    path: Path
    start: int
    length: int


@dataclass(frozen=True)
class Stream:
    """Content made on the way: `read(start, length)` yields it, in a thread, as fast as the client takes it."""

    read: Callable[[int, int], Iterator[bytes]]


SPOOL_BYTES = 512 << 10  # content in hand above this size waits for a slow client on disk, not in memory


def content_response(
    request: Request,
    *,
    etag: str,
    size: int,
    source: Bytes | FileSlice | Stream,
    headers: Mapping[str, str],
) -> Response:
    """Build the answer to a HEAD or GET of `size` bytes that are known as `etag`."""
    shown = {**headers, "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
    asked = request.headers
    if (wanted := asked.get("if-match")) is not None and not matches(wanted, etag, weak=False):
        return refusal(412, f'The content is "{etag}", which is not what If-Match names.', headers=shown)
    if (known := asked.get("if-none-match")) is not None and matches(known, etag, weak=True):
        return Response(status_code=304, headers=_without_body(shown))
    if request.method == "HEAD":
        return Response(headers={**shown, "Content-Length": str(size)})
    hub: Hub = request.app.state.hub
    # nginx drops the headers that seal such files off, so it never gets to send them.
    sealed = shown.get("Content-Type") in ACTIVE
    if isinstance(source, FileSlice) and hub.settings.accel_redirect and not sealed:
        return Response(headers={**shown, "X-Accel-Redirect": _internal(hub, source.path)})
    try:
        parts = _parts(asked, etag, size)
    except Unsatisfiable:
        return refusal(
            416,
            f"The range {asked['range'][:100]!r} has no byte of the {size} that there are.",
            headers=_without_body(shown) | {"Content-Range": f"bytes */{size}"},
        )
    if parts is None:
        return _body(hub, source, [Slice(0, size)], size, 200, shown)
    if len(parts) == 1:
        (part,) = parts
        shown["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{size}"
        return _body(hub, source, parts, part.length, 206, shown)
    body = multipart(parts, size, shown.get("Content-Type"))
    return _body(hub, source, body.pieces, body.length, 206, {**shown, "Content-Type": body.content_type})


def _parts(asked: Mapping[str, str], etag: str, size: int) -> list[Slice] | None:
    """Return the slices to send, None for everything. Raises Unsatisfiable."""
    wanted, same = asked.get("range"), asked.get("if-range")
    if wanted is None or (same is not None and not still_the_same(same, etag)):
        return None
    return asked_ranges(wanted, size)


def _body(
    hub: Hub,
    source: Bytes | FileSlice | Stream,
    pieces: Sequence[bytes | Slice],
    length: int,
    status: int,
    headers: dict[str, str],
) -> Response:
    if isinstance(source, Bytes) and length <= SPOOL_BYTES:
        return Response(_cut(source.data, pieces), status, headers)
    return _Content(source, pieces, length, hub.stores.scratch, status, headers)


def _cut(data: bytes, pieces: Sequence[bytes | Slice]) -> bytes:
    """Put the body together from content in hand."""
    return b"".join(
        data[piece.start : piece.start + piece.length] if isinstance(piece, Slice) else piece
        for piece in pieces
    )


def _without_body(headers: Mapping[str, str]) -> dict[str, str]:
    """Keep the headers that make sense without the content itself."""
    return {
        name: value
        for name, value in headers.items()
        if name not in ("Content-Type", "Content-Disposition", "Content-Security-Policy")
    }


def _internal(hub: Hub, path: Path) -> str:
    """Return the address by which nginx finds the file; it handles the range too."""
    inside = path.absolute().relative_to(hub.settings.data.absolute())
    return f"{hub.settings.accel_redirect.rstrip('/')}/{quote(str(inside))}"


class _Content(Response):
    """A response whose body is not in memory."""

    def __init__(
        self,
        source: Bytes | FileSlice | Stream,
        pieces: Sequence[bytes | Slice],
        length: int,
        scratch: Path,
        status: int,
        headers: dict[str, str],
    ) -> None:
        super().__init__(None, status, {**headers, "Content-Length": str(length)})
        self._source, self._pieces, self._length, self._scratch = source, pieces, length, scratch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; whatever cannot be opened fails before the first header leaves."""
        source, pieces, length = self._source, self._pieces, self._length
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        if isinstance(source, Stream):
            await send_stream(start, stream(pieces, source.read), length, receive, send)
        elif isinstance(source, FileSlice):
            await send_file(start, source.path, _moved(pieces, source.start), scope, receive, send)
        else:
            path = await spool(_cut(source.data, pieces), self._scratch)
            await send_file(start, path, [Slice(0, length)], scope, receive, send, remove=True)


def _moved(pieces: Sequence[bytes | Slice], by: int) -> list[bytes | Slice]:
    """Tell where slices of the content are in its file."""
    return [Slice(by + piece.start, piece.length) if isinstance(piece, Slice) else piece for piece in pieces]
