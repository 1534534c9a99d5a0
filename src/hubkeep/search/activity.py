"""What happened to repositories, day by day, and the counters and scores that follow from it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hubkeep import repos
from hubkeep.kit import ReadTx, WriteTx, now
from hubkeep.repos import Counted, Repo
from hubkeep.search.features import ORDERS
from hubkeep.search.full_text import move_texts
from hubkeep.search.index import move
from hubkeep.search.places import counted, place, scored
from hubkeep.search.tables import days, marks
from hubkeep.search.types import Order

WINDOW = 30  # days that `downloads` and `likes_30d` look back on. Source: hub-features 3.2
HALF_LIFE = 3.0  # days after which something that happened weighs half
WEIGHED = 14  # days after which it weighs nothing
LIKE = 10.0  # what a like weighs; n downloads of one day weigh their square root


def add_downloads(tx: WriteTx, downloads: Mapping[int, int], at: datetime | None = None) -> None:
    """Add downloads, by repository number, to their day, to the counters, and to every order they move in."""
    day = (at or now()).date().toordinal()
    _add(tx, [(number, day, downloads[number], 0) for number in sorted(downloads)])
    settle(tx, {n: Counted(downloads=more, downloads_all_time=more) for n, more in downloads.items()}, day)


def add_likes(tx: WriteTx, repo_id: int, more: int, since: datetime | None = None) -> None:
    """Add a like (or take one away: `more` is -1): the counters, the score, and the repository's places.

    `since` is when it was given. A like that is taken back is taken from the day it was counted on, so that every day tells
    how many of its likes are left; one older than the window is in no day any more.
    """
    today = now().date().toordinal()
    day = min((since or now()).date().toordinal(), today)
    there = more > 0 or _likes_on(tx, repo_id, day) > 0
    recent = more if there and day > today - WINDOW else 0
    if recent:
        _add(tx, [(repo_id, day, 0, recent)])
    settle(tx, {repo_id: Counted(likes=more, likes_30d=recent)}, today)


def settle(tx: WriteTx, changes: Mapping[int, Counted], today: int) -> None:
    """Apply changes of counters, compute the trending scores anew, and move the repositories in the index."""
    scores = trending(tx, changes, today)
    with_scores = {
        number: replace(change, trending=scores.get(number, 0.0)) for number, change in changes.items()
    }
    repos.count(tx, with_scores)
    current = repos.repos_by_id(tx, list(changes))
    move(tx, {repo.id: _places(repo) for repo in current})
    move_texts(tx, current)


def trending(tx: ReadTx, numbers: Iterable[int], today: int) -> dict[int, float]:
    """Return the trending scores: what happened lately, each day weighing less than the one after it."""
    scores: dict[int, float] = defaultdict(float)
    lately = sa.and_(days.c.day > today - WEIGHED, days.c.day <= today)
    for row in tx.sql.execute(sa.select(days).where(days.c.repo_id.in_(list(numbers)), lately)):
        scores[row.repo_id] += score(today - row.day, row.downloads, row.likes)
    return {number: round(score, 2) for number, score in scores.items()}


def score(days_ago: int, downloads: int, likes: int) -> float:
    """Return what the downloads and likes of one day add to a trending score."""
    if not 0 <= days_ago < WEIGHED:
        return 0.0
    fading = math.pow(0.5, days_ago / HALF_LIFE)
    return fading * (max(likes, 0) * LIKE + math.sqrt(max(downloads, 0)))


def measured(tx: WriteTx, repo_id: int, *, used_storage: int, main_size: int | None) -> None:
    """Write down how many bytes a repository takes, and on its default branch (None: as before), by which lists are sorted."""
    repos.count(tx, {repo_id: Counted(used_storage=used_storage, main_size=main_size)})
    if main_size is not None:
        move(tx, {repo_id: {Order.SIZE: place(counted(main_size), repo_id)}})


def forget_activity(tx: WriteTx, repo_id: int) -> None:
    """Forget what happened to a repository that is gone."""
    tx.sql.execute(sa.delete(days).where(days.c.repo_id == repo_id))
    tx.sql.execute(sa.delete(marks).where(marks.c.repo_id == repo_id))


def active(tx: ReadTx, after: int, limit: int) -> list[int]:
    """Return the numbers of repositories to which something happened in the window, from `after` on."""
    page = sa.select(days.c.repo_id).where(days.c.repo_id > after).distinct().order_by(days.c.repo_id)
    return list(tx.sql.execute(page.limit(limit)).scalars())


def expire(tx: WriteTx, numbers: Iterable[int], today: int) -> dict[int, Counted]:
    """Forget the days of these repositories that are out of the window; return what their counters lose."""
    wanted = list(numbers)
    old = sa.and_(days.c.repo_id.in_(wanted), days.c.day <= today - WINDOW)
    sums = [sa.func.sum(days.c[name]).label(name) for name in ("downloads", "likes")]
    rows = tx.sql.execute(sa.select(days.c.repo_id, *sums).where(old).group_by(days.c.repo_id)).all()
    tx.sql.execute(sa.delete(days).where(old))
    lost = {row.repo_id: Counted(downloads=-int(row.downloads), likes_30d=-int(row.likes)) for row in rows}
    return {number: lost.get(number, Counted()) for number in wanted}


def _likes_on(tx: ReadTx, repo_id: int, day: int) -> int:
    then = sa.and_(days.c.repo_id == repo_id, days.c.day == day)
    return tx.sql.execute(sa.select(days.c.likes).where(then)).scalar() or 0


def _places(repo: Repo) -> dict[Order, int]:
    values = {
        Order.TRENDING: scored(repo.trending),
        Order.DOWNLOADS: counted(repo.downloads),
        Order.LIKES: counted(repo.likes),
        Order.LIKES_30D: counted(repo.likes_30d),
    }
    return {o: place(value, repo.id) for o, value in values.items() if o in ORDERS[repo.kind]}


def _add(tx: WriteTx, rows: list[tuple[int, int, int, int]]) -> None:
    if not rows:
        return
    insert = postgresql.insert if tx.sql.dialect.name == "postgresql" else sqlite.insert
    new = insert(days)
    more = {name: days.c[name] + new.excluded[name] for name in ("downloads", "likes")}
    values = [{"repo_id": n, "day": day, "downloads": d, "likes": likes} for n, day, d, likes in rows]
    tx.sql.execute(new.on_conflict_do_update(index_elements=["repo_id", "day"], set_=more), values)
