"""What there is on the hub, for those who look around: how many repositories, and the tags they have most."""

import sqlalchemy as sa

from hubkeep.kit import ReadTx
from hubkeep.repos.tables import repo_tags, repos
from hubkeep.repos.types import Kind

LOOKED_AT = 2_000


def public_counts(tx: ReadTx) -> dict[Kind, int]:
    """Count the public repositories of every kind. Reads the whole index: ask rarely."""
    public = sa.select(repos.c.kind, sa.func.count()).where(repos.c.private.is_(False)).group_by(repos.c.kind)
    found = {row[0]: row[1] for row in tx.sql.execute(public)}
    return {kind: found.get(kind.value, 0) for kind in Kind}


def common_tags(tx: ReadTx, kind: Kind, limit: int) -> list[tuple[str, int]]:
    """Return the most frequent tags of public repositories and their number, among the `LOOKED_AT` changed last."""
    recent = (
        sa.select(repos.c.id)
        .where(repos.c.kind == kind.value, repos.c.private.is_(False), repos.c.disabled.is_(False))
        .order_by(repos.c.last_modified.desc(), repos.c.id.desc())
        .limit(LOOKED_AT)
    )
    number = sa.func.count()
    found = tx.sql.execute(
        sa.select(repo_tags.c.tag, number)
        .where(repo_tags.c.repo_id.in_(recent))
        .group_by(repo_tags.c.tag)
        .order_by(number.desc(), repo_tags.c.tag)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in found]
