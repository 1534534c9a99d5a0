"""How many repositories somebody owns, by kind."""

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import queries
from hubkeep.repos.tables import repos
from hubkeep.repos.types import Kind


def count_owned(tx: ReadTx, actor: Actor, owner_id: int) -> dict[Kind, int]:
    """Return how many repositories of each kind an owner has, of those that `actor` may see."""
    seen = (
        sa.select(repos.c.kind, sa.func.count())
        .where(repos.c.owner_id == owner_id, repos.c.disabled.is_(False), queries.visibility(actor))
        .group_by(repos.c.kind)
    )
    found = {Kind(kind): int(number) for kind, number in tx.sql.execute(seen)}
    return {kind: found.get(kind, 0) for kind in Kind}
