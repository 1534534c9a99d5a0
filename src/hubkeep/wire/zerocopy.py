"""uvicorn with `http.response.zerocopysend`: file content goes from the page cache to the socket inside the kernel.

Large bodies may be taken off the socket without a detour (`wire/take_body.py`).

Written against uvicorn 0.54: it reaches into the protocol and its request cycle, so the version is pinned and
`tests/unit/wire/test_zerocopy.py` drives the real server. Applications must look for the extension in
`scope["extensions"]`; it is there for plain HTTP only.

Source: ASGI specification, extensions, "zero copy send".
"""

import asyncio
import os
from typing import Any, cast

import httptools
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from hubkeep.wire.take_body import EXTENSION as BODY
from hubkeep.wire.take_body import TakenBody
from hubkeep.wire.threads import in_thread

EXTENSION = "http.response.zerocopysend"
LEAST, MOST = 256 << 10, 2 << 20  # bytes in one call; then everybody else gets a turn
ROUND = 16 << 20  # bytes until everybody had one: few connections get larger windows than many
STALL_SECONDS = 300.0  # a client that takes nothing for so long is cut off
_NOWAIT = getattr(os, "RWF_NOWAIT", None)
_PROBE = [bytearray(1)]  # what is read there, nobody looks at
_sending: set[int] = set()  # sockets that files are being sent to, by the descriptor that is ours


class ZeroCopyProtocol(HttpToolsProtocol):
    """The HTTP/1.1 protocol of uvicorn, able to send files and to give bodies away. No client holds it for ever by taking nothing."""

    _stalled: asyncio.TimerHandle | None = None
    _came = 0  # bytes of the current request's body that the parser has handed out
    _unwanted = 0  # bytes still to come of a body that was given away and not taken to its end

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless it is the rest of a body that nobody wants: that must not be taken for a request."""
        if self._unwanted:
            self._unset_keepalive_if_required()
            skipped = min(self._unwanted, len(data))
            self._unwanted -= skipped
            data = data[skipped:]
            if not data:
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin to count the body."""
        super().on_message_begin()
        self._came = 0

    def on_body(self, body: bytes) -> None:
        """Hand on what came as it is, where uvicorn copies it into a buffer and out of it again; several pieces still go there."""
        self._came += len(body)
        cycle: Any = self.cycle  # whose `body` may be bytes here
        if cycle.body or cycle.response_complete or self.parser.should_upgrade():
            if isinstance(cycle.body, bytes):
                cycle.body = bytearray(cycle.body)
            super().on_body(body)
            return
        cycle.body = body
        if len(body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def give_body(self, cycle: RequestResponseCycle, length: int) -> tuple[bytes, int]:
        """Stop reading; return what came of a body of `length` bytes and was not asked for yet, and how many are to come."""
        if cycle.waiting_for_100_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            cycle.waiting_for_100_continue = False
        early, cycle.body = bytes(cycle.body), bytearray()
        if not cycle.more_body:
            return early, 0
        self.flow.pause_reading()
        return early, length - self._came

    def take_back(self, cycle: RequestResponseCycle, missing: int) -> None:
        """Read on; the next `missing` bytes are the rest of a body that nobody wants."""
        if not cycle.more_body or self.transport.is_closing():
            return
        cycle.more_body = False
        cycle.message_event.set()
        self._unwanted = missing
        self.parser = httptools.HttpRequestParser(
            self
        )  # the old one waits for a body that has come another way
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.flow.resume_reading()

    def pause_writing(self) -> None:
        """Begin to count the time in which the client takes nothing of what waits for it."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALL_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop counting."""
        super().resume_writing()
        self._forget_stall()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting."""
        self._forget_stall()
        super().connection_lost(exc)

    def _forget_stall(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Start the application on a request, with the extension where the socket is in our hands."""
        if self.scheme == "http" and hasattr(os, "sendfile"):
            app = _WithFiles(app, cycle, self)
        super()._start_asgi_task(cycle, app)


class _WithFiles:
    """An application that is told of the extensions, and whose `send` understands the one for files."""

    def __init__(self, app: ASGIApp, cycle: RequestResponseCycle, protocol: ZeroCopyProtocol) -> None:
        self._app, self._cycle, self._protocol = app, cycle, protocol

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {**(scope.get("extensions") or {}), EXTENSION: {}}
        if scope["method"] in ("PUT", "POST"):
            scope["extensions"][BODY] = {"body": TakenBody(self._protocol, self._cycle)}

        async def send_or_copy(message: Message) -> None:
            if message["type"] == EXTENSION:
                await self._copy(message)
            else:
                await send(message)

        await self._app(scope, receive, send_or_copy)

    async def _copy(self, message: Message) -> None:
        """Send `count` bytes of the open file from `offset`; then go on as after any body message."""
        cycle, count = self._cycle, int(message["count"])
        if not cycle.response_started or cycle.response_complete or cycle.chunked_encoding:
            raise RuntimeError(f"{EXTENSION} needs a started response with a Content-Length")
        if count > cycle.expected_content_length:
            raise RuntimeError("Response content longer than Content-Length")
        await _drain(cycle)
        if not cycle.disconnected:
            await _send_file(cycle, int(message["file"]), int(message.get("offset", 0)), count)
        if not cycle.disconnected:
            cycle.expected_content_length -= count
            rest = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
            await cycle.send(cast("Any", rest))


async def _drain(cycle: RequestResponseCycle) -> None:
    """Wait until the transport's own buffer, with the headers in it, is empty: what follows goes past it."""
    cycle.transport.set_write_buffer_limits(high=0)
    try:
        await cycle.flow.drain()
    finally:
        if not cycle.transport.is_closing():
            cycle.transport.set_write_buffer_limits()


async def _send_file(cycle: RequestResponseCycle, file: int, offset: int, count: int) -> None:
    """Copy inside the kernel, window by window. A client that leaves or stalls ends it and marks the cycle."""
    socket = os.dup(cycle.transport.get_extra_info("socket").fileno())
    _sending.add(socket)
    try:
        end = offset + count
        while offset < end and not cycle.disconnected:
            asked = min(_window(), end - offset)
            sent = await _send(socket, file, offset, asked)
            if sent == 0:
                raise OSError("the file ended early")
            offset += sent or 0
            if sent == asked:
                await asyncio.sleep(0)
            else:  # the socket is full
                await _writable(socket)
    except (ConnectionError, TimeoutError):
        cycle.disconnected = True
        cycle.transport.abort()
    finally:
        _sending.discard(socket)
        os.close(socket)


def _window() -> int:
    """Return how many bytes may be sent in one call, as many connections as there are now."""
    return max(LEAST, min(MOST, ROUND // len(_sending)))


async def _send(socket: int, file: int, offset: int, length: int) -> int | None:
    """Send one window, or less; None when the socket is full. What is not in the page cache is sent by a thread."""
    try:
        if all(
            _cached(file, place) for place in (*range(offset, offset + length, LEAST), offset + length - 1)
        ):
            return os.sendfile(socket, file, offset, length)
        return await in_thread(os.sendfile, socket, file, offset, length)
    except BlockingIOError:
        return None


def _cached(file: int, offset: int) -> bool:
    """Return whether the byte at `offset` can be read without the disk. Where nobody can tell: no."""
    if _NOWAIT is None:
        return False
    try:
        return os.preadv(file, _PROBE, offset, _NOWAIT) == 1
    except OSError:
        return False


async def _writable(socket: int) -> None:
    """Wait until the socket takes more. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_writer(socket, ready.set)
    try:
        async with asyncio.timeout(STALL_SECONDS):
            await ready.wait()
    finally:
        loop.remove_writer(socket)
