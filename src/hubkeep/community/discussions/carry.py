"""The discussions of a repository on their way to another hub: plain values, people by number here and by name outside."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hubkeep.community.discussions.record import count
from hubkeep.community.discussions.tables import (
    comment_versions,
    comments,
    discussion_events,
    discussion_settings,
    discussions,
    participants,
    reaction_totals,
    reactions,
)
from hubkeep.community.discussions.types import Status
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
class Said:
    """A comment: its text now, those before, and who reacted how."""

    now: Text
    edits: int = 0
    hidden: bool = False
    hidden_by: int | None = None
    hidden_reason: str | None = None
    before: Sequence[Text] = ()
    reactions: Sequence[tuple[str, int, datetime]] = ()


@dataclass(frozen=True)
class Deed:
    """An event of a discussion."""

    type: str
    at: datetime
    user_id: int | None
    data: Mapping[str, Any]
    said: Said | None = None


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
    base_ref: str | None = None
    head_oid: str | None = None
    merged_onto: str | None = None
    merge_oid: str | None = None
    ref_deleted: bool = False

    @property
    def people(self) -> set[int]:
        """Everybody who is named in it."""
        found = {self.author_id, *(deed.user_id for deed in self.deeds)}
        for said in (deed.said for deed in self.deeds if deed.said is not None):
            found |= {said.now.user_id, said.hidden_by, *(text.user_id for text in said.before)}
            found |= {user_id for _, user_id, _ in said.reactions}
        return {number for number in found if number is not None}


_PULL = ("base_ref", "head_oid", "merged_onto", "merge_oid", "ref_deleted")
_PLAIN = ("num", "title", "status", "author_id", "pinned", "locked", "created_at", "updated_at", *_PULL)


def carry_out(tx: ReadTx, repo_id: int) -> Iterator[Talk]:
    """Yield the discussions of a repository in the order of their numbers. No permission is asked."""
    numbers = sa.select(discussions.c.id).where(discussions.c.repo_id == repo_id).order_by(discussions.c.num)
    for discussion_id in tx.sql.execute(numbers).scalars().all():
        row = tx.sql.execute(sa.select(discussions).where(discussions.c.id == discussion_id)).one()
        yield Talk(**{name: getattr(row, name) for name in _PLAIN}, deeds=_deeds(tx, discussion_id))


def carry_in(tx: WriteTx, repo: Repo, talks: Sequence[Talk], *, disabled: bool = False) -> None:
    """Write discussions into a repository that has none; nobody is told of them, they happened elsewhere.

    Whoever calls this has checked every value.
    """
    last = max((talk.num for talk in talks), default=0)
    settings = {"repo_id": repo.id, "last_num": last, "disabled": disabled}
    tx.sql.execute(sa.insert(discussion_settings).values(**settings))
    for talk in talks:
        _write(tx, repo, talk)


def _deeds(tx: ReadTx, discussion_id: int) -> list[Deed]:
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
    return [
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
    reacted = [(r.reaction, r.user_id, r.at) for r in tx.sql.execute(shown)]
    text = Text(row.raw, row.updated_at, row.updated_by)
    return Said(text, row.edits, row.hidden, row.hidden_by, row.hidden_reason, before, reacted)


def _write(tx: WriteTx, repo: Repo, talk: Talk) -> None:
    is_pr, status = talk.base_ref is not None, Status(talk.status)
    is_open = status in (Status.DRAFT, Status.OPEN)
    said = [deed.said for deed in talk.deeds if deed.said is not None]
    row = {name: getattr(talk, name) for name in _PLAIN} | {
        "repo_id": repo.id,
        "title_lower": talk.title.lower()[:600],
        "is_open": is_open,
        "is_pr": is_pr,
        "comments": len(said),
        "reaction_users": len({user for one in said for _, user, _ in one.reactions}),
    }
    discussion_id = made_id(tx.sql.execute(sa.insert(discussions).values(**row)))
    ids = [_write_deed(tx, discussion_id, deed) for deed in talk.deeds]
    if ids:
        first = sa.update(discussions).where(discussions.c.id == discussion_id)
        tx.sql.execute(first.values(first_event_id=ids[0]))
    count(tx, repo.id, is_pr=is_pr, is_open=is_open, by=1)
    people = {talk.author_id, *(deed.user_id for deed in talk.deeds)} - {None}
    rows = [{"discussion_id": discussion_id, "user_id": one, "since": talk.created_at} for one in people]
    insert_missing(tx.sql, participants, rows)
    if is_pr and not talk.ref_deleted:
        name = f"refs/pr/{talk.num}"
        keep_ref(tx, repo.id, name, talk.author_id)
        freeze_ref(tx, repo.id, name, frozen=not is_open)


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
    for reaction, user_id, at in said.reactions:
        row = {"event_id": event_id, "reaction": reaction, "user_id": user_id, "discussion_id": discussion_id}
        totals[reaction] = totals.get(reaction, 0) + insert_missing(tx.sql, reactions, [{**row, "at": at}])
    if totals:
        rows = [{"event_id": event_id, "reaction": name, "n": n} for name, n in totals.items()]
        tx.sql.execute(sa.insert(reaction_totals), rows)
