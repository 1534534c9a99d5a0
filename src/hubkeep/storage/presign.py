"""Signed links of S3: downloads, with the file name that browsers save under, and parts (AWS Signature Version 4, in the query).

Source: the S3 API reference, "Authenticating Requests: Using Query Parameters".
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
MAX_SECONDS = 7 * 24 * 3600  # S3 refuses more


@dataclass(frozen=True)
class Keys:
    """Who signs. `session` is the session token of temporary keys, else empty."""

    access: str
    secret: str
    session: str = ""


def presigned_get(
    base: str, key: str, keys: Keys, region: str, moment: datetime, seconds: int, filename: str | None
) -> str:
    """Return a URL that downloads `key` for `seconds` from `moment` (UTC). `base` is the bucket's URL, path included."""
    query = {} if filename is None else {"response-content-disposition": disposition(filename)}
    return Presigner(base, keys, region, moment, seconds).sign("GET", key, query)


class Presigner:
    """Signs many requests to one bucket, all good for `seconds` from `moment` (UTC)."""

    def __init__(self, base: str, keys: Keys, region: str, moment: datetime, seconds: int) -> None:
        self._at = urlsplit(base)
        day, self._stamp = moment.strftime("%Y%m%d"), moment.strftime("%Y%m%dT%H%M%SZ")
        self._scope = f"{day}/{region}/s3/aws4_request"
        self._key = _key(keys.secret, day, region)
        self._query = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{keys.access}/{self._scope}",
            "X-Amz-Date": self._stamp,
            "X-Amz-Expires": str(min(seconds, MAX_SECONDS)),
        }
        if keys.session:
            self._query["X-Amz-Security-Token"] = keys.session

    def sign(
        self, method: str, key: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> str:
        """Return the address of one request; it must come with exactly these `headers` (names in lower case)."""
        path = quote(f"{self._at.path.rstrip('/')}/{key}")
        lines = sorted({"host": self._at.netloc, **(headers or {})}.items())
        names = ";".join(name for name, _ in lines)
        asked = "&".join(
            f"{quote(name, safe='')}={quote(value, safe='')}"
            for name, value in sorted({**self._query, **query, "X-Amz-SignedHeaders": names}.items())
        )
        given = "".join(f"{name}:{value}\n" for name, value in lines)
        request = f"{method}\n{path}\n{asked}\n{given}\n{names}\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"{ALGORITHM}\n{self._stamp}\n{self._scope}\n{digest}"
        signature = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        return f"{self._at.scheme}://{self._at.netloc}{path}?{asked}&X-Amz-Signature={signature}"


def disposition(filename: str) -> str:
    """Return a Content-Disposition for any file name (RFC 6266): plain ASCII for old clients, UTF-8 for the rest."""
    plain = "".join(char if " " <= char <= "~" and char not in '"\\%' else "_" for char in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
