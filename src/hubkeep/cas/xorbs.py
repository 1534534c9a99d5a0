"""Xorbs as they are stored: found by number or hash, read as bodies (for Xet clients) or as chunks (for everybody)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import IO

import sqlalchemy as sa
from blake3 import blake3

from hubkeep.cas.errors import BadXorb, DamagedXorb
from hubkeep.cas.queries import batches
from hubkeep.cas.tables import xorbs
from hubkeep.cas.whole import blob_key
from hubkeep.cas.xorb_format import RECORD_HEADER, Ends, parse_header, plain_header, unpack
from hubkeep.kit import ReadTx
from hubkeep.kit.tables import Row
from hubkeep.storage import Blobs

COLUMNS = (xorbs.c.id, xorbs.c.hash, xorbs.c.body, xorbs.c.source, xorbs.c.source_at, xorbs.c.ends)


@dataclass(frozen=True)
class Xorb:
    """A stored xorb. `key` names its body; with `source_at`, a whole blob whose bytes from there are its content."""

    id: int
    hash: str
    key: str
    source_at: int | None
    ends: Ends

    @property
    def body_bytes(self) -> int:
        """Length of the body in bytes."""
        return self.ends.body(0, len(self.ends))[1]


def xorb_key(name: str, body: str) -> str:
    """Return the blob of a body; `body` tells apart bodies that share the hash but compress otherwise."""
    return f"xorbs/{name[:2]}/{name[2:4]}/{name}.{body}"


def body_name(ends: bytes) -> str:
    """Name a verified body by where its records end: bodies that agree there can stand for each other."""
    return blake3(ends).hexdigest(length=8)


def xorbs_by_id(tx: ReadTx, ids: Collection[int]) -> dict[int, Xorb]:
    """Return the xorbs with these numbers."""
    found = {}
    for batch in batches(ids):
        rows = tx.sql.execute(sa.select(*COLUMNS).where(xorbs.c.id.in_(batch)))
        found.update({row.id: xorb_of(row) for row in rows})
    return found


def xorb_of(row: Row) -> Xorb:
    """Turn a row of `COLUMNS` into the fact."""
    key = blob_key(row.source) if row.body is None else xorb_key(row.hash, row.body)
    return Xorb(row.id, row.hash, key, row.source_at if row.body is None else None, Ends(row.ends))


def read_body(blobs: Blobs, xorb: Xorb, start: int, length: int) -> Iterator[bytes]:
    """Yield `length` bytes of the body from `start`: what Xet clients fetch."""
    if xorb.source_at is None:
        with blobs.open(xorb.key, start, length) as body:
            while piece := body.read(256 << 10):
                yield piece
        return
    at = xorb.ends.record_at(start)
    skip, left = start - xorb.ends.body(0, at)[1], length
    for chunk in read_chunks(blobs, xorb, at, len(xorb.ends)):
        record = (plain_header(len(chunk)) + bytes(chunk))[skip : skip + left]
        yield record
        skip, left = 0, left - len(record)
        if not left:
            return


def read_chunks(blobs: Blobs, xorb: Xorb, start: int, end: int) -> Iterator[bytes | memoryview]:
    """Yield chunks [start, end) of the content, one in memory at a time. Raises DamagedXorb."""
    if xorb.source_at is None:
        first, last = xorb.ends.body(start, end)
        with blobs.open(xorb.key, first, last - first) as body:
            for at in range(start, end):
                low, high = xorb.ends.body(at, at + 1)
                yield _chunk(xorb, _exactly(xorb, body, high - low))
        return
    first, last = xorb.ends.content(start, end)
    with blobs.open(xorb.key, xorb.source_at + first, last - first) as content:
        for size in xorb.ends.sizes(start, end):
            yield _exactly(xorb, content, size)


def _chunk(xorb: Xorb, record: bytes) -> bytes | memoryview:
    view = memoryview(record)
    try:
        scheme, payload, size = parse_header(view[:RECORD_HEADER])
        if payload != len(view) - RECORD_HEADER:
            raise DamagedXorb(hash=xorb.hash)
        return unpack(scheme, view[RECORD_HEADER:], size)
    except BadXorb:
        raise DamagedXorb(hash=xorb.hash) from None


def _exactly(xorb: Xorb, body: IO[bytes], count: int) -> bytes:
    data = body.read(count)
    while len(data) < count:
        more = body.read(count - len(data))
        if not more:
            raise DamagedXorb(hash=xorb.hash)
        data += more
    return data
