"""Requests are small unless a handler says that it streams: whatever reads a body into memory is bounded here."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

_KEY = "hubkeep.body_limit"


class BodyLimit:
    """A `receive` that refuses (413) a body over `limit` bytes: by its announced length if there is one, else by counting."""

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        self._scope, self._receive, self._limit, self._size = scope, receive, limit, 0
        scope[_KEY] = self

    def lift(self) -> None:
        """Let a body of any length through: the handler counts for itself."""
        self._limit = -1

    async def __call__(self) -> Message:
        """Receive the next message, unless there are too many bytes.

        Raises:
            HTTPException: 413. FastAPI lets no other exception through while it reads a body.
        """
        if self._limit < 0:
            return await self._receive()
        self._refuse(announced_length(self._scope) or 0)
        message = await self._receive()
        self._size += len(message.get("body", b""))
        self._refuse(self._size)
        return message

    def _refuse(self, size: int) -> None:
        if size > self._limit:
            raise HTTPException(413, f"The body is over the limit of {self._limit:,} bytes.")


def lift_body_limit(request: Request) -> None:
    """Call this in a handler that streams its body and bounds it itself."""
    limit = request.scope.get(_KEY)
    if isinstance(limit, BodyLimit):
        limit.lift()


def announced_length(scope: Scope) -> int | None:
    """Return the Content-Length, None when the body is chunked or there is none."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None
