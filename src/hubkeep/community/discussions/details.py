"""A discussion with what happened in it."""

from datetime import datetime

import sqlalchemy as sa

from hubkeep.accounts import Actor, owners_known
from hubkeep.community.discussions import queries
from hubkeep.community.discussions.find import find
from hubkeep.community.discussions.tables import (
    discussion_references,
    discussions,
    participants,
)
from hubkeep.community.discussions.types import Details, Found
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind, infos_of

MAX_EVENTS = 10_000  # in one answer: clients ask once, and show what they got
MAX_CHARS = 16 << 20  # of their texts together
MAX_REFERENCES = 100


def details(
    tx: ReadTx,
    actor: Actor,
    kind: Kind,
    full_name: str,
    num: int,
    *,
    after: int = 0,
    limit: int = MAX_EVENTS,
    max_chars: int = MAX_CHARS,
    history: bool = True,
) -> Details:
    """Return the discussion and up to `limit` of its events behind the event `after`.

    Fewer when their texts together pass `max_chars`; with `history`, older texts of comments too. Raises what `find` raises.
    """
    found = find(tx, actor, kind, full_name, num)
    discussion = found.discussion
    events, following = queries.page_of_events(
        tx, discussion.id, after, min(limit, MAX_EVENTS), max_chars, history=history
    )
    author = (
        owners_known(tx, [discussion.author_id]).get(discussion.author_id) if discussion.author_id else None
    )
    return Details(found.repo, discussion, author, events, following, references_to(tx, actor, discussion.id))


def references_to(tx: ReadTx, actor: Actor, discussion_id: int) -> list[Found]:
    """Return discussions that speak of this one, of repositories that `actor` may read, newest first."""
    speaking = (
        sa.select(*queries.COLUMNS)
        .join(discussion_references, discussion_references.c.source_id == discussions.c.id)
        .where(discussion_references.c.target_id == discussion_id)
        .order_by(discussion_references.c.event_id.desc())
        .limit(MAX_REFERENCES)
    )
    found = [queries.fact(row) for row in tx.sql.execute(speaking)]
    if not found:
        return []
    visible = {
        info.repo.id: info.repo for info in infos_of(tx, actor, sorted({one.repo_id for one in found}))
    }
    return [Found(visible[one.repo_id], one) for one in found if one.repo_id in visible]


def listeners(tx: ReadTx, discussion_id: int, at: datetime) -> tuple[list[int], list[int]]:
    """Return who took part in a discussion at a moment, and who has muted it; no permission asked."""
    here = sa.select(participants).where(participants.c.discussion_id == discussion_id)
    rows = tx.sql.execute(here.order_by(participants.c.since)).all()
    talking = [row.user_id for row in rows if not row.muted and row.since <= at]
    return talking, [row.user_id for row in rows if row.muted]


def hears(tx: ReadTx, user_id: int | None, discussion_id: int) -> bool | None:
    """Return whether somebody follows a discussion they take part in; None when they take no part."""
    mine = sa.and_(participants.c.discussion_id == discussion_id, participants.c.user_id == user_id)
    row = tx.sql.execute(sa.select(participants.c.muted).where(mine)).first()
    return None if row is None else not row.muted


def participants_of(tx: ReadTx, discussion_ids: list[int], limit: int) -> dict[int, list[int]]:
    """Return the first few people who take part in each discussion, by number."""
    place = (
        sa.func.row_number()
        .over(
            partition_by=participants.c.discussion_id, order_by=(participants.c.since, participants.c.user_id)
        )
        .label("place")
    )
    ranked = sa.select(participants, place).where(participants.c.discussion_id.in_(discussion_ids)).subquery()
    rows = tx.sql.execute(
        sa.select(ranked).where(ranked.c.place <= limit).order_by(ranked.c.discussion_id, ranked.c.place)
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.discussion_id, []).append(row.user_id)
    return found
