"""How many repositories each of a few dozen owners has: for lists of people."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import queries
from hubkeep.repos.tables import repos

ENOUGH = 1000  # who has so many is said to have at least so many: nobody's number costs more to tell


def count_for_many(tx: ReadTx, actor: Actor, owner_ids: Sequence[int]) -> dict[int, int]:
    """Return how many repositories of those that `actor` may see each owner has, `ENOUGH` at most."""
    return {owner_id: _count(tx, actor, owner_id) for owner_id in owner_ids}


def _count(tx: ReadTx, actor: Actor, owner_id: int) -> int:
    some = (
        sa.select(repos.c.id)
        .where(repos.c.owner_id == owner_id, repos.c.disabled.is_(False), queries.visibility(actor))
        .limit(ENOUGH)
        .subquery()
    )
    return int(tx.sql.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())
