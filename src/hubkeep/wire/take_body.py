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
FEW, PAUSE_SECONDS = 64 << 10, 0.004  # a slow client's bytes may gather for a moment: fewer turns

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
                before = self._left
                asked = min(before, BURST)
                await in_thread(self._burst, connection, buffers, asked, write)
                taken = before - self._left
                if self._cycle.disconnected:
                    raise ConnectionResetError
                if self._left and taken < asked:
                    await _readable(connection, PAUSE_SECONDS if taken < FEW else 0)
        finally:
            connection.close()

    def _burst(
        self, connection: socket.socket, buffers: Iterator[memoryview], asked: int, write: Write
    ) -> None:
        """Read what is there, at most `asked` bytes, and write it."""
        while asked:
            block = next(buffers)[:asked]
            got = _fill(connection, block)
            asked -= got
            self._left -= got
            write(block[:got])
            if got < len(block):
                return


def _fill(connection: socket.socket, block: memoryview) -> int:
    """Read until the block is full or there is no more for now. Raises ConnectionError when the client has gone."""
    got = 0
    while got < len(block):
        try:
            more = connection.recv_into(block[got:])
        except BlockingIOError:
            break
        if not more:
            raise ConnectionResetError
        got += more
    return got


async def _readable(connection: socket.socket, pause: float) -> None:
    """Wait a moment, and then until there is something to read. Raises TimeoutError."""
    await asyncio.sleep(pause)
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        async with asyncio.timeout(STALL_SECONDS):
            await ready.wait()
    finally:
        loop.remove_reader(connection)
