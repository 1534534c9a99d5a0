"""Forms: read within bounds, and only from our own pages.

Three guards, each enough alone: the browser says that the form is ours (`Sec-Fetch-Site`, `Origin`), the session cookie is
`SameSite=Lax`, and every form carries a token that is bound to the session.
"""

import hashlib
import secrets
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from hubkeep.kit import BadInput, HubError, Signer, TooLarge
from hubkeep.kit.signing import BadSignature

FIELD = "form_token"
VISIT_COOKIE = "hubkeep_visit"
MAX_BYTES = 64 << 10
MAX_FIELDS = 500  # the permissions of a token are many
MAX_FILES = 1
_WITH_FILES = "multipart/form-data"
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
    _check_token(fields, signer, binding)
    return fields


def _check_token(fields: dict[str, str], signer: Signer, binding: str) -> None:
    """Take the form's token out of its fields. Raises ForeignForm when it is not of this session, or too old."""
    try:
        facts = signer.verify("form", fields.pop(FIELD, ""))
    except BadSignature:
        raise ForeignForm from None
    if not binding or not secrets.compare_digest(str(facts.get("b")), _digest(binding)):
        raise ForeignForm


def _is_ours(request: Request, public_url: str) -> bool:
    """Tell whether the browser sent this from a page of this hub. A browser too old to say is judged by the token."""
    headers = request.headers
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc in (headers.get("host"), urlsplit(public_url).netloc)


async def read_files(
    request: Request, signer: Signer, binding: str, public_url: str, limit: int
) -> tuple[Mapping[str, str], Mapping[str, bytes]]:
    """Return the fields and files of a posted form that carries files, `limit` bytes in all.

    Raises:
        ForeignForm, TooLarge, BadInput.
    """
    if not _is_ours(request, public_url):
        raise ForeignForm
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _WITH_FILES:
        return await read_form(request, signer, binding, public_url), {}
    body = await _body(request, limit)
    fields, files = await _parts(request, body)
    _check_token(fields, signer, binding)
    return fields, files


async def _parts(request: Request, body: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers, once(), max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_BYTES
    )
    try:
        form = await parser.parse()
    except MultiPartException:
        raise BadInput(field="form", reason=f"must be {_WITH_FILES} with at most {MAX_FILES} files") from None
    fields = {name: value.replace("\x00", "") for name, value in form.items() if isinstance(value, str)}
    files = {name: await file.read() for name, file in form.items() if isinstance(file, UploadFile)}
    await form.close()
    return fields, files


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
