"""Make a user's clients forget what they remember of this hub, when it turned out not to be there.

Clients remember for weeks, per CAS URL, which xorbs they sent or were told of, and refer to them without sending them. If
such a xorb is not there (collected, or in a repository that the user may not read any more), every upload of that
content fails, until the URL changes: so the user's next token names another one. Source: xet contract 7.4.
"""

import sqlalchemy as sa

from hubkeep.cas.queries import insert_new
from hubkeep.cas.tables import xet_amnesia
from hubkeep.kit import ReadTx, WriteTx


def times_forgotten(tx: ReadTx, user_id: int) -> int:
    """Return how often the user's clients were made to forget: part of the CAS URL that they get for uploads."""
    return (
        tx.sql.execute(sa.select(xet_amnesia.c.times).where(xet_amnesia.c.user_id == user_id)).scalar() or 0
    )


def make_forget(tx: WriteTx, user_id: int) -> None:
    """Give the user's clients another CAS URL from their next upload on."""
    insert_new(tx, xet_amnesia, [{"user_id": user_id, "times": 0}])
    here = xet_amnesia.c.user_id == user_id
    tx.sql.execute(sa.update(xet_amnesia).where(here).values(times=xet_amnesia.c.times + 1))
