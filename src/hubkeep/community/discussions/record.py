"""Write down what happened: the steps that all verbs of discussions share."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hubkeep.community.discussions import queries
from hubkeep.community.discussions.tables import (
    comments,
    discussion_events,
    discussion_settings,
    discussion_totals,
    discussions,
    participants,
)
from hubkeep.community.discussions.types import Discussion, EventType, Happened, Status
from hubkeep.kit import WriteTx, now
from hubkeep.kit.tables import insert_missing, made_id
from hubkeep.repos import Repo


def take_num(tx: WriteTx, repo_id: int) -> int:
    """Give out the repository's next number; whoever asks at the same time waits for this transaction, and gets another."""
    insert = postgresql.insert if tx.sql.dialect.name == "postgresql" else sqlite.insert
    first = insert(discussion_settings).values(repo_id=repo_id, last_num=1)
    next_one = first.on_conflict_do_update(
        index_elements=["repo_id"], set_={"last_num": discussion_settings.c.last_num + 1}
    )
    return int(tx.sql.execute(next_one.returning(discussion_settings.c.last_num)).scalar_one())


def add_event(
    tx: WriteTx,
    discussion_id: int,
    user_id: int | None,
    kind: EventType,
    data: Mapping[str, Any],
    moment: datetime | None = None,
) -> int:
    """Add an event; return its id."""
    row = {
        "discussion_id": discussion_id,
        "type": kind.value,
        "user_id": user_id,
        "at": moment or now(),
        "data": json.dumps(data),
    }
    return made_id(tx.sql.execute(sa.insert(discussion_events).values(**row)))


def add_comment_event(tx: WriteTx, discussion_id: int, user_id: int, raw: str, moment: datetime) -> int:
    """Add an event with a text; return its id."""
    event_id = add_event(tx, discussion_id, user_id, EventType.COMMENT, {}, moment)
    row = {"event_id": event_id, "raw": raw, "updated_at": moment, "updated_by": user_id}
    tx.sql.execute(sa.insert(comments).values(**row))
    return event_id


def happen(
    tx: WriteTx,
    repo: Repo,
    discussion: Discussion,
    user_id: int | None,
    kind: EventType,
    data: Mapping[str, Any],
    **changes: object,
) -> Happened:
    """Add an event and change the discussion with it; `changes` are its columns."""
    return happen_several(tx, repo, discussion, user_id, kind, [data], **changes)


def happen_several(
    tx: WriteTx,
    repo: Repo,
    discussion: Discussion,
    user_id: int | None,
    kind: EventType,
    several: Sequence[Mapping[str, Any]],
    **changes: object,
) -> Happened:
    """Add events of one kind, at least one, and change the discussion with them; return the last."""
    moment = now()
    ids = [add_event(tx, discussion.id, user_id, kind, data, moment) for data in several]
    change(tx, discussion, updated_at=moment, **changes)
    if user_id is not None:
        take_part(tx, discussion.id, [user_id])
    return look(tx, repo, discussion.id, ids[-1])


def change(tx: WriteTx, discussion: Discussion, **changes: object) -> None:
    """Change columns of a discussion; the totals follow its status."""
    status = changes.get("status")
    if isinstance(status, Status):
        is_open = status in (Status.DRAFT, Status.OPEN)
        changes |= {"status": status.value, "is_open": is_open}
        if is_open != discussion.is_open:
            count(tx, discussion.repo_id, is_pr=discussion.is_pull_request, is_open=not is_open, by=-1)
            count(tx, discussion.repo_id, is_pr=discussion.is_pull_request, is_open=is_open, by=1)
    tx.sql.execute(sa.update(discussions).where(discussions.c.id == discussion.id).values(**changes))


def count(tx: WriteTx, repo_id: int, *, is_pr: bool, is_open: bool, by: int) -> None:
    """Add to how many discussions of a kind there are."""
    key = {"repo_id": repo_id, "is_pr": is_pr, "is_open": is_open}
    insert_missing(tx.sql, discussion_totals, [{**key, "n": 0}])
    here = sa.and_(*(discussion_totals.c[name] == value for name, value in key.items()))
    tx.sql.execute(sa.update(discussion_totals).where(here).values(n=discussion_totals.c.n + by))


def take_part(tx: WriteTx, discussion_id: int, user_ids: list[int]) -> None:
    """Let people hear of what follows; those who muted the discussion stay undisturbed."""
    moment = now()
    rows = [{"discussion_id": discussion_id, "user_id": user_id, "since": moment} for user_id in user_ids]
    insert_missing(tx.sql, participants, rows)


def look(tx: WriteTx, repo: Repo, discussion_id: int, event_id: int) -> Happened:
    """Return the discussion and the event as they stand now."""
    discussion, event = queries.by_id(tx, discussion_id), queries.event(tx, discussion_id, event_id)
    assert discussion is not None
    assert event is not None
    return Happened(repo, discussion, event)
