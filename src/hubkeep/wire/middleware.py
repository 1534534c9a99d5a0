"""The shell around every answer: request id, access log, cross-origin rules, protective headers, last-resort errors.

Plain ASGI, because every request pays for it. A 4xx or 5xx is shaped in `wire/errors.py`; here only what nothing else caught.
"""

import logging
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hubkeep.kit import Settings
from hubkeep.wire.body_limit import BodyLimit
from hubkeep.wire.client_address import Proxies
from hubkeep.wire.contract import EXPOSED_HEADERS, REQUEST_ID
from hubkeep.wire.errors import refusal

log = logging.getLogger(__name__)
access_log = logging.getLogger("hubkeep.access")

_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:;=+/-]{0,127}")
_NAMES = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2000}")
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
# Query keys whose values are logged; all others may carry signatures, tokens or what people search for.
_LOGGED = frozenset(
    b"service recursive expand create_pr limit full blobs download revision sort direction type".split()
)
_PRINTABLE = bytes(byte if 0x21 <= byte <= 0x7E else ord("?") for byte in range(256))
# Anybody's page may read what strangers may read, and call with a token of its own. Cookies never travel: no credentials.
_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED_HEADERS.encode()),
    (b"vary", b"Origin"),
]
_PREFLIGHT = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
    (b"access-control-max-age", b"86400"),
    (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
]


def wrap(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Put the shell around the application."""
    return Shell(app, settings)


class Shell:
    """See the module."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._limit = app, settings.json_max_bytes
        self._proxies = Proxies(settings.trusted_proxies) if settings.trusted_proxies else None
        self._protection = [
            (b"server", b"hubkeep"),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"x-frame-options", b"SAMEORIGIN"),
        ]
        if settings.url.startswith("https://"):
            self._protection.append((b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; everything that is not HTTP passes through."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        asked: Mapping[bytes, bytes] = dict(scope["headers"])
        if self._proxies is not None and b"x-forwarded-for" in asked and scope.get("client"):
            forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
            scope["client"] = (self._proxies.client(scope["client"][0], forwarded), 0)
        exchange = _Exchange(scope, asked, self._protection, send)
        try:
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in asked:
                await _preflight(asked, exchange.send)
            else:
                await self._serve(scope, receive, exchange)
        except Exception as error:  # noqa: BLE001  the last place where anything can be caught
            await exchange.fail(error)
        finally:
            exchange.log()

    async def _serve(self, scope: Scope, receive: Receive, exchange: "_Exchange") -> None:
        method: str = scope["method"]
        if method not in _BODILESS:
            receive = BodyLimit(scope, receive, self._limit)
        await self._app(scope, receive, exchange.send_unless_get_only if method == "HEAD" else exchange.send)
        if exchange.get_only:
            await self._app({**scope, "method": "GET"}, receive, exchange.send_without_body)


class _Exchange:
    """One request and its answer, as the shell sees them."""

    def __init__(
        self, scope: Scope, asked: Mapping[bytes, bytes], protection: list[tuple[bytes, bytes]], send: Send
    ) -> None:
        self._scope, self._send, self._began = scope, send, time.perf_counter()
        self._id = _request_id(asked)
        self._extra = [*protection, (_REQUEST_ID, self._id)]
        if b"origin" in asked:
            self._extra += _CORS
        self._status, self._bytes, self._ended = 0, 0, False
        self.get_only = False
        scope["hubkeep.request_id"] = self._id.decode()

    async def send(self, message: Message) -> None:
        """Pass a message on; the first one gets the headers of the shell."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            own = list(message.get("headers", ()))
            names = {name for name, _ in own}
            own += [pair for pair in self._extra if pair[0] not in names]
            message = {**message, "headers": own}
        else:
            self._bytes += message["count"] if "count" in message else len(message.get("body", b""))
        await self._send(message)

    async def send_unless_get_only(self, message: Message) -> None:
        """Pass the answer to a HEAD on, unless it says that only GET is served there: then drop it."""
        if message["type"] == "http.response.start" and message["status"] == 405:
            allowed = dict(message.get("headers", ())).get(b"allow", b"")
            self.get_only = b"GET" in allowed.split(b", ")
        if not self.get_only:
            await self.send(message)

    async def send_without_body(self, message: Message) -> None:
        """Pass the answer to a GET on as the answer to a HEAD."""
        if message["type"] == "http.response.start":
            await self.send(message)
        elif not self._ended:
            self._ended = True
            await self.send({"type": "http.response.body", "body": b""})

    async def fail(self, error: Exception) -> None:
        """Answer 500 when nothing was answered yet; in the middle of an answer the connection is cut by the server.

        `errors.on_bug` has logged what happened before an answer began.
        """
        if self._status:
            if self._status != 500:
                log.error("the answer broke off, request %s", self._id.decode(), exc_info=error)
            return
        log.error("nothing handled this, request %s", self._id.decode(), exc_info=error)
        response = refusal(500, "Internal error: the hub's log tells more.")
        await response(self._scope, _nothing, self.send)

    def log(self) -> None:
        """Write one line: who, what, status, bytes, milliseconds, id. 499: the client left before the answer."""
        if not access_log.isEnabledFor(logging.INFO):
            return
        scope, client = self._scope, self._scope.get("client")
        access_log.info(
            "%s %s %s %d %d %.1fms %s",
            client[0] if client else "-",
            scope["method"],
            _target(scope),
            self._status or 499,
            self._bytes,
            (time.perf_counter() - self._began) * 1000,
            self._id.decode(),
        )


_REQUEST_ID = REQUEST_ID.lower().encode()


def _request_id(asked: Mapping[bytes, bytes]) -> bytes:
    """Return the id that the client chose, if it is a plain word, else a new one. Source: hub-core contract 2.1."""
    for name in (_REQUEST_ID, b"x-amzn-trace-id"):
        chosen = asked.get(name)
        if chosen is not None and _ID.fullmatch(chosen):
            return chosen
    return secrets.token_hex(12).encode()


async def _preflight(asked: Mapping[bytes, bytes], send: Send) -> None:
    """Tell a browser that a page of another origin may make this call. Source: hub-core contract 2.9."""
    wanted = asked.get(b"access-control-request-headers", b"")
    headers = list(_PREFLIGHT)
    if _NAMES.fullmatch(wanted):
        headers.append((b"access-control-allow-headers", wanted))
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _target(scope: Scope) -> str:
    """Return path and query for the log, without what may be secret."""
    target: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    if query:
        target += b"?" + b"&".join(_shown(part) for part in query.split(b"&")[:20])
    return target.translate(_PRINTABLE).decode("ascii")


def _shown(part: bytes) -> bytes:
    name, _, value = part.partition(b"=")
    return part if name in _LOGGED and len(value) < 100 else name[:40] + b"=..."


async def _nothing() -> dict[str, Any]:
    return {"type": "http.disconnect"}
