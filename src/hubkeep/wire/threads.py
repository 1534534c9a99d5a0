"""Threads for carrying bytes. A request may be cancelled, the work in a thread may not: it holds files of ours."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_pool = ThreadPoolExecutor(16, "bytes")
_beside = ThreadPoolExecutor(16, "beside")  # apart: who waits for it may be in the pool above


async def in_thread(function: Callable[..., T], *args: object) -> T:
    """Run blocking work in a thread and wait until it has ended, even when the request is cancelled meanwhile."""
    return await finished(start_thread(function, *args))


def start_thread(function: Callable[..., T], *args: object) -> asyncio.Future[T]:
    """Start blocking work in a thread; `finished` waits for it."""
    return asyncio.get_running_loop().run_in_executor(_pool, function, *args)


def start_beside(function: Callable[..., T], *args: object) -> Future[T]:
    """Start blocking work beside that of the thread which calls this, and which must wait for its end."""
    return _beside.submit(function, *args)


async def finished(future: Awaitable[T]) -> T:
    """Await work that must not be abandoned half-way; a cancellation is told after it has ended."""
    task = asyncio.ensure_future(future)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
