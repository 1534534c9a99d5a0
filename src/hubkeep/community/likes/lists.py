"""Who likes a repository, and what somebody likes."""

from collections.abc import Collection

import sqlalchemy as sa

from hubkeep.accounts import Actor, owners_known, user_named
from hubkeep.community.likes.tables import likes
from hubkeep.community.likes.types import Liked, LikedPage, Liker, Likers
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind, get, infos_of, readable_ids

PAGE = 1000


def likers(
    tx: ReadTx, actor: Actor, kind: Kind, full_name: str, *, after: int | None = None, limit: int = PAGE
) -> Likers:
    """Return who likes a repository, the latest first. Raises what `get` raises."""
    repo = get(tx, actor, kind, full_name)
    page = sa.select(likes).where(likes.c.repo_id == repo.id)
    if after is not None:
        page = page.where(likes.c.id < after)
    rows = tx.sql.execute(page.order_by(likes.c.id.desc()).limit(limit + 1)).all()
    people = owners_known(tx, {row.user_id for row in rows})
    items = [Liker(people[row.user_id], row.at) for row in rows[:limit] if row.user_id in people]
    return Likers(items, rows[limit - 1].id if len(rows) > limit else None)


def liked(tx: ReadTx, actor: Actor, user: str, *, after: int | None = None, limit: int = PAGE) -> LikedPage:
    """Return what somebody likes, of what `actor` may see, the latest first. Raises OwnerNotFound."""
    person = user_named(tx, user)
    page = sa.select(likes).where(likes.c.user_id == person.id, likes.c.repo_id.in_(readable_ids(actor)))
    if after is not None:
        page = page.where(likes.c.id < after)
    rows = tx.sql.execute(page.order_by(likes.c.id.desc()).limit(limit + 1)).all()
    infos = {info.repo.id: info for info in infos_of(tx, actor, [row.repo_id for row in rows[:limit]])}
    items = [Liked(infos[row.repo_id], row.at) for row in rows[:limit] if row.repo_id in infos]
    return LikedPage(items, rows[limit - 1].id if len(rows) > limit else None)


def liked_among(tx: ReadTx, actor: Actor, repo_ids: Collection[int]) -> set[int]:
    """Return those of the repositories that `actor` likes: for the hearts on a page."""
    if actor.user_id is None or not repo_ids:
        return set()
    mine = sa.and_(likes.c.user_id == actor.user_id, likes.c.repo_id.in_(list(repo_ids)[:PAGE]))
    return set(tx.sql.execute(sa.select(likes.c.repo_id).where(mine)).scalars())


def count_liked(tx: ReadTx, user_id: int) -> int:
    """Return how many repositories somebody likes."""
    mine = sa.select(sa.func.count()).where(likes.c.user_id == user_id)
    return int(tx.sql.execute(mine).scalar_one())
