"""What git processes say, on its way to clients: as it comes, no faster than the client takes it, stopped when it leaves."""

import asyncio
import logging
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import IO

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hubkeep.git import KEEP_ALIVE, Lent, upload_pack
from hubkeep.hub import Hub
from hubkeep.repos import Push
from hubkeep.wire.send_bytes import until_gone
from hubkeep.wire.threads import finished, in_thread

log = logging.getLogger(__name__)
CHUNK = 256 << 10
MUCH, GATHER_SECONDS = 1 << 20, 0.002
KEEP_ALIVE_SECONDS = 5.0  # Source: git's own `receive.keepAlive`
_COMPLAINT_BYTES = 2000


class FetchResponse(Response):
    """Runs `git upload-pack` and sends what it writes; gives the repository back at the end."""

    def __init__(self, lent: Lent, protocol: str, asked: IO[bytes], headers: Mapping[str, str]) -> None:
        super().__init__(None, 200, headers)
        del self.headers["content-length"]
        self._lent, self._protocol, self._asked = lent, protocol, asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer. The connection breaks when git dies: a client must not take a part for the whole."""
        del scope
        with self._asked, tempfile.TemporaryFile() as complaints:
            try:
                process = await in_thread(
                    upload_pack, self._lent.directory, self._protocol, self._asked, complaints
                )
                await self._send(process, complaints, receive, send)
            finally:
                self._lent.close()

    async def _send(
        self, process: subprocess.Popen[bytes], complaints: IO[bytes], receive: Receive, send: Send
    ) -> None:
        gone = asyncio.ensure_future(until_gone(receive))
        gone.add_done_callback(lambda _: _stop(process))
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            await _pass_on(process, send)
            result = await in_thread(process.wait)
            if result < 0 and not gone.done():
                raise ChildProcessError(f"git upload-pack died of signal {-result}")
            if result:  # git has told the client what was wrong
                log.info("git upload-pack: %s", await in_thread(_read, complaints))
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            _stop(process)
            await in_thread(process.wait)


async def _pass_on(process: subprocess.Popen[bytes], send: Send) -> None:
    """Send what the process writes. In the middle of much, the pipe is given time to fill: git writes in small pieces."""
    assert process.stdout is not None
    sent = 0
    with process.stdout as stdout:
        os.set_blocking(stdout.fileno(), False)
        while chunk := await _next(stdout.fileno()):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            sent += len(chunk)
            # At least once to the loop: a client that is always ready must not keep others waiting.
            await asyncio.sleep(GATHER_SECONDS if sent > MUCH and len(chunk) < CHUNK // 2 else 0)


class PushResponse(Response):
    """Judges a push that has arrived, and tells the result; meanwhile the connection is kept alive.

    Judging may take minutes: it runs in the hub's pool for slow work, not where everybody's bytes are carried.
    """

    def __init__(self, hub: Hub, push: Push, headers: Mapping[str, str]) -> None:
        super().__init__(None, 200, headers)
        del self.headers["content-length"]
        self._hub, self._push = hub, push

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer. A push that has arrived is published even when its client has left."""
        del scope, receive
        try:
            result = asyncio.ensure_future(self._hub.compute(self._push.finish))
            try:
                await self._send_keep_alives(result, send)
            finally:
                answer = await finished(result)
            await send({"type": "http.response.body", "body": answer, "more_body": False})
        finally:
            await in_thread(self._push.close)

    async def _send_keep_alives(self, result: asyncio.Future[bytes], send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while not (await asyncio.wait([result], timeout=KEEP_ALIVE_SECONDS))[0]:
            if self._push.side_band:
                await send({"type": "http.response.body", "body": KEEP_ALIVE, "more_body": True})


async def _next(descriptor: int) -> bytes:
    """Read what a pipe has; wait on the loop when it has nothing."""
    while True:
        try:
            return os.read(descriptor, CHUNK)
        except BlockingIOError:
            await _readable(descriptor)


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_reader(descriptor, _resolve, ready)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)


def _resolve(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its helpers, unless it has ended."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _read(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    return complaints.read(_COMPLAINT_BYTES).decode("utf-8", "replace").strip()
