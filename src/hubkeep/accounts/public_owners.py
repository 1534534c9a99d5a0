"""Every user and organization, in bounded pieces that never shift: for the map that search engines read."""

import sqlalchemy as sa

from hubkeep.accounts.tables import owners, users
from hubkeep.kit import ReadTx


def newest_owner(tx: ReadTx) -> int:
    """Return the number of the newest user or organization, 0 when there is none."""
    return tx.sql.execute(sa.select(sa.func.max(owners.c.id))).scalar() or 0


def owner_names_between(tx: ReadTx, first: int, last: int) -> list[str]:
    """Return the names of those with numbers from `first` to `last`, in number order; disabled users are left out."""
    shown = sa.or_(users.c.disabled.is_(None), users.c.disabled.is_(False))
    wanted = sa.select(owners.c.name).outerjoin(users, users.c.id == owners.c.id)
    rows = tx.sql.execute(wanted.where(owners.c.id.between(first, last), shown).order_by(owners.c.id))
    return list(rows.scalars())
