"""The one renderer of refusals for the wire: status, two headers, a JSON object. Nothing else shapes an error."""

import errno
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hubkeep.accounts import OwnerMoved, path_under
from hubkeep.kit import HubError, NotBuiltYet
from hubkeep.repos import RepoMoved
from hubkeep.wire.contract import ERROR_CODE, ERROR_MESSAGE
from hubkeep.wire.json import Json

log = logging.getLogger(__name__)

# Facts that a client reads out of the JSON body of one error, beside the sentence. Doors add their own.
EXTRA: dict[type[HubError], Callable[[HubError, str], Mapping[str, Any]]] = {}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
    """Make a sentence safe for a header: one line, printable ASCII, 1,000 characters at most."""
    one_line = " ".join(text.split())[:1000]
    return "".join(char if " " <= char <= "~" else "?" for char in one_line)


async def on_hub_error(request: Request, error: Exception) -> Response:
    """Render a HubError."""
    assert isinstance(error, HubError)
    if isinstance(error, RepoMoved | OwnerMoved):
        return moved(request, error)
    note(request, error)
    extra = EXTRA.get(type(error))
    body = extra(error, request.app.state.hub.url) if extra else {}
    headers = error.facts.get("headers")
    return refusal(
        error.status, str(error), error.code, headers if isinstance(headers, dict) else None, **body
    )


def note(request: Request, error: HubError) -> None:
    """Log a refusal that is not the caller's fault."""
    if error.status >= 500 and not isinstance(error, NotBuiltYet):
        log.error("%s %s: %s %s", request.method, request.scope["path"], error, error.facts or "")


def moved(request: Request, error: RepoMoved | OwnerMoved) -> Response:
    """Redirect to the same call on the new name: 307 and a relative address, which keep method, body and token.

    A call that names the repository or its owner elsewhere than in its path cannot be redirected: it is told the new name.
    Source: hub-core contract 2.3 and trap 40.
    """
    path: str = request.scope["path"]
    of_repo = isinstance(error, RepoMoved)
    target = (renamed if of_repo else path_under)(path, str(error.facts["name"]), str(error.facts["to"]))
    if target is None:
        return refusal(404, str(error), "RepoNotFound" if of_repo else None)
    query = request.scope["query_string"].decode("latin-1")
    location = f"{target}?{query}" if query else target
    return PlainTextResponse(f"Moved to {error.facts['to']}", 307, {"Location": location})


def renamed(path: str, old: str, new: str) -> str | None:
    """Put the repository's new name into an undecoded path; None if the old one (in any case, with or without `.git`) is not there.

    >>> renamed("/datasets/Ada/old.git/info/refs", "ada/old", "eve/new")
    '/datasets/eve/new.git/info/refs'
    """
    segments = path.split("/")
    wanted = old.lower().split("/")
    for place in range(len(segments) - 1):
        owner, name = (unquote(segment).lower() for segment in segments[place : place + 2])
        if [owner, name.removesuffix(".git")] == wanted:
            suffix = ".git" if name.endswith(".git") else ""
            segments[place : place + 2] = [quote(part, safe="") for part in new.split("/")]
            segments[place + 1] += suffix
            return "/".join(segments)
    return None


async def on_invalid(request: Request, error: Exception) -> Response:
    """Render a body or query that does not have the declared shape: 400, naming every field."""
    del request
    assert isinstance(error, RequestValidationError)
    return refusal(400, "; ".join(_reason(each) for each in error.errors()[:10]))


def _reason(found: Mapping[str, Any]) -> str:
    if found["type"] == "json_invalid":
        return f"The body is not valid JSON: {found['ctx']['error']} at character {found['loc'][1]}"
    field = ".".join(str(part) for part in found["loc"][1:]) or found["loc"][0]
    return f"{field}: {found['msg']}"


async def on_http(request: Request, error: Exception) -> Response:
    """Render what the router or the body's limit refuses: 404, 405, 413."""
    assert isinstance(error, HTTPException)
    path = request.scope["path"][:200]
    texts = {
        404: f"Nothing is served at {path}.",
        405: f"{request.method} {path} is not a call of this hub.",
    }
    return refusal(error.status_code, texts.get(error.status_code, error.detail), None, error.headers)


async def on_os_error(request: Request, error: Exception) -> Response:
    """Render a disk that is full, which the client should know and not retry at once; anything else is a bug."""
    if isinstance(error, OSError) and error.errno in FULL:
        log.error("no room: %s %s", request.method, request.scope["path"], exc_info=error)
        return refusal(507, "The hub has no room left on its disk. Nothing was changed.")
    return await on_bug(request, error)


async def on_bug(request: Request, error: Exception) -> Response:
    """Render an exception nobody expected: logged in full, told in one sentence.

    It may pass here twice, on its way out of two frameworks: the note says that it was logged.
    """
    met = f"{request.method} {request.scope['path']}, request {request.scope.get('hubkeep.request_id')}"
    if met not in getattr(error, "__notes__", ()):
        error.add_note(met)
        log.error("failed: %s", met, exc_info=error)
    return refusal(500, "Internal error: the hub's log tells more.")
