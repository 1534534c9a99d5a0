"""Forms: read within bounds, and only from our own pages.

Three guards, each enough alone: the browser says that the form is ours (`Sec-Fetch-Site`, `Origin`), the session cookie is
`SameSite=Lax`, and every form carries a token that is bound to the session.
"""

import hashlib
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from hubkeep.kit import BadInput, HubError, Signer, TooLarge
from hubkeep.kit.signing import BadSignature

FIELD = "form_token"
VISIT_COOKIE = "hubkeep_visit"
MAX_BYTES = 64 << 10
MAX_FIELDS = 500  # the permissions of a token are many
LIFE = 7 * 24 * 3600  # seconds: a form left open over a week-end still works


class ForeignForm(HubError):
    """A form that did not come from a page of this hub, or whose page is too old. Nothing was changed."""

    status = 403
    text = (
        "This form is out of date, or was sent from another site. Open its page again and send it from there."
    )


def new_visit() -> str:
    """Return a random name for a browser that is not signed in."""
    return secrets.token_urlsafe(16)


def form_token(signer: Signer, binding: str) -> str:
    """Return the token of a form, good only with the session (or visit) `binding`."""
    return signer.sign("form", {"b": _digest(binding)}, LIFE)[0]


async def read_form(
    request: Request, signer: Signer, binding: str, public_url: str, limit: int = MAX_BYTES
) -> Mapping[str, str]:
    """Return the fields of a posted form of at most `limit` bytes; of a repeated one the last.

    Raises:
        ForeignForm, TooLarge, BadInput.
    """
    if not _is_ours(request, public_url):
        raise ForeignForm
    fields = _fields(await _body(request, limit), request.headers.get("content-type", ""))
    try:
        facts = signer.verify("form", fields.pop(FIELD, ""))
    except BadSignature:
        raise ForeignForm from None
    if not binding or not secrets.compare_digest(str(facts.get("b")), _digest(binding)):
        raise ForeignForm
    return fields


def _is_ours(request: Request, public_url: str) -> bool:
    """Tell whether the browser sent this from a page of this hub. A browser too old to say is judged by the token."""
    headers = request.headers
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc in (headers.get("host"), urlsplit(public_url).netloc)


async def _body(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(field="form", limit=f"{limit} bytes")
    return bytes(body)


def _fields(body: bytes, content_type: str) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise BadInput(field="form", reason="must be application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
            strict_parsing=False,
        )
    except ValueError:
        raise BadInput(field="form", reason=f"must be UTF-8 with at most {MAX_FIELDS} fields") from None
    return {name: value.replace("\x00", "") for name, value in pairs}


def _digest(binding: str) -> str:
    return hashlib.sha256(binding.encode()).hexdigest()[:32]
