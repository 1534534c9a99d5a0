"""Refusals as git-lfs reads them: its own media type, and the sentence under `message` beside our `error`."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hubkeep.kit import HubError
from hubkeep.repos import RepoMoved
from hubkeep.wire.contract import ASK, BASIC, LFS_JSON
from hubkeep.wire.errors import note, refusal

# Both make git-lfs ask for a user name and a password (the token). Source: git-lfs API documentation, "Authentication".
LFS_ASK = {"LFS-Authenticate": BASIC, **ASK}

Handler = Callable[[Request], Awaitable[Response]]


def lfs_handler(handler: Handler) -> Handler:
    """Shape what a handler refuses. A repository that moved is a redirect, as everywhere."""

    @wraps(handler)
    async def shaped(request: Request) -> Response:
        try:
            return await handler(request)
        except RepoMoved:
            raise
        except HubError as error:
            note(request, error)
            return lfs_refusal(request, error.status, str(error), error.code)
        except HTTPException as error:
            return lfs_refusal(request, error.status_code, error.detail)

    return shaped


def lfs_refusal(request: Request, status: int, text: str, code: str | None = None) -> Response:
    """Build a refusal for git-lfs."""
    headers: Mapping[str, str] = LFS_ASK if status == 401 else {}
    request_id = request.scope.get("hubkeep.request_id", "")
    response = refusal(status, text, code, headers, message=text, request_id=request_id)
    response.headers["content-type"] = LFS_JSON
    return response
