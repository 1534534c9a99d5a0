"""Another hub, by its public API: enough to carry repositories over."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from email.message import Message
from http.client import HTTPException, HTTPResponse
from typing import IO, Any
from urllib.parse import urlencode, urljoin, urlsplit

from hubkeep import __version__
from hubkeep.kit import BadInput, HubError

TIMEOUT = 60  # seconds without a byte
ATTEMPTS = 6
MAX_WAIT = 320  # seconds: a rate limit's window and a little
MAX_JSON = 64 << 20
_AGAIN = frozenset((408, 429, 500, 502, 503, 504))
_NEXT = re.compile(r';\s*rel="?next\b')
_LINK = re.compile(r"<([^>]*)>([^<]*)")
_LEFT = re.compile(r";\s*r=0\s*;\s*t=(\d{1,6})")


class RemoteRefused(HubError):
    """The other hub does not answer, or says no."""

    status, text = 502, "{url}: {reason}."

    @property
    def answered(self) -> int:
        """The status it said no with, 0 for none."""
        found = self.facts.get("answered", 0)
        return found if isinstance(found, int) else 0


class _SameHostOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects, and shows the token to nobody but the hub that it belongs to."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise RemoteRefused(url=_plain(req.full_url), reason="leads to no address of the web")
        made = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]  # typeshed's HTTPMessage
        if made is not None and urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            made.remove_header("Authorization")
        return made


class Remote:
    """A hub at `base`, for somebody with `token` ("": a stranger)."""

    def __init__(self, base: str, token: str = "") -> None:
        if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).netloc:
            raise BadInput(field="--from", reason=f"{base!r} is no address of a hub (https://…)")
        self.base, self._token = base.rstrip("/"), token
        self._opener = urllib.request.build_opener(_SameHostOnly)

    @property
    def authorization(self) -> dict[str, str]:
        """The header that proves who asks."""
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def json(self, path: str, body: Mapping[str, Any] | None = None, **query: str) -> Any:
        """Call the API. Raises RemoteRefused."""
        url = self.base + path + (f"?{urlencode(query)}" if query else "")
        return self._json(url, body)[0]

    def pages(self, path: str, **query: str) -> Iterator[Any]:
        """Yield the items of a list, page after page. Raises RemoteRefused."""
        url: str | None = f"{self.base}{path}?{urlencode(query)}"
        while url is not None:
            items, headers = self._json(url, None)
            yield from items
            url = _next(headers, url)
            if url is not None and urlsplit(url)[:2] != urlsplit(self.base)[:2]:
                raise RemoteRefused(url=self.base, reason="its list goes on at another host")

    def stream(self, url: str, headers: Mapping[str, str], start: int = 0) -> HTTPResponse:
        """Open a download from byte `start`; 206, or 200 where that is not possible. Raises RemoteRefused."""
        asked = dict(headers) | ({"Range": f"bytes={start}-"} if start else {})
        return self._open(urllib.request.Request(url, headers=self._named(asked)))  # noqa: S310  http or https, checked

    def _json(self, url: str, body: Mapping[str, Any] | None) -> tuple[Any, Message]:
        headers = self._named(self.authorization | {"Accept": "application/json"})
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            kind = "application/vnd.git-lfs+json" if "/info/lfs/" in url else "application/json"
            headers |= {"Content-Type": kind, "Accept": kind}
        request = urllib.request.Request(url, data, headers)  # noqa: S310  likewise
        text, told = self._whole(request)
        try:
            return json.loads(text), told
        except ValueError:
            raise RemoteRefused(url=url, reason="did not answer with JSON: is it a hub?") from None

    def _whole(self, request: urllib.request.Request) -> tuple[bytes, Message]:
        """Return a short answer that came to its end; one that breaks off is asked for again. Raises RemoteRefused."""
        for attempt in range(ATTEMPTS):
            try:
                with self._open(request) as answer:
                    text = answer.read(MAX_JSON + 1)
                    told = answer.headers
            except (OSError, HTTPException) as error:
                broken = str(error) or type(error).__name__
            else:
                if len(text) > MAX_JSON:
                    raise RemoteRefused(url=request.full_url, reason=f"answered with over {MAX_JSON:,} bytes")
                promised = told.get("Content-Length", "")
                if not promised.isdigit() or len(text) == int(promised):
                    return text, told
                broken = f"{len(text):,} bytes instead of {int(promised):,}"
            if attempt < ATTEMPTS - 1:
                time.sleep(2**attempt)
        raise RemoteRefused(url=request.full_url, reason=f"breaks off ({broken})")

    def _open(self, request: urllib.request.Request) -> HTTPResponse:
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            try:
                answer: HTTPResponse = self._opener.open(request, timeout=TIMEOUT)
            except urllib.error.HTTPError as error:
                if last or error.code not in _AGAIN:
                    raise RemoteRefused(
                        url=_plain(request.full_url), reason=_reason(error), answered=error.code
                    ) from None
                time.sleep(_wait(error.headers, attempt))
            except (OSError, HTTPException) as error:
                if last:
                    raise RemoteRefused(
                        url=_plain(request.full_url),
                        reason=f"does not answer ({getattr(error, 'reason', error)})",
                    ) from None
                time.sleep(2**attempt)
            else:
                return answer
        raise AssertionError("unreachable")

    def _named(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {"User-Agent": f"hubkeep/{__version__} import", **headers}


def _next(headers: Message, base: str) -> str | None:
    """Return where a list goes on. Source: RFC 8288; addresses may hold commas."""
    for found in _LINK.finditer(headers.get("Link") or ""):
        if _NEXT.search(found[2]):
            return str(urljoin(base, found[1]))
    return None


def _wait(headers: Message, attempt: int) -> float:
    """Return how long to wait: as long as the hub says, in either of its two ways. Source: hub-core contract."""
    text = headers.get("Retry-After") or ""
    if text.isascii() and text.isdigit():
        return min(int(text) + 1, MAX_WAIT)
    left = _LEFT.search(headers.get("RateLimit") or "")
    return min(int(left[1]) + 1, MAX_WAIT) if left else float(2**attempt)


def _plain(url: str) -> str:
    """Return an address without its query: signatures stand there."""
    return url.partition("?")[0]


def _reason(error: urllib.error.HTTPError) -> str:
    text = (error.headers.get("X-Error-Message") or error.reason or "")[:200].rstrip(".")
    hint = {401: "; a token goes into IMPORT_TOKEN", 403: "; ask for access there, with that token's account"}
    return f"{error.code} {text}{hint.get(error.code, '')}"
