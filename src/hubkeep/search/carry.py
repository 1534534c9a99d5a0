"""What was counted of a repository, on its way to another hub."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.kit import ReadTx, WriteTx, now
from hubkeep.repos import Counted, Repo
from hubkeep.search.activity import WINDOW, settle
from hubkeep.search.tables import days


@dataclass(frozen=True)
class CarriedDay:
    """Downloads and likes of one day (`datetime.date.toordinal`); likes may be fewer than none."""

    day: int
    downloads: int
    likes: int


def days_out(tx: ReadTx, repo_id: int) -> list[CarriedDay]:
    """Return the days of the last 30 on which something happened."""
    rows = tx.sql.execute(sa.select(days).where(days.c.repo_id == repo_id).order_by(days.c.day))
    return [CarriedDay(row.day, row.downloads, row.likes) for row in rows]


def counts_in(
    tx: WriteTx, repo: Repo, carried: Sequence[CarriedDay], *, downloads_all_time: int, likes: int
) -> None:
    """Count what a repository brings that has just been taken in, and place it in every order."""
    today = now().date().toordinal()
    lately = {one.day: one for one in carried if today - WINDOW < one.day <= today}
    rows = [
        {"repo_id": repo.id, "day": one.day, "downloads": one.downloads, "likes": one.likes}
        for one in lately.values()
    ]
    if rows:
        tx.sql.execute(sa.insert(days), rows)
    downloads, recent = (
        sum(getattr(one, what) for one in lately.values()) for what in ("downloads", "likes")
    )
    counted = Counted(
        downloads=downloads,
        downloads_all_time=max(downloads, downloads_all_time),
        likes=likes,
        likes_30d=min(max(recent, 0), likes),
    )
    settle(tx, {repo.id: counted}, today)
