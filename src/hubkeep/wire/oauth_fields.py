"""What programs that speak OAuth send: forms, JSON, and who they say they are."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import orjson
from starlette.requests import Request

from hubkeep.accounts.oauth import InvalidClient, InvalidMetadata
from hubkeep.kit import BadInput, TooLarge

MAX_BYTES = 64 << 10
MAX_FIELDS = 50


def client_of(request: Request, asked: Mapping[str, str]) -> tuple[str, str]:
    """Return who the program says it is, and its secret: in the header, or among the fields. Raises InvalidClient.

    Source: RFC 6749 2.3.1.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return asked.get("client_id", ""), asked.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidClient from None
    return unquote_plus(name), unquote_plus(secret)


async def fields_of(request: Request) -> Mapping[str, str]:
    """Return what was sent, as a form or as JSON. Raises BadInput, TooLarge."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return {name: value for name, value in (await json_of(request)).items() if isinstance(value, str)}
    if kind != "application/x-www-form-urlencoded":
        raise BadInput(field="body", reason="must be application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl((await _body(request)).decode(), max_num_fields=MAX_FIELDS, keep_blank_values=True)
    except ValueError:
        raise BadInput(field="body", reason=f"must be UTF-8 with at most {MAX_FIELDS} fields") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise BadInput(field="body", reason="a field is there twice")
    return dict(pairs)


async def json_of(request: Request) -> dict[str, Any]:
    """Return the JSON object that was sent. Raises BadInput, TooLarge."""
    try:
        found = orjson.loads(await _body(request))
    except orjson.JSONDecodeError:
        raise BadInput(field="body", reason="must be JSON") from None
    if not isinstance(found, dict):
        raise BadInput(field="body", reason="must be a JSON object")
    return found


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge(field="body", limit=f"{MAX_BYTES:,} bytes")
    return body


def word(asked: Mapping[str, Any], name: str) -> str:
    """Return a field that must be text, "" where it is not there. Raises InvalidMetadata."""
    value = asked.get(name, "")
    if not isinstance(value, str):
        raise InvalidMetadata(reason=f"{name}: must be text")
    return value
