"""Shards: files announced by a client. The answer is told in frames, because proving a large file takes a while.

Source: xet contract 5.1.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hubkeep import cas, repos
from hubkeep.accounts import ANONYMOUS, STRANGER
from hubkeep.hub import Hub
from hubkeep.kit import HubError
from hubkeep.repos import XetToken
from hubkeep.wire.json import Json
from hubkeep.wire.receive import receive_by
from hubkeep.wire.xet_bearer import xet_bearer

log = logging.getLogger(__name__)
KEEP_ALIVE = 20.0  # seconds; clients give up after 300 without a frame
LOOK = 0.5  # seconds between looks at how far it is

# Proofs have threads of their own, and each user has turns: a proof of terabytes stands in nobody else's way.
_PER_USER = 2
_proofs = ThreadPoolExecutor(8, "proof")
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, asyncio.Semaphore]] = WeakKeyDictionary()


async def shard_v1(request: Request) -> Response:
    """Register a shard and answer when all is done."""
    hub: Hub = request.app.state.hub
    token = xet_bearer(request)
    body = await _receive(request, token)
    is_new = await _register(hub, token, body, _Progress())
    return Json({"result": int(is_new)})


async def shard_v2(request: Request) -> Response:
    """Register a shard; tell how far it is, then how it ended. A refusal is a frame too: users see only its message."""
    token = xet_bearer(request)
    body = await _receive(request, token)
    return StreamingResponse(_frames(request, token, body), media_type="application/x-ndjson")


async def _receive(request: Request, token: XetToken) -> bytes:
    hub: Hub = request.app.state.hub
    await hub.read(repos.check_xet_upload, ANONYMOUS, token)
    pieces: list[bytes] = []
    await receive_by(request, pieces.extend, cas.MAX_SHARD, what="The shard")
    return b"".join(pieces)


class _GaveUp(Exception):
    """The client went away; nobody waits for the answer."""


class _Progress:
    """How far the proof is. Written by the thread that works, read by the one that tells."""

    def __init__(self) -> None:
        self.verified = self.total = 0
        self.wanted = threading.Event()
        self.wanted.set()

    def __call__(self, verified: int, total: int) -> None:
        """Note it; raises when it is of no use any more."""
        if not self.wanted.is_set():
            raise _GaveUp
        self.verified, self.total = verified, total

    def frame(self) -> bytes:
        """Tell it."""
        return _frame(type="validating", verified=self.verified, total=self.total)


async def _register(hub: Hub, token: XetToken, body: bytes, progress: "_Progress") -> bool:
    """Run the verb when it is this user's turn."""
    loop = asyncio.get_running_loop()
    turns = _turns.setdefault(loop, {})
    turn = turns.setdefault(token.user_id or 0, asyncio.Semaphore(_PER_USER))
    async with turn:
        verb = partial(repos.register_shard, hub.stores, STRANGER, token, body, progress)
        return await loop.run_in_executor(_proofs, verb)


async def _frames(request: Request, token: XetToken, body: bytes) -> AsyncIterator[bytes]:
    hub: Hub = request.app.state.hub
    progress = _Progress()
    work = asyncio.ensure_future(_register(hub, token, body, progress))
    try:
        async for frame in _until(work, progress):
            yield frame
        yield _outcome(work)
    finally:
        progress.wanted.clear()
        work.add_done_callback(
            lambda done: done.cancelled() or done.exception()
        )  # told, or nobody left to tell


async def _until(work: "asyncio.Future[bool]", progress: _Progress) -> AsyncIterator[bytes]:
    """Yield a frame when there is progress, and now and then when there is none, until the work is done."""
    told, loop = -1, asyncio.get_running_loop()
    last = loop.time()
    while not (await asyncio.wait([work], timeout=LOOK))[0]:
        if progress.verified != told or loop.time() - last >= KEEP_ALIVE:
            told, last = progress.verified, loop.time()
            yield progress.frame()
    if work.exception() is None:
        yield _frame(type="committing", stage="syncing")


def _outcome(work: "asyncio.Future[bool]") -> bytes:
    error = work.exception()
    if error is None:
        return _frame(type="result")
    if isinstance(error, HubError):
        return _frame(type="error", message=str(error), retryable=error.status >= 500)
    log.error("registering a shard failed", exc_info=error)
    return _frame(type="error", message="The hub failed; its log tells more.", retryable=True)


def _frame(**facts: Any) -> bytes:
    return orjson.dumps(facts) + b"\n"
