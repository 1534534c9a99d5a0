"""Every SELECT about discussions starts here."""

import json
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from hubkeep.accounts import Owner, owners_known
from hubkeep.community.discussions.tables import (
    comment_versions,
    comments,
    discussion_events,
    discussion_totals,
    discussions,
    reaction_totals,
    reactions,
)
from hubkeep.community.discussions.types import (
    Comment,
    Discussion,
    Event,
    EventType,
    HideReason,
    Reacted,
    Reaction,
    Status,
    Version,
)
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.tables import Row

NOT_SHOWN = ("title_lower", "is_open", "is_pr")
COLUMNS = [column for column in discussions.c if column.name not in NOT_SHOWN]
SHOWN_USERS = 10  # names under a reaction
IN_LIST = 500  # values in one IN list

_EVENT = sa.select(discussion_events, comments).outerjoin(
    comments, comments.c.event_id == discussion_events.c.id
)

# How much a comment said before: its older texts may be far longer than the last one.
_OLDER = (
    sa.select(sa.func.coalesce(sa.func.sum(sa.func.length(comment_versions.c.raw)), 0))
    .where(comment_versions.c.event_id == discussion_events.c.id)
    .correlate(discussion_events)
    .scalar_subquery()
    .label("older_chars")
)


def fact(row: Row) -> Discussion:
    """Turn a row of `COLUMNS` into the fact."""
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for a row's dict
    return Discussion(**{**values, "status": Status(values["status"])})


def by_num(tx: ReadTx, repo_id: int, num: int) -> Discussion | None:
    """Look up by repository and number; no permission asked.

    Whoever may write gets it alone until their transaction ends: what they decide on stays true while they act.
    """
    here = sa.and_(discussions.c.repo_id == repo_id, discussions.c.num == num)
    query = sa.select(*COLUMNS).where(here)
    row = tx.sql.execute(query.with_for_update() if isinstance(tx, WriteTx) else query).first()
    return fact(row) if row is not None else None


def by_id(tx: ReadTx, discussion_id: int) -> Discussion | None:
    """Look up by id; no permission asked."""
    row = tx.sql.execute(sa.select(*COLUMNS).where(discussions.c.id == discussion_id)).first()
    return fact(row) if row is not None else None


def many(tx: ReadTx, ids: Collection[int]) -> dict[int, Discussion]:
    """Look up several by id."""
    found: dict[int, Discussion] = {}
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), IN_LIST):
        rows = tx.sql.execute(
            sa.select(*COLUMNS).where(discussions.c.id.in_(ordered[start : start + IN_LIST]))
        )
        found |= {row.id: fact(row) for row in rows}
    return found


def count_opened(tx: ReadTx, user_id: int) -> int:
    """Return how many discussions and pull requests somebody opened, wherever."""
    mine = sa.select(sa.func.count()).where(discussions.c.author_id == user_id)
    return int(tx.sql.execute(mine).scalar_one())


def event(tx: ReadTx, discussion_id: int, event_id: int) -> Event | None:
    """Return one event of a discussion."""
    here = sa.and_(discussion_events.c.discussion_id == discussion_id, discussion_events.c.id == event_id)
    row = tx.sql.execute(_EVENT.where(here)).first()
    return events_of(tx, [row])[0] if row is not None else None


def by_nums(tx: ReadTx, repo_id: int, nums: Collection[int]) -> dict[int, Discussion]:
    """Look several up by number; no permission asked."""
    some = sorted(set(nums))[:IN_LIST]
    if not some:
        return {}
    here = sa.and_(discussions.c.repo_id == repo_id, discussions.c.num.in_(some))
    return {row.num: fact(row) for row in tx.sql.execute(sa.select(*COLUMNS).where(here))}


def open_in(tx: ReadTx, repo_id: int) -> int:
    """Return how many discussions and pull requests of a repository are open, without counting them."""
    here = sa.and_(discussion_totals.c.repo_id == repo_id, discussion_totals.c.is_open.is_(True))
    return int(tx.sql.execute(sa.select(sa.func.sum(discussion_totals.c.n)).where(here)).scalar() or 0)


def start_before(tx: ReadTx, discussion_id: int, before: int | None, limit: int) -> int:
    """Return behind which event the `limit` events before `before` start (None: the last ones); 0 for the first."""
    ids = sa.select(discussion_events.c.id).where(discussion_events.c.discussion_id == discussion_id)
    if before is not None:
        ids = ids.where(discussion_events.c.id < before)
    newest = ids.order_by(discussion_events.c.id.desc()).limit(limit).subquery()
    first = tx.sql.execute(sa.select(sa.func.min(newest.c.id))).scalar()
    return int(first) - 1 if first is not None else 0


def page_of_events(
    tx: ReadTx, discussion_id: int, after: int, limit: int, max_chars: int, *, history: bool = True
) -> tuple[list[Event], int | None]:
    """Return events with an id above `after`, oldest first, and where the next page starts.

    A page ends at `limit` events, or where their texts pass `max_chars`; it has one event at least. `history` brings the
    older texts of comments along, and counts them.
    """
    here = sa.and_(discussion_events.c.discussion_id == discussion_id, discussion_events.c.id > after)
    rows: list[Row] = []
    chars = 0
    query = _EVENT.add_columns(_OLDER if history else sa.literal(0).label("older_chars"))
    with tx.sql.execute(query.where(here).order_by(discussion_events.c.id).limit(limit + 1)) as found:
        for row in found:
            chars += len(row.raw or "") + row.older_chars
            if rows and (len(rows) == limit or chars > max_chars):
                return events_of(tx, rows, history=history), rows[-1].id
            rows.append(row)
    return events_of(tx, rows, history=history), None


def events_of(tx: ReadTx, rows: Sequence[Row], *, history: bool = True) -> list[Event]:
    """Turn rows into facts: a few queries for all of them."""
    spoken = [row.id for row in rows if row.type == EventType.COMMENT]
    edited = [row.id for row in rows if row.edits and history]
    older, reacted = _versions(tx, edited), reactions_of(tx, spoken, with_users=True)
    ids = {row.user_id for row in rows} | {row.updated_by for row in rows} | {row.hidden_by for row in rows}
    ids |= {version.user_id for versions in older.values() for version in versions}
    people = owners_known(tx, {one for one in ids if one is not None})
    return [_event(row, people, older.get(row.id, []), reacted.get(row.id, ())) for row in rows]


def reactions_of(
    tx: ReadTx, event_ids: Collection[int], *, with_users: bool = False
) -> dict[int, tuple[Reacted, ...]]:
    """Return the reactions to comments, the most frequent first."""
    totals: dict[int, list[Reacted]] = {}
    ordered = sorted(set(event_ids))
    for start in range(0, len(ordered), IN_LIST):
        some = ordered[start : start + IN_LIST]
        rows = tx.sql.execute(
            sa.select(reaction_totals).where(reaction_totals.c.event_id.in_(some), reaction_totals.c.n > 0)
        ).all()
        names = _who_reacted(tx, [row.event_id for row in rows]) if with_users and rows else {}
        for row in rows:
            users = names.get((row.event_id, row.reaction), ())
            totals.setdefault(row.event_id, []).append(Reacted(Reaction(row.reaction), row.n, users))
    return {key: tuple(sorted(found, key=lambda r: (-r.count, r.reaction))) for key, found in totals.items()}


def reacted_by(tx: ReadTx, user_id: int, event_ids: Collection[int]) -> dict[int, set[Reaction]]:
    """Return how somebody reacted to comments, by event."""
    some = reactions.c.event_id.in_(sorted(set(event_ids))[:IN_LIST])
    found: dict[int, set[Reaction]] = {}
    mine = sa.select(reactions.c.event_id, reactions.c.reaction).where(some, reactions.c.user_id == user_id)
    for row in tx.sql.execute(mine):
        found.setdefault(row.event_id, set()).add(Reaction(row.reaction))
    return found


def _who_reacted(tx: ReadTx, event_ids: Collection[int]) -> dict[tuple[int, str], tuple[str, ...]]:
    """Return the first few names under every reaction."""
    place = (
        sa.func.row_number()
        .over(partition_by=(reactions.c.event_id, reactions.c.reaction), order_by=reactions.c.at)
        .label("place")
    )
    ranked = sa.select(reactions, place).where(reactions.c.event_id.in_(set(event_ids))).subquery()
    rows = tx.sql.execute(
        sa.select(ranked).where(ranked.c.place <= SHOWN_USERS).order_by(ranked.c.event_id, ranked.c.place)
    ).all()
    people = owners_known(tx, {row.user_id for row in rows})
    found: dict[tuple[int, str], tuple[str, ...]] = {}
    for row in rows:
        if row.user_id in people:
            key = (row.event_id, row.reaction)
            found[key] = (*found.get(key, ()), people[row.user_id].name)
    return found


def _versions(tx: ReadTx, event_ids: Collection[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    ordered = sorted(set(event_ids))
    for start in range(0, len(ordered), IN_LIST):
        some = comment_versions.c.event_id.in_(ordered[start : start + IN_LIST])
        for row in tx.sql.execute(sa.select(comment_versions).where(some).order_by(comment_versions.c.id)):
            found.setdefault(row.event_id, []).append(row)
    return found


def _event(
    row: Row, people: Mapping[int, Owner], older: Sequence[Row], reacted: tuple[Reacted, ...]
) -> Event:
    comment = None
    if row.type == EventType.COMMENT:
        comment = Comment(
            raw=row.raw,
            edited=row.edits > 0,
            hidden=row.hidden,
            hidden_by=people.get(row.hidden_by),
            hidden_reason=HideReason(row.hidden_reason) if row.hidden_reason else None,
            updated_at=row.updated_at,
            updated_by=people.get(row.updated_by),
            edits=row.edits,
            history=tuple(Version(v.raw, v.at, people.get(v.user_id)) for v in older),
            reactions=reacted,
        )
    return Event(
        id=row.id,
        discussion_id=row.discussion_id,
        type=EventType(row.type),
        at=row.at,
        author_id=row.user_id,
        author=people.get(row.user_id),
        data=json.loads(row.data),
        comment=comment,
    )
