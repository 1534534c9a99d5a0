"""The bytes of git-lfs objects, by the signed addresses that a batch hands out. No token is asked for, none is looked at.

Source: hub-core contract U5 to U7, traps 14 and 15.
"""

import asyncio
import re
from typing import TypeVar
from weakref import WeakValueDictionary

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hubkeep import repos
from hubkeep.accounts import ANONYMOUS
from hubkeep.cas import Plan, UploadGone, read_range
from hubkeep.hub import Hub
from hubkeep.kit import BadInput
from hubkeep.repos import LfsTicket, LfsWay
from hubkeep.wire.body_limit import announced_length
from hubkeep.wire.bytes import FileSlice, Stream, content_response
from hubkeep.wire.contract import LFS_JSON
from hubkeep.wire.json import Json
from hubkeep.wire.lfs_actions import upload_actions
from hubkeep.wire.lfs_errors import lfs_handler
from hubkeep.wire.receive import receive_into, receive_to_file

T = TypeVar("T")
_NUMBER = re.compile(r"[0-9]{1,6}")
_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by the name of an upload in parts


class _Part(msgspec.Struct, rename={"number": "partNumber"}):
    number: int
    etag: str


class _Complete(msgspec.Struct):
    oid: str
    parts: list[_Part]


@lfs_handler
async def upload(request: Request) -> Response:
    """Receive a whole object; it is hashed while it comes in, and kept only if it is what was announced."""
    hub: Hub = request.app.state.hub
    ticket = ticket_of(request, LfsWay.UPLOAD)
    _announced(request, ticket.size)
    await hub.read(repos.check_lfs_upload, ANONYMOUS, ticket)
    async with receive_to_file(request, hub.stores.scratch, ticket.size, sha256=True) as got:
        await hub.work(repos.keep_lfs_upload, ANONYMOUS, ticket, got.path, got.size, got.sha256)
    return Response(headers={"ETag": f'"{ticket.sha256}"'})


@lfs_handler
async def upload_part(request: Request) -> Response:
    """Receive one part into its place. The ETag names this very writing of it, not its content."""
    hub: Hub = request.app.state.hub
    ticket = _in_parts(request)
    number = _number(request.path_params["number"])
    start, length = Plan(ticket.size, ticket.part_bytes).place(number)
    _announced(request, length)
    await hub.read(repos.check_lfs_upload, ANONYMOUS, ticket)
    if hub.stores.blobs.parts() is not None:
        tag = await _pass_on(request, ticket, number, length)
    else:
        files = repos.partial_files(hub.stores)
        path = await hub.compute(files.rewrite, ticket.upload, number)
        await receive_into(request, path, start, length)
        tag = await hub.compute(files.mark, ticket.upload, number)
    return Response(headers={"ETag": f'"{tag}"'})


async def _pass_on(request: Request, ticket: LfsTicket, number: int, length: int) -> str:
    """Receive a part whole, then send it to the bucket: a client that is slow or goes away is nothing to the bucket."""
    hub: Hub = request.app.state.hub
    async with receive_to_file(request, hub.stores.scratch, length) as got:
        if got.size != length:
            raise BadInput(field="The body", reason=f"must have {length:,} bytes, not {got.size:,}")
        return await hub.work(repos.pass_lfs_part, ANONYMOUS, ticket, number, got.path)


@lfs_handler
async def received(request: Request) -> Response:
    """Say which parts are there, and sign all addresses anew: for a client that was cut off, or takes longer than links live.

    `?straight=1`: parts go to the bucket, if clients reach it.
    """
    hub: Hub = request.app.state.hub
    ticket = _in_parts(request)
    repo = await hub.read(repos.check_lfs_upload, ANONYMOUS, ticket)
    parts = await hub.work(repos.received_lfs_parts, ANONYMOUS, ticket)
    straight = request.query_params.get("straight") == "1"
    actions = await hub.compute(upload_actions, hub, repo, ticket, straight=straight)
    listed = [{"partNumber": part.number, "etag": f'"{part.tag}"'} for part in parts]
    return Json({"actions": actions, "parts": listed}, headers={"Content-Type": LFS_JSON})


@lfs_handler
async def complete(request: Request) -> Response:
    """Put the parts together, once at a time: it is a long read, and who asks again waits without holding a thread."""
    hub: Hub = request.app.state.hub
    ticket = _in_parts(request)
    asked = await json_body(request, _Complete)
    if asked.oid != ticket.sha256:
        raise BadInput(field="oid", reason="is not the object that this address is for")
    tags = {part.number: part.etag.strip('"') for part in asked.parts}
    if len(tags) != len(asked.parts):
        raise BadInput(field="parts", reason="a part is listed twice")
    async with _turns.setdefault(ticket.upload, asyncio.Lock()):
        await hub.work(repos.finish_lfs_parts, ANONYMOUS, ticket, tags)
    return Json({})


@lfs_handler
async def download(request: Request) -> Response:
    """Send an object, whole or a range of it."""
    hub: Hub = request.app.state.hub
    ticket = ticket_of(request, LfsWay.DOWNLOAD)
    body = request.method == "GET"
    found = await hub.read(repos.lfs_download, ANONYMOUS, hub.stores, ticket, body=body)
    headers = {"Content-Type": "application/octet-stream", "Cache-Control": "private, no-transform"}
    if found.link is not None:
        return RedirectResponse(found.link, 302, headers)
    stored, stores = found.stored, hub.stores
    source = (
        FileSlice(found.local, 0, stored.size)
        if found.local is not None
        else Stream(lambda start, length: read_range(stores.db, stores.blobs, stored, start, length))
    )
    return content_response(request, etag=stored.sha256, size=stored.size, source=source, headers=headers)


def ticket_of(request: Request, way: LfsWay) -> LfsTicket:
    """Return the ticket in the address. Raises BadSignature."""
    hub: Hub = request.app.state.hub
    text = request.query_params.get("ticket", "")
    return LfsTicket.read(hub.stores.signer, way, text, request.path_params["oid"])


def _in_parts(request: Request) -> LfsTicket:
    """Return the ticket of an upload in parts. Raises BadSignature; UploadGone when it is for an object in one piece."""
    ticket = ticket_of(request, LfsWay.UPLOAD)
    if not ticket.upload:
        raise UploadGone
    return ticket


async def json_body(request: Request, shape: type[T]) -> T:
    """Decode the body. Raises BadInput that names the place."""
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except msgspec.DecodeError as error:
        raise BadInput(field="The body", reason=str(error)) from None


def _announced(request: Request, length: int) -> None:
    """Refuse a body of another length before it is read."""
    announced = announced_length(request.scope)
    if announced is not None and announced != length:
        raise BadInput(field="Content-Length", reason=f"must be {length}, not {announced}")


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise BadInput(field="part", reason="must be a whole number")
    return int(text)
