"""Likes on their way to another hub."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hubkeep.community.likes.tables import likes
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import Repo


@dataclass(frozen=True)
class CarriedLike:
    """Somebody who likes a repository, since when."""

    user_id: int
    at: datetime


def carry_out(tx: ReadTx, repo_id: int) -> list[CarriedLike]:
    """Return the likes of a repository, oldest first. No permission is asked."""
    rows = tx.sql.execute(sa.select(likes).where(likes.c.repo_id == repo_id).order_by(likes.c.id))
    return [CarriedLike(row.user_id, row.at) for row in rows]


def carry_in(tx: WriteTx, repo: Repo, carried: Sequence[CarriedLike]) -> int:
    """Write the likes of a repository that has just been taken in; return how many. Nobody is told."""
    rows = [{"user_id": one.user_id, "repo_id": repo.id, "at": one.at} for one in carried]
    return insert_missing(tx.sql, likes, rows)
