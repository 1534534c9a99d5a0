"""Take a request's body to a file: bounded, hashed on the way if asked, little memory, the loop never blocked."""

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from hubkeep.kit import BadInput, HubError, TooLarge
from hubkeep.wire.body_limit import announced_length, lift_body_limit
from hubkeep.wire.take_body import EXTENSION as TAKE
from hubkeep.wire.threads import finished, in_thread, start_beside, start_thread
from hubkeep.wire.write_behind import WriteBehind

BLOCK = 512 << 10  # written and hashed by one hop into a thread; networks deliver 1 to 256 KiB at a time
TAKE_FROM = 1 << 20  # bodies of this size are worth being taken off the socket
BESIDE_FROM = 256 << 10  # blocks of this size are written by one thread while another one hashes them
FORGET_FROM = 256 << 20  # bodies of this size do not stay in memory once they are on the disk


class ClientGone(HubError):
    """The client closed the connection in the middle of its own request."""

    status, text = 400, "The connection was closed before the whole body had arrived."


class DiskFull(HubError):
    """There is no room for what the client wants to send."""

    status, text = 507, "The hub has no room for {size} bytes."


@dataclass(frozen=True)
class Received:
    """A whole body in a file. `sha256` is its hash in hex when that was asked for, else ""."""

    path: Path
    size: int
    sha256: str = ""


@asynccontextmanager
async def receive_to_file(
    request: Request, scratch: Path, limit: int, *, sha256: bool = False, what: str = "The body"
) -> AsyncIterator[Received]:
    """Receive the body into a file of `scratch`, which is gone when the block ends, unless something moved it away.

    A body that is announced to be over `limit` bytes is refused before a byte of it is read; others are counted. `what`
    names the body in the refusal. Nothing is synced: whoever keeps the file does that; a body that is hashed is likely to be
    kept, so its bytes begin their way to the disk at once.

    Raises:
        TooLarge, DiskFull, ClientGone: nothing was kept.
    """
    announced = _announced(request, limit, what)
    file = await in_thread(_open, scratch, announced or 0, sha256)
    try:
        await receive_blocks(request, file.write, limit, what=what)
        await in_thread(file.close)
        yield Received(file.path, file.size, file.digest.hexdigest() if file.digest else "")
    finally:
        await in_thread(file.discard)


async def receive_into(
    request: Request, path: Path, offset: int, length: int, *, what: str = "The body"
) -> None:
    """Receive a body of exactly `length` bytes into an existing file, from `offset` on.

    Raises:
        TooLarge, BadInput, ClientGone: some of the bytes are there, and nothing beside their place was touched.
    """
    file = await in_thread(_open_at, path, offset)
    try:
        await receive_blocks(request, file.write, length, what=what)
        if file.size != length:
            raise BadInput(field=what, reason=f"must have {length:,} bytes, not {file.size:,}")
    finally:
        await in_thread(file.close)


async def receive_blocks(
    request: Request, write: Callable[[bytes | memoryview], None], limit: int, *, what: str = "The body"
) -> None:
    """Receive a body block by block; `write` runs in a thread and may use what it is given until it is called again.

    A large body of known length is taken off the socket by that thread itself, where the server lets it.

    Raises:
        TooLarge, ClientGone. And what `write` raises.
    """
    announced = _announced(request, limit, what)
    taken = (request.scope.get("extensions") or {}).get(TAKE)
    if taken is None or announced is None or announced < TAKE_FROM:
        await receive_by(request, lambda chunks: _each(write, chunks), limit, what=what)
        return
    try:
        await taken["body"].take(announced, write)
    except ClientDisconnect:
        raise ClientGone from None


def _each(write: Callable[[bytes | memoryview], None], chunks: Sequence[bytes]) -> None:
    for chunk in chunks:
        write(chunk)


async def receive_by(
    request: Request, write: Callable[[Sequence[bytes]], None], limit: int, *, what: str = "The body"
) -> None:
    """Receive and write at the same time: one block is with `write`, in a thread, while the next is being gathered.

    Raises:
        TooLarge, ClientGone. And what `write` raises.
    """
    lift_body_limit(request)
    _announced(request, limit, what)
    writing: asyncio.Future[None] | None = None
    gathered: list[bytes] = []
    size = waiting = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            waiting += len(chunk)
            gathered.append(chunk)
            if size > limit:
                raise TooLarge(field=what, limit=f"{limit:,} bytes")
            if waiting >= BLOCK:
                if writing is not None:
                    await finished(writing)
                writing = start_thread(write, gathered)
                gathered, waiting = [], 0
    except ClientDisconnect:
        raise ClientGone from None
    finally:
        if writing is not None:
            await finished(writing)
    if gathered:
        await in_thread(write, gathered)


def _announced(request: Request, limit: int, what: str) -> int | None:
    """Return the length that the client announced; refuse one over the limit before a byte is read."""
    announced = announced_length(request.scope)
    if announced is not None and announced > limit:
        raise TooLarge(field=what, limit=f"{limit:,} bytes")
    return announced


class _File:
    """A file in the making, and the hash of what is in it."""

    def __init__(self, fd: int, path: Path, *, sha256: bool, behind: WriteBehind | None) -> None:
        self._fd, self.path, self.size = fd, path, 0
        self.digest = hashlib.sha256() if sha256 else None
        self._behind = behind
        self._writing: Future[None] | None = None

    def write(self, block: bytes | memoryview) -> None:
        """Write and hash it, at the same time if it is large. It may still be in use until this is called again, or `close`."""
        self._settle()
        if len(block) >= BESIDE_FROM:
            self._writing = start_beside(self._put, block)
        else:
            self._put(block)
        if self.digest is not None:
            self.digest.update(block)
        self.size += len(block)

    def close(self) -> None:
        """Close it. Raises what the last write raised."""
        try:
            self._settle()
        finally:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1

    def discard(self) -> None:
        with suppress(OSError):  # of bytes that nobody wants any more
            self.close()
        self.path.unlink(missing_ok=True)

    def _put(self, block: bytes | memoryview) -> None:
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(self._fd, rest) :]
        if self._behind is not None:
            self._behind.wrote(len(block))

    def _settle(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()


def _open_at(path: Path, offset: int) -> _File:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    os.lseek(fd, offset, os.SEEK_SET)
    return _File(fd, path, sha256=False, behind=WriteBehind(fd, offset))


def _open(scratch: Path, announced: int, sha256: bool) -> _File:
    if announced > shutil.disk_usage(scratch).free:
        raise DiskFull(size=f"{announced:,}")
    fd, name = tempfile.mkstemp(dir=scratch, prefix="body-")
    behind = WriteBehind(fd, forget=announced >= FORGET_FROM) if sha256 else None
    return _File(fd, Path(name), sha256=sha256, behind=behind)
