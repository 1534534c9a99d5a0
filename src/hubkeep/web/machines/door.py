"""How programs are answered at addresses that are not the API: who asks, what may be kept, what has not changed."""

import hashlib
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from hubkeep.accounts import ANONYMOUS, BadCredentials, Credentials
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import ask

HOUR = 3600


def caller_of(request: Request) -> tuple[Asked, Credentials]:
    """Return the request as pages see it, and who asks: by a token in the header, else by the cookie.

    Raises BadCredentials for a header that is there but cannot be read.
    """
    asked = ask(request)
    header = request.headers.get("authorization")
    if header is None:
        return asked, asked.caller
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise BadCredentials
    return asked, Credentials("token", value.strip(), asked.origin)


def answer(
    request: Request,
    body: str | bytes,
    media_type: str,
    *,
    public: bool,
    more: Mapping[str, str] | None = None,
) -> Response:
    """Send a document, or 304 to who has this very one. `public`: it is the same for everybody, and may be kept for an hour."""
    content = body.encode("utf-8", "replace") if isinstance(body, str) else body
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"public, max-age={HOUR}" if public else "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        **({} if public else {"Vary": "Cookie, Authorization"}),
        **(more or {}),
    }
    if etag in [
        part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")
    ]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


STRANGER = ANONYMOUS  # who reads what is made for everybody: nothing private can slip into it
