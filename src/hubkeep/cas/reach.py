"""Which xorbs a user may build upon: those they sent, and those in files of repositories they may read."""

from collections.abc import Collection

import sqlalchemy as sa

from hubkeep.cas.queries import batches
from hubkeep.cas.tables import repo_objects, xet_files, xorb_uploads, xorb_uses, xorbs
from hubkeep.kit import ReadTx

Readable = sa.Select[tuple[int]]  # numbers of the repositories that a user may read, as a sub-query


def reachable(readable: Readable) -> sa.ColumnElement[bool]:
    """The WHERE on `xorbs`: some file in a readable repository is made of it. Only of such a xorb may anybody be told.

    Asked of one repository after the other until one answers; a list of all that are readable is never made.
    Source: xet contract section 7.3.
    """
    (may_read,) = readable.subquery().c
    holders = (
        xorb_uses.join(xet_files, xet_files.c.id == xorb_uses.c.file_id)
        .join(repo_objects, repo_objects.c.sha256 == xet_files.c.sha256)
        .join(may_read.table, may_read == repo_objects.c.repo_id)
    )
    return sa.exists(sa.select(sa.literal(1)).select_from(holders).where(xorb_uses.c.xorb_id == xorbs.c.id))


def usable_xorbs(tx: ReadTx, hashes: Collection[str], user_id: int, readable: Readable) -> dict[str, int]:
    """Return the numbers of those xorbs that the user sent, or could have been told of."""
    sent = sa.exists().where(xorb_uploads.c.xorb_id == xorbs.c.id, xorb_uploads.c.user_id == user_id)
    found = {}
    for batch in batches(hashes):
        query = sa.select(xorbs.c.hash, xorbs.c.id).where(
            xorbs.c.hash.in_(batch), sa.or_(sent, reachable(readable))
        )
        found.update({row.hash: row.id for row in tx.sql.execute(query)})
    return found
