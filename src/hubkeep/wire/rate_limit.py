"""How much one user, or one address, may ask in a while: three buckets, as on the Hub.

Counts are kept in memory by each server process, within bounds: on N processes a client may get up to N times as much. That
keeps the hub usable when a program runs wild, and costs microseconds; it is no defence against a flood, which belongs into
what stands before the hub. Source: hub-core contract 2.6.
"""

import hashlib
import ipaddress
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import ceil

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hubkeep.accounts import Actor
from hubkeep.hub import SESSION_COOKIE, Hub
from hubkeep.kit import HubError, ReadTx
from hubkeep.wire.caller import credentials

API, PAGES, RESOLVERS = "api", "pages", "resolvers"
MAX_KEYS = 50_000  # users and addresses counted at once, and callers remembered: some 25 MB at most
_FREE = (
    "/-/static/",
    "/cas/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/favicon.ico",
    "/robots.txt",
    "/v1/telemetry",
)
_LARGE = "/info/lfs/objects/"  # the bytes themselves, by links that were given out by a counted call
_LARGE_PATH = re.compile(
    r"/(?:(?:models|datasets|spaces|kernels)/)?[^/]+/[^/]+/info/lfs/objects/[0-9a-f]{64}\b"
)
_COOKIE = SESSION_COOKIE.encode()
Key = int | str  # a user's number, or an address


class Windows:
    """Fixed windows: each key may count to its quota until its window ends, and then from zero again."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        # When it ends, how often; the oldest first. A plain dict looks for its first key among all that were deleted.
        self._open: OrderedDict[tuple[str, Key], list[float]] = OrderedDict()

    def count(self, bucket: str, key: Key) -> tuple[int, int]:
        """Count one; return how many there were in this window with it, and the seconds until the window ends."""
        moment = self._clock()
        place = (bucket, key)
        window = self._open.get(place)
        if window is None or window[0] <= moment:
            self._open.pop(place, None)
            self._make_room(moment)
            window = self._open[place] = [moment + self._seconds, 0]
        window[1] += 1
        return int(window[1]), ceil(window[0] - moment)

    def _make_room(self, moment: float) -> None:
        """Forget up to two windows that are over, and the oldest if there are too many."""
        for _ in range(2):
            oldest = next(iter(self._open), None)
            if oldest is None or (self._open[oldest][0] > moment and len(self._open) < MAX_KEYS):
                return
            del self._open[oldest]


class TooFast(HubError):
    """The caller's window is full. The sentence is for people; clients read the headers."""

    status = 429
    text = "You have reached the rate limit of {quota:,} requests in {seconds} seconds for {bucket}. Try again in {left} seconds."


def limited(app: ASGIApp, hub: Hub) -> ASGIApp:
    """Put limits around the application; nothing at all if no bucket has any."""
    rates = hub.settings.rates
    return RateLimit(app, hub) if rates.api or rates.pages or rates.resolvers else app


class RateLimit:
    """Counts requests, tells how many are left, and refuses when there are none."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self._app, self._hub = app, hub
        rates = hub.settings.rates
        self._windows = Windows(rates.window_seconds)
        self._quotas = {API: rates.api, PAGES: rates.pages, RESOLVERS: rates.resolvers}
        self._share, self._seconds = rates.anonymous_percent, rates.window_seconds
        self._salt = secrets.token_bytes(16)
        self._callers: OrderedDict[bytes, int | None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Raises TooFast."""
        bucket = bucket_of(scope["path"]) if scope["method"] != "OPTIONS" else None
        quota = self._quotas[bucket] if bucket is not None else 0
        if bucket is not None and quota:
            send = self._telling(send, await self._count(scope, bucket, quota))
        await self._app(scope, receive, send)

    async def _count(self, scope: Scope, bucket: str, quota: int) -> dict[str, str]:
        """Count the request; return what to tell about it."""
        user_id = await self._user(scope)
        if user_id is None:
            quota = max(1, quota * self._share // 100)
        count, left = self._windows.count(bucket, _address(scope) if user_id is None else user_id)
        headers = {
            "RateLimit": f'"{bucket}";r={max(0, quota - count)};t={left}',
            "RateLimit-Policy": f'"fixed window";"{bucket}";q={quota};w={self._seconds}',
        }
        if count > quota:
            headers["Retry-After"] = str(left)
            raise TooFast(quota=quota, seconds=self._seconds, bucket=bucket, left=left, headers=headers)
        return headers

    @staticmethod
    def _telling(send: Send, headers: Mapping[str, str]) -> Send:
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *pairs]}
            await send(message)

        return told

    async def _user(self, scope: Scope) -> int | None:
        """Return whose credentials a request brought, if they are good: nobody gets room by inventing tokens."""
        brought: Mapping[bytes, bytes] = dict(scope["headers"])
        proof = brought.get(b"authorization")
        if proof is None:
            proof = brought.get(b"cookie")
            if proof is None or _COOKIE not in proof:
                return None
        name = hashlib.blake2b(proof, digest_size=16, key=self._salt).digest()
        if name in self._callers:
            return self._callers[name]
        user_id = await self._look_up(scope)
        if len(self._callers) >= MAX_KEYS:
            self._callers.popitem(last=False)
        self._callers[name] = user_id
        return user_id

    async def _look_up(self, scope: Scope) -> int | None:
        try:
            caller = credentials(HTTPConnection(scope))
            return await self._hub.read(_user_id, caller)
        except HubError:  # the application will refuse it
            return None


def bucket_of(path: str) -> str | None:
    """Return which bucket an undecoded path counts in; None for what moves bytes by links, and for what is no work."""
    if path.startswith("/api/"):
        return RESOLVERS if path.startswith("/api/resolve-cache/") else API
    if path.startswith(_FREE) or (_LARGE in path and _LARGE_PATH.match(path)):
        return None
    if "/resolve/" in path or "/raw/" in path:
        return RESOLVERS
    return API if ".git/" in path or path.startswith("/oauth/") else PAGES


def _user_id(tx: ReadTx, actor: Actor) -> int | None:
    del tx
    return actor.user_id


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return _household(client[0]) if client else ""


@lru_cache(maxsize=4096)
def _household(text: str) -> str:
    """Return what addresses of one place have in common: one customer has a whole /64 of IPv6."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else text
