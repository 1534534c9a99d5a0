"""How programs are answered at addresses that are not the API: who asks, what may be kept, what has not changed."""

import gzip
import hashlib

from starlette.requests import Request
from starlette.responses import Response

from hubkeep.accounts import ANONYMOUS, BadCredentials, Credentials
from hubkeep.hub import Hub
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import ask

HOUR = 3600
PNG = "image/png"
WORTH_PACKING = 2000  # bytes
LONG = 50_000  # bytes whose packing others should not wait for


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


async def answer(request: Request, body: str | bytes, media_type: str, *, public: bool) -> Response:
    """Send a document, or 304 to who has this very one. `public`: it is the same for everybody, and may be kept for an hour."""
    content = body.encode("utf-8", "replace") if isinstance(body, str) else body
    if len(content) < LONG:
        return _answer(request, content, media_type, public=public)
    hub: Hub = request.app.state.hub
    return await hub.compute(_answer, request, content, media_type, public=public)


def _answer(request: Request, content: bytes, media_type: str, *, public: bool) -> Response:
    etag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"public, max-age={HOUR}" if public else "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Vary": "Accept-Encoding" if public else "Accept-Encoding, Cookie, Authorization",
    }
    known = [part.strip() for part in request.headers.get("if-none-match", "").split(",")]
    if etag in known or etag.removeprefix("W/") in known:
        return Response(status_code=304, headers=headers)
    if media_type != PNG and len(content) > WORTH_PACKING and _takes_gzip(request):
        content = gzip.compress(content, 4, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=media_type, headers=headers)


def _takes_gzip(request: Request) -> bool:
    """Tell whether the other end unpacks gzip; one that says `gzip;q=0` does not."""
    parts = [part.split(";") for part in request.headers.get("accept-encoding", "").lower().split(",")]
    return any(name.strip() == "gzip" and "q=0" not in "".join(more).split() for name, *more in parts)


STRANGER = ANONYMOUS  # who reads what is made for everybody: nothing private can slip into it
