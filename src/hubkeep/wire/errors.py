"""The one renderer of refusals for the wire: status, two headers, a JSON object. Nothing else shapes an error."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hubkeep.kit import HubError
from hubkeep.repos import RepoMoved
from hubkeep.wire.contract import ERROR_CODE, ERROR_MESSAGE
from hubkeep.wire.json import Json

log = logging.getLogger(__name__)

# Facts that a client reads out of the JSON body of one error, beside the sentence. Doors add their own.
EXTRA: dict[type[HubError], Callable[[HubError, str], Mapping[str, Any]]] = {}


def refusal(
    status: int, text: str, code: str | None = None, headers: Mapping[str, str] | None = None, **body: Any
) -> Response:
    """Build an error response.

    The body is always a JSON object, the sentence is in the header too: a HEAD has no body.
    Source: hub-core contract 2.5 and traps 30, 33.
    """
    shown = {ERROR_MESSAGE: header_text(text), **(headers or {})}
    if code:
        shown[ERROR_CODE] = code
    return Json({"error": text, **body}, status_code=status, headers=shown)


def header_text(text: str) -> str:
    """Make a sentence safe for a header: one line, Latin-1, 1,000 characters at most."""
    one_line = " ".join(text.split())[:1000]
    return one_line.encode("ascii", "replace").decode("ascii")


async def on_hub_error(request: Request, error: Exception) -> Response:
    """Render a HubError."""
    assert isinstance(error, HubError)
    if isinstance(error, RepoMoved):
        return moved(request, error)
    extra = EXTRA.get(type(error))
    body = extra(error, request.app.state.hub.url) if extra else {}
    headers = error.facts.get("headers")
    return refusal(
        error.status, str(error), error.code, headers if isinstance(headers, dict) else None, **body
    )


def moved(request: Request, error: RepoMoved) -> Response:
    """Redirect to the same call on the new name: 307 and a relative address, which keep method, body and token.

    Source: hub-core contract 2.3 and trap 40.
    """
    path: str = request.scope["path"]
    old, new = str(error.facts["name"]), str(error.facts["to"])
    target = path.replace(f"/{old}", f"/{new}", 1)
    query = request.scope["query_string"].decode("latin-1")
    return PlainTextResponse(f"Moved to {new}", 307, {"Location": f"{target}?{query}" if query else target})


async def on_invalid(request: Request, error: Exception) -> Response:
    """Render a body or query that does not have the declared shape: 400, naming every field."""
    del request
    assert isinstance(error, RequestValidationError)
    reasons = [
        f"{'.'.join(str(part) for part in e['loc'][1:]) or e['loc'][0]}: {e['msg']}" for e in error.errors()
    ]
    return refusal(400, "; ".join(reasons[:10]))


async def on_http(request: Request, error: Exception) -> Response:
    """Render the router's own 404 and 405."""
    assert isinstance(error, HTTPException)
    text = (
        f"Nothing is served at {request.method} {request.scope['path']}."
        if error.status_code == 404
        else error.detail
    )
    return refusal(error.status_code, text, None, error.headers)


async def on_bug(request: Request, error: Exception) -> Response:
    """Render an exception nobody expected: logged in full, told in one sentence."""
    log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return refusal(500, "Internal error: the hub's log tells more.")
