"""Signed download links of S3, with the file name that browsers save under (AWS Signature Version 4, in the query).

Source: the S3 API reference, "Authenticating Requests: Using Query Parameters".
"""

import hashlib
import hmac
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
    at = urlsplit(base)
    path = quote(f"{at.path.rstrip('/')}/{key}")
    day, stamp = moment.strftime("%Y%m%d"), moment.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{day}/{region}/s3/aws4_request"
    query = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{keys.access}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(min(seconds, MAX_SECONDS)),
        "X-Amz-SignedHeaders": "host",
    }
    if keys.session:
        query["X-Amz-Security-Token"] = keys.session
    if filename is not None:
        query["response-content-disposition"] = disposition(filename)
    asked = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items())
    )
    request = f"GET\n{path}\n{asked}\nhost:{at.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(request.encode()).hexdigest()
    signature = hmac.new(
        _key(keys.secret, day, region), f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}".encode(), hashlib.sha256
    ).hexdigest()
    return f"{at.scheme}://{at.netloc}{path}?{asked}&X-Amz-Signature={signature}"


def disposition(filename: str) -> str:
    """Return a Content-Disposition for any file name (RFC 6266): plain ASCII for old clients, UTF-8 for the rest."""
    plain = "".join(char if " " <= char <= "~" and char not in '"\\%' else "_" for char in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
