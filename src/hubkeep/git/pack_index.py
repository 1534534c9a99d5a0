"""The index beside a pack (`.idx`, version 2): which objects it holds, and where.

Source: git's `gitformat-pack`.
"""

import hashlib
import struct
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

_MAGIC = b"\xfftOc\x00\x00\x00\x02"
_FAR = 0x80000000  # offsets from here on stand in a table of their own, eight bytes each


class IndexEntry(NamedTuple):
    """An object's raw id, the checksum of its packed bytes, and where they start."""

    oid: bytes
    crc32: int
    offset: int


def index_of(entries: Sequence[IndexEntry], pack_checksum: bytes) -> bytes:
    """Return the index of a pack that ends with `pack_checksum`."""
    ordered = sorted(entries)
    per_first_byte = [0] * 256
    for entry in ordered:
        per_first_byte[entry.oid[0]] += 1
    far = [entry.offset for entry in ordered if entry.offset >= _FAR]
    near = iter(range(_FAR, _FAR + len(far)))
    body = b"".join(
        [
            _MAGIC,
            struct.pack(">256I", *accumulate(per_first_byte)),
            *(entry.oid for entry in ordered),
            struct.pack(f">{len(ordered)}I", *(entry.crc32 for entry in ordered)),
            struct.pack(
                f">{len(ordered)}I",
                *(entry.offset if entry.offset < _FAR else next(near) for entry in ordered),
            ),
            struct.pack(f">{len(far)}Q", *far),
            pack_checksum,
        ]
    )
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def object_count(idx: Path) -> int:
    """Return how many objects an index lists."""
    with idx.open("rb") as file:
        file.seek(len(_MAGIC) + 255 * 4)
        return int.from_bytes(file.read(4), "big")
