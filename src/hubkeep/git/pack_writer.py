"""Write one pack and its index, in pure Python: an API commit is a single file of new objects.

Source: the pack format (git's `gitformat-pack`), version 2.
"""

import hashlib
import os
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from hubkeep.git.objects import TYPE_CODES, dump_commit, dump_tag, oid_of
from hubkeep.git.pack_index import IndexEntry, index_of
from hubkeep.git.types import Written

_HEADER = struct.Struct(">4sII")
_READ_BYTES = 1 << 20
# Bytes above this size compress at the fastest level: an upload should not wait for the last per cent.
_FAST_ABOVE = 1 << 18
# Smaller blobs, and all trees and commits, are written without asking whether they exist: they hardly ever do, a second
# copy costs less than the question, which reads the folder of packs again whenever the answer is no, and merging packs
# drops second copies.
WORTH_ASKING = 4096


class Blobs(Protocol):
    """Where `written` looks for blobs that are older than the pack."""

    def blob(self, oid: str) -> bytes:
        """Return a blob's bytes. Raises ObjectMissing."""


@dataclass(frozen=True, slots=True)
class _Placed:
    offset: int
    crc32: int
    length: int


class PackWriter:
    """Collects new objects into a pack in `scratch`; memory holds one object at a time.

    `contains` tells which objects the repository has already; large blobs among them are left out. A context manager: what
    `finish` did not hand over is removed.
    """

    def __init__(self, scratch: Path, contains: Callable[[str], bool] | None = None) -> None:
        handle, name = tempfile.mkstemp(dir=scratch, suffix=".pack")
        self._path, self._idx = Path(name), Path(name).with_suffix(".idx")
        self._file = os.fdopen(handle, "w+b")
        self._contains = contains or (lambda _: False)
        self._placed: dict[str, _Placed] = {}
        self._end = self._file.write(_HEADER.pack(b"PACK", 2, 0))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what is left."""
        self._file.close()
        self._path.unlink(missing_ok=True)
        self._idx.unlink(missing_ok=True)

    def add(self, kind: str, data: bytes) -> str:
        """Add an object of `kind` (blob, tree, commit, tag) unless it is known; return its id."""
        oid = oid_of(kind, data)
        worth_asking = kind == "blob" and len(data) >= WORTH_ASKING
        if oid not in self._placed and not (worth_asking and self._contains(oid)):
            self._append(oid, kind, data)
        return oid

    def add_commit(
        self, tree: str, parents: Iterable[str], author: tuple[str, str], message: str, when: datetime
    ) -> str:
        """Add a commit by `author` (name, address); return its id."""
        return self.add("commit", dump_commit(tree, parents, author, message, when))

    def add_tag(self, oid: str, name: str, tagger: tuple[str, str], message: str, when: datetime) -> str:
        """Add an annotated tag of the commit `oid`; return the tag object's id."""
        return self.add("tag", dump_tag(oid, name, tagger, message, when))

    def written(self, oid: str, older: Blobs) -> bytes:
        """Return the bytes of an object added to this pack, or of a blob that `older` has. Raises ObjectMissing."""
        placed = self._placed.get(oid)
        if placed is None:
            return older.blob(oid)
        self._file.seek(placed.offset)
        record = self._file.read(placed.length)
        self._file.seek(self._end)
        start = next(position for position, byte in enumerate(record) if not byte & 0x80) + 1
        return zlib.decompress(record[start:])

    def finish(self) -> Written | None:
        """Complete the pack and write its index; None when nothing was added."""
        if not self._placed:
            return None
        self._file.seek(0)
        self._file.write(_HEADER.pack(b"PACK", 2, len(self._placed)))
        self._file.seek(0)
        digest = hashlib.sha1(usedforsecurity=False)
        while chunk := self._file.read(_READ_BYTES):
            digest.update(chunk)
        checksum = digest.digest()
        self._file.write(checksum)
        self._file.flush()
        entries = [IndexEntry(bytes.fromhex(oid), at.crc32, at.offset) for oid, at in self._placed.items()]
        self._idx.write_bytes(index_of(entries, checksum))
        return Written(self._path, self._idx, len(entries))

    def _append(self, oid: str, kind: str, data: bytes) -> None:
        body = zlib.compress(data, 1 if len(data) > _FAST_ABOVE else -1)
        head = _record_header(TYPE_CODES[kind], len(data))
        self._file.write(head)
        self._file.write(body)
        length = len(head) + len(body)
        self._placed[oid] = _Placed(self._end, zlib.crc32(body, zlib.crc32(head)), length)
        self._end += length


def _record_header(code: int, size: int) -> bytes:
    """Type and size: four bits of size beside the type, then seven bits a byte, lowest first."""
    out = bytearray()
    byte, size = code << 4 | size & 0x0F, size >> 4
    while size:
        out.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    out.append(byte)
    return bytes(out)
