"""Followers on their way to another hub."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hubkeep.community.follows.follow import count_follow
from hubkeep.community.follows.tables import follows
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing


@dataclass(frozen=True)
class CarriedFollower:
    """Somebody who follows an owner, since when."""

    user_id: int
    at: datetime


def carry_out(tx: ReadTx, owner_id: int) -> list[CarriedFollower]:
    """Return who follows an owner, oldest first. No permission is asked."""
    rows = tx.sql.execute(sa.select(follows).where(follows.c.owner_id == owner_id).order_by(follows.c.id))
    return [CarriedFollower(row.user_id, row.at) for row in rows]


def carry_in(tx: WriteTx, owner_id: int, carried: Sequence[CarriedFollower]) -> None:
    """Let them follow an owner here, those who do not yet. Nobody is told."""
    for one in carried:
        row = {"user_id": one.user_id, "owner_id": owner_id, "at": one.at}
        if one.user_id != owner_id and insert_missing(tx.sql, follows, [row]):
            count_follow(tx, one.user_id, owner_id, 1)
