"""Which public repositories have a feature, one bit each: sets that are counted together without looking at repositories.

A row holds 65,536 repositories (8 KB). Only features that lists are narrowed by are kept this way (`FACETS`).
"""

from collections.abc import Iterable, Mapping
from itertools import groupby

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hubkeep.kit import ReadTx, WriteTx
from hubkeep.repos import Kind
from hubkeep.search.tables import bits, features

# The groups of a list's sidebar, in the order they are shown.
FACETS: dict[Kind, tuple[str, ...]] = {
    Kind.MODEL: ("task", "library", "app", "language", "license", "gated"),
    Kind.DATASET: (
        "task_categories",
        "size_categories",
        "format",
        "modality",
        "library",
        "language",
        "license",
        "gated",
    ),
    Kind.SPACE: ("sdk", "license"),
    Kind.KERNEL: ("license",),
}
KEPT = frozenset(("all", *(group for kind in Kind for group in FACETS[kind])))  # groups, of whatever kind
CHUNK = 1 << 16
_ROW = CHUNK // 8

Bits = npt.NDArray[np.uint8]


def flip(tx: WriteTx, gained: Mapping[int, Iterable[int]], lost: Mapping[int, Iterable[int]]) -> None:
    """Set and clear the bits of repositories (by number) that gained and lost features (by number)."""
    kept = kept_as_bits(tx, {*gained, *lost})
    changes = sorted(
        {(f, n // CHUNK, n % CHUNK, True) for f in kept for n in gained.get(f, ())}
        | {(f, n // CHUNK, n % CHUNK, False) for f in kept for n in lost.get(f, ())}
    )
    for (feature, chunk), group in groupby(changes, key=lambda change: change[:2]):
        _flip(tx, feature, chunk, [(place, on) for *_, place, on in group])


def kept_as_bits(tx: ReadTx, numbers: Iterable[int]) -> list[int]:
    """Return those of the features whose sets are kept."""
    wanted = sa.and_(features.c.id.in_(list(numbers)), features.c.type.in_(KEPT))
    return list(tx.sql.execute(sa.select(features.c.id).where(wanted)).scalars())


def load(tx: ReadTx, numbers: Iterable[int]) -> dict[int, Bits]:
    """Return the sets of these features, all of one length: bit n tells of repository n."""
    wanted = list(numbers)
    rows = tx.sql.execute(sa.select(bits).where(bits.c.feature_id.in_(wanted))).all()
    size = (max((row.chunk for row in rows), default=0) + 1) * _ROW
    found = {number: np.zeros(size, np.uint8) for number in wanted}
    for row in rows:
        start = row.chunk * _ROW
        found[row.feature_id][start : start + _ROW] = np.frombuffer(row.bits, np.uint8)
    return found


def bits_of(numbers: npt.NDArray[np.int64], size: int) -> Bits:
    """Return the set of these repositories, `size` bytes long."""
    flags = np.zeros(size * 8, np.bool_)
    flags[numbers[numbers < size * 8]] = True
    return np.packbits(flags, bitorder="little")


def save(tx: WriteTx, sets: Mapping[int, npt.NDArray[np.int64]]) -> None:
    """Write whole sets, for features that have none yet."""
    rows = []
    for feature, numbers in sets.items():
        for chunk in np.unique(numbers // CHUNK):
            inside = numbers[numbers // CHUNK == chunk] % CHUNK
            rows.append({"feature_id": feature, "chunk": int(chunk), "bits": bits_of(inside, _ROW).tobytes()})
    if rows:
        tx.sql.execute(sa.insert(bits), rows)


def _flip(tx: WriteTx, feature: int, chunk: int, places: Iterable[tuple[int, bool]]) -> None:
    here = sa.and_(bits.c.feature_id == feature, bits.c.chunk == chunk)
    insert = postgresql.insert if tx.sql.dialect.name == "postgresql" else sqlite.insert
    empty = {"feature_id": feature, "chunk": chunk, "bits": bytes(_ROW)}
    tx.sql.execute(insert(bits).values(**empty).on_conflict_do_nothing())
    row = bytearray(tx.sql.execute(sa.select(bits.c.bits).where(here).with_for_update()).scalar_one())
    for place, on in places:
        if on:
            row[place >> 3] |= 1 << (place & 7)
        else:
            row[place >> 3] &= ~(1 << (place & 7))
    tx.sql.execute(sa.update(bits).where(here).values(bits=bytes(row)))
