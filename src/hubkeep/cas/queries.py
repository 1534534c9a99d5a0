"""Questions and small changes that several verbs of the cas room share."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from hubkeep.kit import WriteTx
from hubkeep.kit.tables import insert_missing

V = TypeVar("V", str, int, bytes)
_LOCK = 0x6875626B_63617300  # a number that only this room uses
BATCH = 500  # values in one IN list: short statements, prepared once


def batches(values: Collection[V]) -> Iterator[Sequence[V]]:
    """Yield the distinct values in sorted lists that fit one statement."""
    ordered = sorted(set(values))
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def insert_new(tx: WriteTx, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose key is not there yet, whoever inserts at the same time; return how many there were."""
    return insert_missing(tx.sql, table, rows)


def naming(tx: WriteTx) -> None:
    """Say that this transaction names bytes that nothing named before; many may do so at once, but see `collecting`."""
    if tx.sql.dialect.name == "postgresql":
        tx.sql.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_LOCK)))


def collecting(tx: WriteTx) -> None:
    """Wait until nobody names anything, and keep them waiting: what has no name now has none until the end.

    SQLite has one writer at a time anyway.
    """
    if tx.sql.dialect.name == "postgresql":
        tx.sql.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
