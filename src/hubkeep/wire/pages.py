"""Pagination: an absolute `Link` to the next page, with everything the caller asked for.

Source: hub-core contract 2.7 and trap 34.
"""

import base64
import binascii
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request

from hubkeep.hub import Hub
from hubkeep.kit import BadInput


def next_link(request: Request, hub: Hub, cursor: Any) -> dict[str, str]:
    """Return the `Link` header for the page after `cursor` (any JSON value), nothing when there is none."""
    if cursor is None:
        return {}
    text = base64.urlsafe_b64encode(orjson.dumps(cursor)).decode().rstrip("=")
    asked = [(key, value) for key, value in request.query_params.multi_items() if key != "cursor"]
    return {"Link": f'<{hub.url}{request.scope["path"]}?{urlencode([*asked, ("cursor", text)])}>; rel="next"'}


def cursor_of(request: Request) -> Any:
    """Return what `next_link` was given, None on a first page. Raises BadInput for an altered one."""
    text = request.query_params.get("cursor")
    if not text:
        return None
    try:
        return orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        raise BadInput(field="cursor", reason="it was altered") from None


def limit_of(request: Request, most: int, default: int | None = None) -> int:
    """Return the page size: `limit` of the query, at most `most`. Raises BadInput."""
    text = request.query_params.get("limit")
    if text is None:
        return default or most
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise BadInput(field="limit", reason=f"must be a whole number from 1 to {most}, not {text[:20]!r}")
    return min(int(text), most)


def flag(request: Request, name: str) -> bool:
    """Return whether a query flag is on; old clients send Python's `True`. Source: hub-core contract trap 44."""
    text = request.query_params.get(name, "").lower()
    if text in ("", "0", "false", "none"):
        return False
    if text in ("1", "true"):
        return True
    raise BadInput(field=name, reason=f"must be true or false, not {text[:20]!r}")


def many(request: Request, name: str) -> list[str]:
    """Return every value of a repeated key, with or without brackets."""
    return [*request.query_params.getlist(name), *request.query_params.getlist(f"{name}[]")]
