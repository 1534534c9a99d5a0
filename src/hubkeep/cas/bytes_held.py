"""How many bytes of large files a repository holds."""

import sqlalchemy as sa

from hubkeep.cas.tables import objects, repo_objects
from hubkeep.kit import ReadTx


def bytes_held(tx: ReadTx, repo_id: int) -> int:
    """Return the sum of the sizes of the repository's large files, each counted once, in any revision."""
    total = (
        sa.select(sa.func.coalesce(sa.func.sum(objects.c.size), 0))
        .join_from(repo_objects, objects, objects.c.sha256 == repo_objects.c.sha256)
        .where(repo_objects.c.repo_id == repo_id)
    )
    return int(tx.sql.execute(total).scalar_one())
