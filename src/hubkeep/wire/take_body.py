"""Take large bodies off the socket: a thread reads what has come, block by block, into buffers that are used again.

uvicorn's own way hands each piece from the kernel to the application as new bytes, copied three times, over the event loop, and
to a thread from there. Here the loop only waits for the socket, as `send_bytes` lets it do for downloads. Applications look for
the extension in `scope["extensions"]`; it is there for plain HTTP only (`wire/zerocopy.py`).
"""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from itertools import cycle
from mmap import mmap
from typing import Protocol

from starlette.requests import ClientDisconnect
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from hubkeep.wire.threads import in_thread

EXTENSION = "hubkeep.http.body"
BLOCK = 1 << 20  # read, then given away, in one go
BURST = 4 << 20  # bytes for which a thread is held; then everybody else gets a turn
STALL_SECONDS = 300.0  # a client that sends nothing for so long is cut off
FEW, GATHERED = (
    64 << 10,
    128 << 10,
)  # read on the loop while less than `FEW` is there, until so much has been gathered

Write = Callable[[memoryview], None]


class Giver(Protocol):
    """A server's protocol, as far as it is needed here."""

    def give_body(self, cycle: RequestResponseCycle, length: int) -> tuple[bytes, int]:
        """Stop reading; return what came of a body of `length` bytes and was not asked for yet, and how many are to come."""

    def take_back(self, cycle: RequestResponseCycle, missing: int) -> None:
        """Read on; the next `missing` bytes are the rest of a body that nobody wants."""


class TakenBody:
    """The body of one request, to be taken by whoever holds this instead of by ASGI's `receive`."""

    def __init__(self, protocol: Giver, request: RequestResponseCycle) -> None:
        self._protocol, self._cycle, self._left = protocol, request, 0

    async def take(self, length: int, write: Write) -> None:
        """Give all `length` bytes of it to `write`, which runs in a thread and may use what it is given until it is called again.

        Raises:
            ClientDisconnect: the client went away, or sent nothing for too long. And what `write` raises.
        """
        request = self._cycle
        if request.disconnected or request.transport.is_closing():
            raise ClientDisconnect
        early, self._left = self._protocol.give_body(request, length)
        try:
            if early:
                await in_thread(write, memoryview(early))
            if self._left:
                await self._take_rest(write)
        except (ConnectionError, TimeoutError):
            request.disconnected = True
            request.transport.abort()
            raise ClientDisconnect from None
        finally:
            self._protocol.take_back(request, self._left)

    async def _take_rest(self, write: Write) -> None:
        connection = socket.socket(fileno=os.dup(self._cycle.transport.get_extra_info("socket").fileno()))
        try:
            size = min(BLOCK, self._left)
            # Mapped, not allocated: what a slow client never fills takes no memory.
            buffers = cycle([memoryview(mmap(-1, size)), memoryview(mmap(-1, size))])
            while self._left:
                block = next(buffers)[: self._left]
                filled = await self._gather(connection, block)
                await in_thread(self._burst, connection, block, filled, buffers, write)
        finally:
            connection.close()

    async def _gather(self, connection: socket.socket, block: memoryview) -> int:
        """Read the start of a block, on the loop, which is cheap for a slow client's little pieces; return its length."""
        filled = 0
        while True:
            got = _read(connection, block[filled : filled + FEW])
            filled += got
            self._left -= got
            if got == FEW or filled >= min(GATHERED, len(block)):
                return filled
            if self._cycle.disconnected:
                raise ConnectionResetError
            await _readable(connection)

    def _burst(
        self,
        connection: socket.socket,
        block: memoryview,
        filled: int,
        buffers: Iterator[memoryview],
        write: Write,
    ) -> None:
        """Read on while something is there, about `BURST` bytes, and write it."""
        taken = 0
        while True:
            got = _fill(connection, block[filled:])
            self._left -= got
            taken += filled + got
            write(block[: filled + got])  # be it empty: the other buffer is free after that
            if filled + got < len(block) or taken >= BURST or not self._left:
                return
            block, filled = next(buffers)[: self._left], 0


def _fill(connection: socket.socket, block: memoryview) -> int:
    """Read until the block is full or there is no more for now. Raises ConnectionError when the client has gone."""
    got = 0
    while got < len(block) and (more := _read(connection, block[got:])):
        got += more
    return got


def _read(connection: socket.socket, block: memoryview) -> int:
    """Read what is there, 0 when there is nothing for now. Raises ConnectionError when the client has gone."""
    try:
        got = connection.recv_into(block)
    except BlockingIOError:
        return 0
    if not got:
        raise ConnectionResetError
    return got


async def _readable(connection: socket.socket) -> None:
    """Wait until there is something to read. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        async with asyncio.timeout(STALL_SECONDS):
            await ready.wait()
    finally:
        loop.remove_reader(connection)
