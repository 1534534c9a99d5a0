"""The discussions of a repository on their way to another hub: plain values, people by number here and by name outside."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hubkeep.community.discussions.record import count
from hubkeep.community.discussions.refer import refer
from hubkeep.community.discussions.tables import (
    comment_versions,
    comments,
    discussion_events,
    discussion_references,
    discussion_settings,
    discussions,
    participants,
    reaction_totals,
    reactions,
)
from hubkeep.community.discussions.types import Sorting, Status
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing, made_id
from hubkeep.repos import Repo, freeze_ref, keep_ref


@dataclass(frozen=True)
class Text:
    """What a comment said at some time."""

    raw: str
    at: datetime
    user_id: int | None


@dataclass(frozen=True)
class CarriedReaction:
    """Somebody's reaction to a comment."""

    reaction: str
    user_id: int
    at: datetime


@dataclass(frozen=True)
class Said:
    """A comment: its text now, those before, and who reacted how."""

    now: Text
    edits: int = 0
    hidden: bool = False
    hidden_by: int | None = None
    hidden_reason: str | None = None
    before: Sequence[Text] = ()
    reactions: Sequence[CarriedReaction] = ()


@dataclass(frozen=True)
class Deed:
    """An event of a discussion."""

    type: str
    at: datetime
    user_id: int | None
    data: Mapping[str, Any]
    said: Said | None = None


@dataclass(frozen=True)
class Listener:
    """Somebody who takes part, and hears of what follows unless they muted it."""

    user_id: int
    muted: bool
    since: datetime


@dataclass(frozen=True)
class Reference:
    """A deed of this discussion, by its place from 0, that speaks of another one of the same repository."""

    num: int
    deed: int


@dataclass(frozen=True)
class Talk:
    """A whole discussion. What begins with `base_ref` is for pull requests."""

    num: int
    title: str
    status: str
    author_id: int | None
    pinned: bool
    locked: bool
    created_at: datetime
    updated_at: datetime
    deeds: Sequence[Deed]
    listeners: Sequence[Listener] = ()
    references: Sequence[Reference] = ()
    base_ref: str | None = None
    head_oid: str | None = None
    merged_onto: str | None = None
    merge_oid: str | None = None
    ref_deleted: bool = False


_PULL = ("base_ref", "head_oid", "merged_onto", "merge_oid", "ref_deleted")
_PLAIN = ("num", "title", "status", "author_id", "pinned", "locked", "created_at", "updated_at", *_PULL)


def carry_out(tx: ReadTx, repo_id: int) -> Iterator[Talk]:
    """Yield the discussions of a repository in the order of their numbers. No permission is asked."""
    numbers = sa.select(discussions.c.id).where(discussions.c.repo_id == repo_id).order_by(discussions.c.num)
    for discussion_id in tx.sql.execute(numbers).scalars().all():
        row = tx.sql.execute(sa.select(discussions).where(discussions.c.id == discussion_id)).one()
        ids, deeds = _deeds(tx, discussion_id)
        listeners, named = _listeners(tx, discussion_id), _references(tx, row, ids)
        plain: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
        yield Talk(**plain, deeds=deeds, listeners=listeners, references=named)


def carry_in(
    tx: WriteTx,
    repo: Repo,
    talks: Sequence[Talk],
    *,
    disabled: bool = False,
    sorting: Sorting = Sorting.RECENT,
) -> None:
    """Write discussions into a repository that has none; nobody is told of them, they happened elsewhere.

    Whoever calls this has checked every value.
    """
    last = max((talk.num for talk in talks), default=0)
    settings = {"repo_id": repo.id, "last_num": last, "disabled": disabled, "sorting": sorting.value}
    tx.sql.execute(sa.insert(discussion_settings).values(**settings))
    ids = {talk.num: _write(tx, repo, talk) for talk in talks}
    for talk in talks:
        _refer(tx, talk, ids)


def _listeners(tx: ReadTx, discussion_id: int) -> list[Listener]:
    here = sa.select(participants).where(participants.c.discussion_id == discussion_id)
    rows = tx.sql.execute(here.order_by(participants.c.user_id))
    return [Listener(row.user_id, row.muted, row.since) for row in rows]


def _references(tx: ReadTx, row: Any, ids: Sequence[int]) -> list[Reference]:
    """Return which other discussions of the repository it speaks of; those of others are found again when asked about."""
    there = (
        sa.select(discussions.c.num, discussion_references.c.event_id)
        .join(discussion_references, discussion_references.c.target_id == discussions.c.id)
        .where(discussion_references.c.source_id == row.id, discussions.c.repo_id == row.repo_id)
        .order_by(discussions.c.num)
    )
    places = {event_id: place for place, event_id in enumerate(ids)}
    found = tx.sql.execute(there).all()
    return [Reference(one.num, places[one.event_id]) for one in found if one.event_id in places]


def _deeds(tx: ReadTx, discussion_id: int) -> tuple[list[int], list[Deed]]:
    here = discussion_events.c.discussion_id == discussion_id
    rows = tx.sql.execute(sa.select(discussion_events).where(here).order_by(discussion_events.c.id)).all()
    said = {
        row.event_id: row
        for row in tx.sql.execute(
            sa.select(comments)
            .join(discussion_events, discussion_events.c.id == comments.c.event_id)
            .where(here)
        )
    }
    return [row.id for row in rows], [
        Deed(
            row.type,
            row.at,
            row.user_id,
            json.loads(row.data),
            _said(tx, said[row.id]) if row.id in said else None,
        )
        for row in rows
    ]


def _said(tx: ReadTx, row: Any) -> Said:
    older = sa.select(comment_versions).where(comment_versions.c.event_id == row.event_id)
    before = [Text(o.raw, o.at, o.user_id) for o in tx.sql.execute(older.order_by(comment_versions.c.id))]
    shown = sa.select(reactions).where(reactions.c.event_id == row.event_id).order_by(reactions.c.at)
    reacted = [CarriedReaction(r.reaction, r.user_id, r.at) for r in tx.sql.execute(shown)]
    text = Text(row.raw, row.updated_at, row.updated_by)
    return Said(text, row.edits, row.hidden, row.hidden_by, row.hidden_reason, before, reacted)


def _write(tx: WriteTx, repo: Repo, talk: Talk) -> tuple[int, list[int]]:
    """Write a discussion; return its number and those of its deeds."""
    is_pr, status = talk.base_ref is not None, Status(talk.status)
    is_open = status in (Status.DRAFT, Status.OPEN)
    said = [deed.said for deed in talk.deeds if deed.said is not None]
    row = {name: getattr(talk, name) for name in _PLAIN} | {
        "repo_id": repo.id,
        "title_lower": talk.title.lower()[:600],
        "is_open": is_open,
        "is_pr": is_pr,
        "comments": len(said),
        "reaction_users": len({reacted.user_id for one in said for reacted in one.reactions}),
    }
    discussion_id = made_id(tx.sql.execute(sa.insert(discussions).values(**row)))
    ids = [_write_deed(tx, discussion_id, deed) for deed in talk.deeds]
    if ids:
        first = sa.update(discussions).where(discussions.c.id == discussion_id)
        tx.sql.execute(first.values(first_event_id=ids[0]))
    count(tx, repo.id, is_pr=is_pr, is_open=is_open, by=1)
    rows = [{"discussion_id": discussion_id, **asdict(one)} for one in talk.listeners]
    insert_missing(tx.sql, participants, rows)
    if is_pr and not talk.ref_deleted:
        name = f"refs/pr/{talk.num}"
        keep_ref(tx, repo.id, name, talk.author_id)
        freeze_ref(tx, repo.id, name, frozen=not is_open)
    return discussion_id, ids


def _refer(tx: WriteTx, talk: Talk, ids: Mapping[int, tuple[int, Sequence[int]]]) -> None:
    """Link a discussion to those that it speaks of, as far as both are here."""
    source_id, deeds = ids[talk.num]
    for one in talk.references:
        if one.num in ids and one.num != talk.num and one.deed < len(deeds):
            refer(tx, source_id, deeds[one.deed], [ids[one.num][0]])


def _write_deed(tx: WriteTx, discussion_id: int, deed: Deed) -> int:
    row = {"discussion_id": discussion_id, "type": deed.type, "user_id": deed.user_id, "at": deed.at}
    event_id = made_id(tx.sql.execute(sa.insert(discussion_events).values(**row, data=json.dumps(deed.data))))
    if deed.said is not None:
        _write_said(tx, discussion_id, event_id, deed.said)
    return event_id


def _write_said(tx: WriteTx, discussion_id: int, event_id: int, said: Said) -> None:
    comment = {
        "event_id": event_id,
        "raw": said.now.raw,
        "edits": said.edits,
        "updated_at": said.now.at,
        "updated_by": said.now.user_id,
        "hidden": said.hidden,
        "hidden_by": said.hidden_by,
        "hidden_reason": said.hidden_reason,
    }
    tx.sql.execute(sa.insert(comments).values(**comment))
    for text in said.before:
        older = {"event_id": event_id, "raw": text.raw, "at": text.at, "user_id": text.user_id}
        tx.sql.execute(sa.insert(comment_versions).values(**older))
    totals: dict[str, int] = {}
    for one in said.reactions:
        row = {"event_id": event_id, "discussion_id": discussion_id, **asdict(one)}
        totals[one.reaction] = totals.get(one.reaction, 0) + insert_missing(tx.sql, reactions, [row])
    if totals:
        rows = [{"event_id": event_id, "reaction": name, "n": n} for name, n in totals.items()]
        tx.sql.execute(sa.insert(reaction_totals), rows)
