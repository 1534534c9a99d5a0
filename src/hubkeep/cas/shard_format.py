"""The bytes of a shard: what a client tells about files and their xorbs, and what it is told about xorbs to reuse.

Everything is little-endian, every record has 48 bytes. Source: xet contract section 4.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hubkeep.cas.errors import BadShard
from hubkeep.cas.hashing import from_hex, keyed_hash, to_hex

RECORD = 48
MAX_SHARD = 64 << 20
_TAG = b"HFRepoMetaData\0" + bytes(
    [85, 105, 103, 69, 106, 123, 129, 87, 131, 165, 189, 217, 92, 205, 209, 74, 169]
)
_VERSION, _FOOTER_BYTES = 2, 200
_HEADER = struct.Struct("<32sQQ")
_BOOKEND = b"\xff" * 32 + bytes(16)
_FILE = struct.Struct("<32sIIQ")
_XORB = struct.Struct("<32sIIII")
_FOOTER = struct.Struct("<9Q32sQQ48x4Q")
_VERIFIED, _WITH_SHA256 = 1 << 31, 1 << 30
TERM = np.dtype([("xorb", "V32"), ("flags", "<u4"), ("size", "<u4"), ("start", "<u4"), ("end", "<u4")])
_PROOF = np.dtype([("hash", "V32"), ("zero", "V16")])


@dataclass(frozen=True)
class ShardFile:
    """A file as the client tells of it: its hash, its terms, a range hash for each, and its sha256 if told."""

    hash: bytes
    terms: NDArray[np.void]  # of TERM
    proofs: NDArray[np.void]  # 32 raw bytes each
    sha256: str | None

    @property
    def size(self) -> int:
        """Bytes of content that the terms announce."""
        return int(self.terms["size"].sum(dtype=np.uint64))


def read_shard(body: bytes) -> list[ShardFile]:
    """Parse a shard; what stands behind the second bookend is not looked at. Raises BadShard."""
    view = memoryview(body)
    if len(view) > MAX_SHARD:
        raise BadShard(reason=f"it has {len(view):,} bytes, the limit is {MAX_SHARD:,}")
    if len(view) < RECORD:
        raise BadShard(reason="it is shorter than its header")
    tag, version, footer = _HEADER.unpack_from(view)
    if tag != _TAG or version != _VERSION or footer not in (0, _FOOTER_BYTES):
        raise BadShard(reason="its header is not that of a version 2 shard")
    records = _Records(view[RECORD:])
    files = list(_files(records))
    _skip_xorbs(records)
    return files


class _Records:
    """Takes records from the front, and says so when there are not enough."""

    def __init__(self, view: memoryview) -> None:
        self._view = view

    def take(self, count: int) -> memoryview:
        size = count * RECORD
        if size > len(self._view):
            raise BadShard(reason="it ends before its second bookend")
        taken, self._view = self._view[:size], self._view[size:]
        return taken


def _files(records: _Records) -> Iterator[ShardFile]:
    while (head := records.take(1)) != _BOOKEND:
        name, flags, count, _ = _FILE.unpack(head)
        if not flags & _VERIFIED:
            raise BadShard(reason=f"file {to_hex(name)} has no verification records")
        terms = np.frombuffer(records.take(count), TERM)
        proofs = np.frombuffer(records.take(count), _PROOF)["hash"]
        sha256 = to_hex(bytes(records.take(1)[:32])) if flags & _WITH_SHA256 else None
        yield ShardFile(name, terms, proofs, sha256)


def _skip_xorbs(records: _Records) -> None:
    """Walk over the xorb section: the hub uses its own tables, never what a client says about xorbs."""
    while (head := records.take(1)) != _BOOKEND:
        records.take(_XORB.unpack(head)[2])


def write_dedup_shard(
    xorb: str, hashes: bytes, sizes: Sequence[int], body_bytes: int, key: bytes, created: int, expires: int
) -> bytes:
    """Tell of one xorb's chunks by keyed hashes: who has a chunk finds it there, nobody else learns its hash.

    `created` and `expires` are Unix seconds. Source: xet contract section 4, «What a dedup answer must contain».
    """
    total = sum(sizes)
    out = bytearray(_HEADER.pack(_TAG, _VERSION, _FOOTER_BYTES) + _BOOKEND)
    out += _XORB.pack(from_hex(xorb), 0, len(sizes), total, body_bytes)
    start = 0
    for at, size in enumerate(sizes):
        out += _XORB.pack(keyed_hash(key, hashes[32 * at : 32 * at + 32]), start, size, 0, 0)
        start += size
    out += _BOOKEND
    end = len(out)
    lookups = (end, 0, end, 0, end, 0)  # there are no lookup tables
    out += _FOOTER.pack(1, RECORD, 2 * RECORD, *lookups, key, created, expires, body_bytes, 0, total, end)
    return bytes(out)
