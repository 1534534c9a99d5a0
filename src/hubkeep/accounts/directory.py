"""Everybody: people or organizations, a page at a time, by name or the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from hubkeep.accounts.many_owners import owners_known
from hubkeep.accounts.org_tables import service_accounts
from hubkeep.accounts.tables import owners, users
from hubkeep.accounts.types import Owner, OwnerKind
from hubkeep.kit import ReadTx

MAX_LISTED = 100


class Order(StrEnum):
    """What comes first."""

    NAME = "name"
    NEWEST = "newest"


@dataclass(frozen=True)
class Listed:
    """A page of people or organizations; `next` is where the next one starts, None at the end."""

    items: Sequence[Owner]
    next: str | None


def list_owners(
    tx: ReadTx, kind: OwnerKind, order: Order = Order.NAME, *, after: str | None = None, limit: int = 30
) -> Listed:
    """Return a page of those who are not disabled; programs of organizations are no people.

    `after` is `next` of the page before: a name for `Order.NAME`, a number for `Order.NEWEST`. One index is walked: what a
    page costs does not depend on how many there are.
    """
    place = owners.c.name_lower if order is Order.NAME else owners.c.id
    page = sa.select(owners.c.id, place.label("place")).where(owners.c.kind == kind.value)
    if kind is OwnerKind.USER:
        programs = sa.exists().where(service_accounts.c.user_id == owners.c.id)
        page = page.join(users, users.c.id == owners.c.id).where(users.c.disabled.is_(False), ~programs)
    if after is not None:
        page = page.where(place > after if order is Order.NAME else place < int(after))
    ordered = place.asc() if order is Order.NAME else place.desc()
    rows = tx.sql.execute(page.order_by(ordered).limit(min(limit, MAX_LISTED) + 1)).all()
    shown = rows[: min(limit, MAX_LISTED)]
    known = owners_known(tx, [row.id for row in shown])
    following = str(shown[-1].place) if len(rows) > len(shown) else None
    return Listed([known[row.id] for row in shown if row.id in known], following)
