"""Questions and small changes that several verbs of the cas room share."""

from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa

from hubkeep.cas.tables import doomed
from hubkeep.kit import WriteTx

BATCH = 500  # values in one IN list: short statements, prepared once


def batches(values: Collection[str]) -> Iterator[Sequence[str]]:
    """Yield the values in sorted lists that fit one statement."""
    ordered = sorted(set(values))
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def spare(tx: WriteTx, keys: Collection[str]) -> None:
    """Take blobs off the garbage list because something names them now.

    The collector deletes a blob only inside the transaction that takes it off the list, so either it is spared here or it
    is already gone: check that it is there after this.
    """
    for batch in batches(keys):
        tx.sql.execute(sa.delete(doomed).where(doomed.c.key.in_(batch)))
