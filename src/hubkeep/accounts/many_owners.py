"""Users and organizations by the dozen: for pages that show what many people said."""

from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

import sqlalchemy as sa

from hubkeep.accounts.queries import USER
from hubkeep.accounts.tables import owners, users
from hubkeep.accounts.types import Owner, User
from hubkeep.kit import ReadTx

V = TypeVar("V", int, str)
BATCH = 500  # values in one IN list: short statements, prepared once


def owners_known(tx: ReadTx, ids: Collection[int]) -> dict[int, Owner]:
    """Return users (disabled ones too: what they said stays theirs) and organizations by number."""
    found: dict[int, Owner] = {}
    for batch in _batches(ids):
        found |= {
            row.id: Owner.of(row) for row in tx.sql.execute(sa.select(owners).where(owners.c.id.in_(batch)))
        }
    return found


def users_known(tx: ReadTx, ids: Collection[int]) -> dict[int, User]:
    """Return people by number, disabled ones too, with what only those may see whom they gave it to: the address."""
    found: dict[int, User] = {}
    for batch in _batches(ids):
        found |= {row.id: User(*row) for row in tx.sql.execute(USER.where(users.c.id.in_(batch)))}
    return found


def owners_named(tx: ReadTx, names: Collection[str]) -> dict[str, Owner]:
    """Return users and organizations by lower-case name; names that nobody has are left out."""
    found: dict[str, Owner] = {}
    for batch in _batches({name.lower() for name in names}):
        rows = tx.sql.execute(sa.select(owners).where(owners.c.name_lower.in_(batch)))
        found |= {row.name_lower: Owner.of(row) for row in rows}
    return found


def _batches(values: Collection[V]) -> Iterator[Sequence[V]]:
    ordered = sorted(set(values))
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]
