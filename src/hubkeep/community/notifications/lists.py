"""A person's notifications: read them, mark them, let them go."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts import Actor, owners_known
from hubkeep.community.discussions import many, participants_of
from hubkeep.community.notifications.gate_notices import count_gate_notices
from hubkeep.community.notifications.tables import notifications
from hubkeep.community.notifications.types import Filter, Notification, Page, Reason
from hubkeep.community.voice import require_person, require_voice
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.repos import infos_of, readable_ids

PAGE = 25
MAX_PAGE = 10_000
MAX_AT_ONCE = 1000
MANY = 100
SHOWN_PEOPLE = 5


def list_notifications(tx: ReadTx, actor: Actor, wanted: Filter, page: int = 0, limit: int = PAGE) -> Page:
    """Return a page of the actor's notifications, the latest first. Raises NotSignedIn, BadInput."""
    user_id = require_person(actor)
    if not 0 <= page <= MAX_PAGE:
        raise BadInput(field="p", reason=f"must be a page from 0 to {MAX_PAGE:,}")
    mine = _mine(actor, user_id)
    view = [*mine, *_conditions(wanted)]
    newest = (
        sa.select(notifications)
        .where(*view)
        .order_by(notifications.c.updated_at.desc(), notifications.c.discussion_id.desc())
    )
    rows = tx.sql.execute(newest.offset(page * limit).limit(limit)).all()
    talks = many(tx, [row.discussion_id for row in rows])
    repos = {info.repo.id: info.repo for info in infos_of(tx, actor, sorted({row.repo_id for row in rows}))}
    people = participants_of(tx, list(talks), SHOWN_PEOPLE)
    owners = owners_known(tx, {one for some in people.values() for one in some})
    items = [
        Notification(
            repos[row.repo_id],
            talks[row.discussion_id],
            Reason(row.reason),
            row.read,
            row.first_event_id,
            row.first_event_at,
            row.updated_at,
            [owners[one] for one in people.get(row.discussion_id, []) if one in owners],
        )
        for row in rows
        if row.discussion_id in talks and row.repo_id in repos
    ]
    counts = [_count(tx, which) for which in (view, [*mine, notifications.c.read.is_(False)], mine)]
    return Page(items, page * limit, *counts)


def unread(tx: ReadTx, actor: Actor) -> int:
    """Return how many notifications the actor has not read, `MANY` for that many or more; 0 for a stranger.

    For the bell on every page: two looks into indexes, at `MANY` rows at most.
    """
    if actor.user_id is None:
        return 0
    mine = [*_mine(actor, actor.user_id), notifications.c.read.is_(False)]
    some = sa.select(notifications.c.discussion_id).where(*mine).limit(MANY).subquery()
    count = int(tx.sql.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())
    return count if count >= MANY else min(MANY, count + count_gate_notices(tx, actor))


def mark(tx: WriteTx, actor: Actor, wanted: Filter | Sequence[int], *, read: bool) -> int:
    """Mark notifications read or unread: those of a filter, or of these discussions; return how many changed.

    Raises:
        NotSignedIn, NotAllowed, BadInput.
    """
    user_id = require_voice(actor, "mark notifications")
    here = [*_chosen(actor, user_id, wanted), notifications.c.read.is_(not read)]
    return tx.sql.execute(sa.update(notifications).where(*here).values(read=read)).rowcount


def clear(tx: WriteTx, actor: Actor, wanted: Filter | Sequence[int]) -> int:
    """Let notifications go: those of a filter, or of these discussions; return how many. Raises as `mark` does."""
    user_id = require_voice(actor, "clear notifications")
    return tx.sql.execute(sa.delete(notifications).where(*_chosen(actor, user_id, wanted))).rowcount


def seen(tx: WriteTx, actor: Actor, discussion_id: int) -> None:
    """Mark the notification of a discussion read, because the actor looks at it."""
    if actor.user_id is not None:
        mine = sa.and_(
            notifications.c.user_id == actor.user_id, notifications.c.discussion_id == discussion_id
        )
        tx.sql.execute(sa.update(notifications).where(mine).values(read=True))


def is_unread(tx: ReadTx, user_id: int, discussion_id: int) -> bool | None:
    """Return whether a person has not read of a discussion; None when they were told nothing on the web."""
    mine = sa.and_(notifications.c.user_id == user_id, notifications.c.discussion_id == discussion_id)
    row = tx.sql.execute(sa.select(notifications.c.read).where(mine)).first()
    return None if row is None else not row.read


def _mine(actor: Actor, user_id: int) -> list[sa.ColumnElement[bool]]:
    """Choose the actor's notifications; of a repository that became private to them, they hear nothing more."""
    return [notifications.c.user_id == user_id, notifications.c.repo_id.in_(readable_ids(actor))]


def _chosen(actor: Actor, user_id: int, wanted: Filter | Sequence[int]) -> list[sa.ColumnElement[bool]]:
    if isinstance(wanted, Filter):
        return [*_mine(actor, user_id), *_conditions(wanted)]
    if len(wanted) > MAX_AT_ONCE:
        raise BadInput(field="discussionIds", reason=f"at most {MAX_AT_ONCE:,} at once")
    return [notifications.c.user_id == user_id, notifications.c.discussion_id.in_(list(wanted))]


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    if wanted.nothing:
        return [sa.false()]
    found: list[sa.ColumnElement[bool]] = []
    if wanted.unread:
        found.append(notifications.c.read.is_(False))
    if wanted.reasons != frozenset(Reason):
        found.append(notifications.c.reason.in_(sorted(reason.value for reason in wanted.reasons)))
    if wanted.kind is not None:
        found.append(notifications.c.repo_kind == wanted.kind)
    if wanted.repo_ids is not None:
        found.append(notifications.c.repo_id.in_(list(wanted.repo_ids)))
    if wanted.until is not None:
        found.append(notifications.c.updated_at <= wanted.until)
    return found


def _count(tx: ReadTx, conditions: Sequence[sa.ColumnElement[bool]]) -> int:
    matching = sa.select(sa.func.count()).select_from(notifications).where(*conditions)
    return int(tx.sql.execute(matching).scalar_one())
