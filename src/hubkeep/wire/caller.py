"""What a request brought to prove who it is; the hop resolves it, inside its transaction."""

import base64
import binascii
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import HTTPConnection, Request

from hubkeep.accounts import ANONYMOUS, BadCredentials, Credentials, Origin
from hubkeep.hub import SESSION_COOKIE, Hub


def credentials(request: HTTPConnection) -> Credentials:
    """Read the Authorization header (Bearer, or Basic with any user name and the token as password), else the cookie.

    A cookie counts for changes only when a page of this hub sent it: another site, or a Space on a host beside ours, could
    make a browser send it too.

    Raises:
        BadCredentials: a header that is there but cannot be read; never treated as anonymous.
    """
    header = request.headers.get("authorization")
    if header is None:
        cookie = request.cookies.get(SESSION_COOKIE)
        return (
            Credentials("session", cookie, origin(request)) if cookie and _from_here(request) else ANONYMOUS
        )
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return Credentials("token", value.strip(), origin(request))
    if scheme.lower() == "basic":
        return Credentials("token", _password(value), origin(request))
    raise BadCredentials


def origin(request: HTTPConnection) -> Origin:
    """Return where a request came from, for the audit log."""
    return Origin(request.client.host if request.client else "", request.headers.get("user-agent", ""))


def _from_here(request: HTTPConnection) -> bool:
    """Return whether a request that carries a cookie only reads, or comes from a page of this hub, as the browser says."""
    if request.scope.get("method") in ("GET", "HEAD", "OPTIONS"):
        return True
    headers = request.headers
    if (site := headers.get("sec-fetch-site")) is not None:
        return site in ("same-origin", "none")
    hub: Hub = request.app.state.hub
    hosts = (headers.get("host"), urlsplit(hub.url).netloc)
    return urlsplit(headers.get("origin", "")).netloc in hosts


def _password(value: str) -> str:
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise BadCredentials from None
    return pair.partition(":")[2]


async def _caller(request: Request) -> Credentials:
    return credentials(request)


async def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


Caller = Annotated[Credentials, Depends(_caller)]
TheHub = Annotated[Hub, Depends(_hub)]
