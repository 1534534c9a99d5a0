"""Carry bytes from files and generators to clients: fair between connections, little memory for each, no thread held.

The loop never waits for a disk, and no client waits for another: every chunk yields. A client that went away stops the work.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from hubkeep.kit import HubError
from hubkeep.wire.ranges import Slice
from hubkeep.wire.threads import in_thread

ZERO_COPY = "http.response.zerocopysend"  # Source: ASGI specification, extensions
CHUNK = 128 << 10  # of a file, when the server cannot send files itself
LEAST, MOST = 64 << 10, 256 << 10  # pulled from a generator in one go: from a slow, from a fast client's
SLOW_SECONDS = 0.05  # a chunk that takes longer to leave belongs to a slow client

NOWAIT = getattr(os, "RWF_NOWAIT", None)


class BytesDamaged(HubError):
    """What is stored is not what was promised: the operator must look."""

    status, text = 500, "The stored bytes of this file are damaged or missing: `hubkeep fsck` tells more."


async def send_file(
    start: Message,
    path: Path,
    pieces: Sequence[bytes | Slice],
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    remove: bool = False,
) -> None:
    """Send slices of a file, and bytes between them; with `remove`, the file's name is gone as soon as it is open.

    Raises:
        BytesDamaged: the file is missing or too short; nothing was sent.
    """
    end = max(piece.start + piece.length for piece in pieces if isinstance(piece, Slice))
    fd = await in_thread(_open, path, end, remove)
    try:
        await send(start)
        if ZERO_COPY in (scope.get("extensions") or {}):
            await _send_inside(fd, pieces, send)
        else:
            await _send_chunks(fd, pieces, receive, send)
    finally:
        os.close(fd)


async def send_stream(
    start: Message, pieces: Iterator[bytes], length: int, receive: Receive, send: Send
) -> None:
    """Send what a generator yields, exactly `length` bytes; it runs in a thread only while the client has room.

    Raises:
        BytesDamaged: it yielded fewer or more. If nothing was sent yet, the client hears of it, else the connection breaks.
    """
    gone = asyncio.ensure_future(until_gone(receive))
    batch, left = LEAST, length
    try:
        taken = await in_thread(_pull, pieces, batch, left)
        await send(start)
        while True:
            left -= sum(map(len, taken))
            quick = await _send_and_drain(send, taken, more=left > 0)
            if left == 0 or gone.done():
                return
            batch = min(batch * 2, MOST) if quick else LEAST
            taken = await in_thread(_pull, pieces, batch, left)
    finally:
        gone.cancel()
        if close := getattr(pieces, "close", None):
            await in_thread(close)


async def spool(data: bytes, scratch: Path) -> Path:
    """Write content to a file in `scratch`, so that it waits on disk for its client."""
    return await in_thread(_write, data, scratch)


async def _send_inside(fd: int, pieces: Sequence[bytes | Slice], send: Send) -> None:
    """Let the server send the slices, inside the kernel."""
    for number, piece in enumerate(pieces, 1):
        more = number < len(pieces)
        if isinstance(piece, bytes):
            await send({"type": "http.response.body", "body": piece, "more_body": more})
        else:
            count = {"offset": piece.start, "count": piece.length}
            await send({"type": ZERO_COPY, "file": fd, **count, "more_body": more})


async def _send_chunks(fd: int, pieces: Sequence[bytes | Slice], receive: Receive, send: Send) -> None:
    gone = asyncio.ensure_future(until_gone(receive))
    try:
        for piece in pieces:
            if isinstance(piece, bytes):
                await _send_and_drain(send, [piece], more=True)
                continue
            offset, end = piece.start, piece.start + piece.length
            while offset < end and not gone.done():
                body = await _read(fd, offset, min(CHUNK, end - offset))
                offset += len(body)
                await _send_and_drain(send, [body], more=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()


async def _read(fd: int, offset: int, length: int) -> bytes:
    """Read at most `length` bytes, at least one. Raises BytesDamaged."""
    body = _read_now(fd, offset, length)
    if body is None:
        body = await in_thread(os.pread, fd, length, offset)
    if not body:
        raise BytesDamaged
    return body


def _read_now(fd: int, offset: int, length: int) -> bytes | None:
    """Read what the page cache has, None when the disk would have to be asked."""
    if NOWAIT is None:
        return None
    buffer = bytearray(length)
    try:
        got = os.preadv(fd, [buffer], offset, NOWAIT)
    except OSError:  # BlockingIOError, or a file system that cannot tell
        return None
    return bytes(buffer) if got == length else bytes(buffer[:got]) or None


async def _send_and_drain(send: Send, bodies: Sequence[bytes], *, more: bool) -> bool:
    """Send, wait until the connection takes the next bytes, give others their turn. Return whether that was quick."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for body in bodies:
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": more})
    quick = loop.time() - began < SLOW_SECONDS
    await asyncio.sleep(0)
    return quick


async def until_gone(receive: Receive) -> None:
    """Return when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _open(path: Path, end: int, remove: bool) -> int:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise BytesDamaged(file=str(path), found="nothing") from None
    if remove:
        path.unlink()
    size = os.fstat(fd).st_size
    if size < end:
        os.close(fd)
        raise BytesDamaged(file=str(path), found=f"{size} bytes")
    return fd


def _pull(pieces: Iterator[bytes], least: int, left: int) -> list[bytes]:
    """Take pieces until there are `least` bytes. Raises BytesDamaged when there are no more, or more than `left`."""
    taken, size, wanted = [], 0, min(least, left)
    while size < wanted:
        piece = next(pieces, None)
        if piece is None or size + len(piece) > left:
            raise BytesDamaged
        taken.append(piece)
        size += len(piece)
    return taken


def _write(data: bytes, scratch: Path) -> Path:
    with tempfile.NamedTemporaryFile(dir=scratch, prefix="send-", delete=False) as file:
        file.write(data)
    return Path(file.name)
