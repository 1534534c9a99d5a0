"""Drive an ASGI application by hand: bodies in pieces, clients that leave."""

import asyncio
from collections.abc import Iterable
from typing import Any


def scope_of(
    method: str, path: str, headers: dict[str, str] | None = None, query: str = ""
) -> dict[str, Any]:
    """Return the scope of a request as uvicorn makes it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": ("127.0.0.1", 1),
        "server": ("hub.test", 80),
    }


def drive(app, scope, body: Iterable[bytes] = (), *, cut: bool = False, leave_after: int | None = None):
    """Run one request, its body taken piece by piece; return every message sent.

    With `cut`, the connection ends after `body`, which was not all; with `leave_after`, after so many messages of the answer.
    """
    return asyncio.run(_drive(app, scope, iter(body), cut, leave_after))


async def _drive(app, scope, body, cut, leave_after):
    sent: list[dict[str, Any]] = []
    gone = asyncio.Event()
    ended = False

    async def receive():
        nonlocal ended
        await asyncio.sleep(0)
        piece = next(body, None)
        if piece is not None:
            return {"type": "http.request", "body": piece, "more_body": True}
        if not ended and not cut:
            ended = True
            return {"type": "http.request", "body": b"", "more_body": False}
        if not cut:
            await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        over = message["type"] == "http.response.body" and not message.get("more_body", False)
        if over or (leave_after is not None and len(sent) >= leave_after):
            gone.set()
        await asyncio.sleep(0)

    await app(scope, receive, send)
    return sent


def status_of(sent) -> int:
    """Return the status of an answer."""
    return int(sent[0]["status"])


def header_of(sent, name: str) -> str | None:
    """Return a header of an answer."""
    found = dict(sent[0]["headers"]).get(name.encode())
    return found.decode() if found is not None else None


def body_of(sent) -> bytes:
    """Return the body of an answer."""
    return b"".join(message.get("body", b"") for message in sent)
