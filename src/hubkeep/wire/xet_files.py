"""Downloads by Xet: how to rebuild a file, and the parts of xorbs that it takes.

Source: xet contract 5.2.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hubkeep import repos
from hubkeep.accounts import ANONYMOUS
from hubkeep.cas import Fetch, Reconstruction, Xorb, read_body
from hubkeep.hub import Hub
from hubkeep.kit import BadInput, BadSignature
from hubkeep.repos import XetFetch
from hubkeep.wire.bytes import FileSlice, Stream, content_response
from hubkeep.wire.json import Json
from hubkeep.wire.ranges import MOST_RANGES, asked_ranges, still_the_same
from hubkeep.wire.xet_bearer import xet_bearer

_RANGE = re.compile(r"bytes=([0-9]{1,18})-([0-9]{0,18})")
_INNER = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_HEADERS = {"Content-Type": "application/octet-stream", "Cache-Control": "private, no-transform"}


async def reconstruction_v2(request: Request) -> Response:
    """Tell how to rebuild a file or a part of it: one URL per range of a xorb."""
    hub: Hub = request.app.state.hub
    plan = await _plan(request)
    xorbs = {
        name: [
            {"url": url, "ranges": [{"chunks": _chunks(part), "bytes": _bytes(part)}]}
            for part, url in await hub.compute(_links, hub, xorb, parts)
        ]
        for name, (xorb, parts) in plan.fetches.items()
    }
    return Json(_terms(plan) | {"xorbs": xorbs})


async def reconstruction_v1(request: Request) -> Response:
    """Tell the same as older clients read it."""
    hub: Hub = request.app.state.hub
    plan = await _plan(request)
    fetch_info = {
        name: [
            {"range": _chunks(part), "url": url, "url_range": _bytes(part)}
            for part, url in await hub.compute(_links, hub, xorb, parts)
        ]
        for name, (xorb, parts) in plan.fetches.items()
    }
    return Json(_terms(plan) | {"fetch_info": fetch_info})


async def fetch(request: Request) -> Response:
    """Send the part of a xorb that a link is for, or less of it. No token: the link is one."""
    hub: Hub = request.app.state.hub
    wanted = XetFetch.read(hub.stores.signer, request.query_params.get("s", ""))
    found = await hub.read(repos.xet_fetch, ANONYMOUS, hub.stores, wanted)
    xorb = found.xorb
    asked = request.headers.get("range")
    if asked is not None:
        _check_inside(request.headers.getlist("range"), wanted, xorb.body_bytes)
    if found.link is not None:
        return RedirectResponse(found.link, 302, _HEADERS)
    # With a range, places are those of the whole body; without one, the answer is the part and nothing else. A range for
    # another state of the content (If-Range) counts as none: what answers it with everything must not have the whole body.
    same = request.headers.get("if-range")
    ranged = asked is not None and (same is None or still_the_same(same, f"{xorb.hash}-0"))
    start, size = (0, xorb.body_bytes) if ranged else (wanted.first, wanted.last - wanted.first)
    source: FileSlice | Stream
    # nginx would send a whole file when there is no range, or when it finds several not worth the trouble.
    may_be_whole = not ranged or "," in (asked or "")
    if found.local is not None and not (may_be_whole and hub.settings.accel_redirect):
        source = FileSlice(found.local, start, size)
    else:
        source = Stream(partial(_read, hub, xorb, start))
    return content_response(request, etag=f"{xorb.hash}-{start}", size=size, source=source, headers=_HEADERS)


async def _plan(request: Request) -> Reconstruction:
    hub: Hub = request.app.state.hub
    start, end = _asked_range(request)
    name = request.path_params["hash"]
    return await hub.read(repos.xet_reconstruction, ANONYMOUS, xet_bearer(request), name, start, end)


def _asked_range(request: Request) -> tuple[int, int | None]:
    """Return start and end (exclusive; None for the end of the file) of the Range header. Raises BadInput."""
    header = request.headers.get("range")
    if header is None:
        return 0, None
    found = _RANGE.fullmatch(header.strip())
    if found is None or (found[2] and int(found[2]) < int(found[1])):
        raise BadInput(field="Range", reason="must be one range of bytes, as in bytes=0-99")
    return int(found[1]), int(found[2]) + 1 if found[2] else None


def _check_inside(headers: list[str], wanted: XetFetch, size: int) -> None:
    """Refuse anything but ranges inside the link's own, `size` being the whole body's. Raises BadInput, BadSignature."""
    unit, _, text = headers[0].strip().partition("=")
    ends = [_INNER.fullmatch(each.strip(" \t")) for each in text.split(",")]
    for found in ends:
        if found is not None and not wanted.first <= int(found[1]) <= int(found[2]) < wanted.last:
            raise BadSignature
    # What would be answered with everything is refused: everything is more than the link is for.
    if len(headers) > 1 or unit != "bytes" or None in ends or asked_ranges(headers[0], size) is None:
        reason = f"must be 1 to {MOST_RANGES} ranges of bytes, as in bytes=0-99,200-299"
        raise BadInput(field="Range", reason=reason)


def _read(hub: Hub, xorb: Xorb, base: int, start: int, length: int) -> Any:
    return read_body(hub.stores.blobs, xorb, base + start, length)


def _terms(plan: Reconstruction) -> dict[str, Any]:
    terms = [
        {
            "hash": piece.xorb.hash,
            "unpacked_length": piece.size,
            "range": {"start": piece.start, "end": piece.end},
        }
        for piece in plan.pieces
    ]
    return {"offset_into_first_range": plan.skip, "terms": terms}


def _links(hub: Hub, xorb: Xorb, parts: list[Fetch]) -> list[tuple[Fetch, str]]:
    signer, seconds = hub.stores.signer, hub.settings.xet.fetch_seconds
    base = f"{hub.cas_url}/fetch/{xorb.hash}?s="
    return [(part, base + XetFetch(xorb.id, part.first, part.last).sign(signer, seconds)) for part in parts]


def _chunks(part: Fetch) -> Mapping[str, int]:
    """Chunks, the end exclusive."""
    return {"start": part.start, "end": part.end}


def _bytes(part: Fetch) -> Mapping[str, int]:
    """Bytes, the end inclusive."""
    return {"start": part.first, "end": part.last - 1}
