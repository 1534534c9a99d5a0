"""Take a request's body to a file: bounded, hashed on the way if asked, little memory, the loop never blocked."""

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from hubkeep.kit import BadInput, HubError, TooLarge
from hubkeep.wire.body_limit import announced_length, lift_body_limit
from hubkeep.wire.threads import finished, in_thread, start_thread
from hubkeep.wire.write_behind import WriteBehind

BLOCK = 512 << 10  # written and hashed by one hop into a thread; networks deliver 1 to 256 KiB at a time


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
        await receive_by(request, file.write, limit, what=what)
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
        await receive_by(request, file.write, length, what=what)
        if file.size != length:
            raise BadInput(field=what, reason=f"must have {length:,} bytes, not {file.size:,}")
    finally:
        await in_thread(file.close)


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

    def write(self, chunks: Sequence[bytes]) -> None:
        for chunk in chunks:
            if self.digest is not None:
                self.digest.update(chunk)
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
            self.size += len(chunk)
            if self._behind is not None:
                self._behind.wrote(len(chunk))

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def discard(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)


def _open_at(path: Path, offset: int) -> _File:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    os.lseek(fd, offset, os.SEEK_SET)
    return _File(fd, path, sha256=False, behind=WriteBehind(fd, offset))


def _open(scratch: Path, announced: int, sha256: bool) -> _File:
    if announced > shutil.disk_usage(scratch).free:
        raise DiskFull(size=f"{announced:,}")
    fd, name = tempfile.mkstemp(dir=scratch, prefix="body-")
    return _File(fd, Path(name), sha256=sha256, behind=WriteBehind(fd) if sha256 else None)
