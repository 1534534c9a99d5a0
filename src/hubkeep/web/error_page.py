"""Refusals outside our own routes, as pages: what a browser gets where a program gets JSON."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.web.answer import Answer
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import ask, read_page, respond
from hubkeep.web.failure import failure
from hubkeep.web.render import render

Handler = Callable[[Request, Exception], Awaitable[Response]]

# Never pages, whoever asks: programs read these.
_NOT_PAGES = ("/api/", "/cas/", "/-/static/", "/v1/", "/v2/", "/openapi.json", "/healthz", "/readyz")


def or_page(handler: Handler) -> Handler:
    """Return a handler of errors that answers a browser with a page where `handler` answers with a refusal."""

    async def handle(request: Request, error: Exception) -> Response:
        refused = await handler(request, error)
        if refused.status_code < 400 or not wants_page(request):
            return refused
        return await error_page(
            request, refused.status_code, refused.headers.get("x-error-message", str(error))
        )

    return handle


def wants_page(request: Request) -> bool:
    """Tell whether a person looks at this: a browser that opens an address, not a program that calls one."""
    path: str = request.scope["path"]
    if request.method not in ("GET", "HEAD") or path.startswith(_NOT_PAGES):
        return False
    html, json = (
        _place(request.headers.get("accept", ""), kind) for kind in ("text/html", "application/json")
    )
    return html is not None and (json is None or html < json)


async def error_page(request: Request, status: int, text: str) -> Response:
    """Return a refusal as a page. An internal error asks nobody who is there: the database may be what broke.

    Nor does "too fast": it must cost next to nothing.
    """
    asked = ask(request)
    if status >= 500 or status == 429:
        page = failure(status, text, asked.here, anonymous=False)
        return respond(asked, page, render(page, asked, None))
    return respond(
        asked, *await asked.hub.read(read_page, asked.caller, asked, partial(_refused, status, text))
    )


def _refused(status: int, text: str, tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    del tx
    return failure(status, text, asked.here, anonymous=actor.anonymous)


def _place(accept: str, kind: str) -> int | None:
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return kinds.index(kind) if kind in kinds else None
