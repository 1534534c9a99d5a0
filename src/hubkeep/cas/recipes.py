"""Recipes: which chunks of which xorbs make a file, in order."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from hubkeep.cas.dedup import note_askable
from hubkeep.cas.errors import BytesGone
from hubkeep.cas.queries import batches, insert_new
from hubkeep.cas.tables import xet_files, xorb_uses, xorbs
from hubkeep.kit import ReadTx, WriteTx

TERM = np.dtype([("xorb", "<i8"), ("start", "<u4"), ("end", "<u4"), ("size", "<u4")])
_BLOCK = 1024  # terms unpacked at once


@dataclass(frozen=True)
class Term:
    """Chunks [start, end) of a xorb; `begin` and `size` tell which bytes of the file they are."""

    xorb_id: int
    start: int
    end: int
    begin: int
    size: int


class Recipe:
    """The terms of one file."""

    def __init__(self, packed: bytes) -> None:
        self.terms: NDArray[np.void] = np.frombuffer(packed, TERM)
        self._ends: NDArray[np.int64] = np.cumsum(self.terms["size"], dtype=np.int64)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return int(self._ends[-1]) if len(self._ends) else 0

    def covering(self, start: int, length: int) -> Iterator[Term]:
        """Yield the terms that hold `length` bytes of the file from `start`; nothing for no bytes."""
        first = int(np.searchsorted(self._ends, start, side="right"))
        last = int(np.searchsorted(self._ends, start + length, side="left")) + 1 if length > 0 else first
        for low in range(first, last, _BLOCK):
            part = slice(low, min(low + _BLOCK, last))
            some = self.terms[part]
            begins = self._ends[part] - some["size"]
            columns = (some["xorb"], some["start"], some["end"], begins, some["size"])
            for values in zip(*(column.tolist() for column in columns), strict=True):
                yield Term(*values)


def recipe_of(tx: ReadTx, name: str) -> Recipe | None:
    """Return the recipe of the file with that hash; whoever asks has decided who may."""
    packed = tx.sql.execute(sa.select(xet_files.c.terms).where(xet_files.c.hash == name)).scalar()
    return None if packed is None else Recipe(packed)


def note_uses(tx: WriteTx, name: str, first_chunk: tuple[bytes, int] | None) -> None:
    """Tie a new recipe to its xorbs, which cannot be collected from now on, and let clients ask for their chunks.

    Raises:
        BytesGone: one of them was collected meanwhile.
    """
    row = tx.sql.execute(sa.select(xet_files.c.id, xet_files.c.terms).where(xet_files.c.hash == name)).one()
    used = set(Recipe(row.terms).terms["xorb"].tolist())
    for batch in batches(used):
        there = set(tx.sql.execute(sa.select(xorbs.c.id).where(xorbs.c.id.in_(batch))).scalars())
        if gone := set(batch) - there:
            raise BytesGone(what=f"xorb {min(gone)}")
        insert_new(tx, xorb_uses, [{"xorb_id": number, "file_id": row.id} for number in batch])
        tx.sql.execute(sa.update(xorbs).where(xorbs.c.id.in_(batch)).values(idle_since=None))
    note_askable(tx, used, first_chunk)
