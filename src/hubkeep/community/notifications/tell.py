"""Tell people of something that happened: rows for the web, jobs for mail, links between discussions."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hubkeep.community import discussions
from hubkeep.community.discussions import Discussion, Event, refer, take_part
from hubkeep.community.notifications.mentions import references
from hubkeep.community.notifications.recipients import recipients
from hubkeep.community.notifications.switches import switches_of
from hubkeep.community.notifications.tables import notifications
from hubkeep.community.notifications.types import Reason
from hubkeep.kit import Job, ReadTx, WriteTx, now
from hubkeep.repos import Kind, Repo, Stores, by_name, repos_by_id

MAIL, PRUNE = "community.mail", "community.prune"
BATCH = 200  # people told in one transaction: others wait milliseconds
KEEP_DAYS = 180


def tell(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: find out who has to hear of an event, and tell them. Doing it again tells nobody twice."""
    with stores.db.read() as tx:
        found = _look(tx, int(args["discussion_id"]), int(args["event_id"]))
        if found is None:
            return
        repo, discussion, event = found
        text = event.comment.raw if event.comment else ""
        people = recipients(tx, repo, event)
        spoken_of = _spoken_of(tx, repo, discussion, references(text, stores.settings.url))
    everybody = sorted(people)
    mails = bool(stores.settings.mail.host)
    for start in range(0, len(everybody), BATCH):
        some = {user_id: people[user_id] for user_id in everybody[start : start + BATCH]}
        with stores.db.write() as tx:
            _tell_some(tx, repo, event, some, delay=stores.settings.mail.delay_seconds if mails else None)
    with stores.db.write() as tx:
        take_part(tx, discussion.id, [one for one, why in people.items() if why is Reason.MENTION])
        refer(tx, discussion.id, event.id, spoken_of)


def prune(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: once a day, let go of notifications that are old."""
    del args
    before = now() - timedelta(days=KEEP_DAYS)
    while True:
        with stores.db.write() as tx:
            old = sa.select(notifications.c.user_id, notifications.c.discussion_id)
            rows = tx.sql.execute(old.where(notifications.c.updated_at < before).limit(BATCH)).all()
            for row in rows:
                tx.sql.execute(sa.delete(notifications).where(_here(row.user_id, row.discussion_id)))
        if len(rows) < BATCH:
            break
    with stores.db.write() as tx:
        tx.enqueue(Job(PRUNE, delay=24 * 3600))


def _look(tx: ReadTx, discussion_id: int, event_id: int) -> tuple[Repo, Discussion, Event] | None:
    """Return everything about the event; None when some of it is gone meanwhile."""
    discussion, event = discussions.by_id(tx, discussion_id), discussions.event(tx, discussion_id, event_id)
    repos = repos_by_id(tx, [discussion.repo_id]) if discussion else []
    if discussion is None or event is None or not repos or repos[0].disabled:
        return None
    return repos[0], discussion, event


def _tell_some(
    tx: WriteTx, repo: Repo, event: Event, people: Mapping[int, Reason], *, delay: int | None
) -> None:
    """Write the rows of some people, and a mail job for each who wants mail (`delay` None: there is no mail)."""
    told = _told_already(tx, event, list(people))
    switches = switches_of(tx, list(people))
    web: dict[int, Reason] = {}
    for user_id, reason in people.items():
        if user_id in told:
            continue
        wants = switches[user_id]
        topic = "watched" if reason is Reason.WATCHED else "participating"
        if wants[f"web_discussions_{topic}"]:
            web[user_id] = reason
        if delay is not None and wants[f"discussions_{topic}"]:
            facts = {"user_id": user_id, "discussion_id": event.discussion_id, "event_id": event.id}
            tx.enqueue(Job(MAIL, {**facts, "reason": reason.value}, delay=delay))
    if web:
        _upsert(tx, repo, event, web)


def _told_already(tx: WriteTx, event: Event, user_ids: list[int]) -> set[int]:
    here = sa.and_(
        notifications.c.discussion_id == event.discussion_id,
        notifications.c.user_id.in_(user_ids),
        notifications.c.event_id >= event.id,
    )
    return set(tx.sql.execute(sa.select(notifications.c.user_id).where(here)).scalars())


def _upsert(tx: WriteTx, repo: Repo, event: Event, people: Mapping[int, Reason]) -> None:
    """Make people's notifications of this discussion unread, in one statement: requests wait for the end of this transaction.

    A mention stays one until it was read.
    """
    insert = postgresql.insert if tx.sql.dialect.name == "postgresql" else sqlite.insert
    rows = [
        {
            "user_id": user_id,
            "discussion_id": event.discussion_id,
            "repo_id": repo.id,
            "repo_kind": repo.kind.value,
            "reason": reason.value,
            "read": False,
            "first_event_id": event.id,
            "first_event_at": event.at,
            "event_id": event.id,
            "updated_at": event.at,
        }
        for user_id, reason in people.items()
    ]
    made = insert(notifications).values(rows)
    old, new = notifications.c, made.excluded
    unseen = sa.and_(old.read.is_(False), old.event_id < new.event_id)
    order = made.on_conflict_do_update(
        index_elements=["user_id", "discussion_id"],
        set_={
            "read": False,
            "event_id": new.event_id,
            "updated_at": new.updated_at,
            "first_event_id": sa.case((unseen, old.first_event_id), else_=new.first_event_id),
            "first_event_at": sa.case((unseen, old.first_event_at), else_=new.first_event_at),
            "reason": sa.case(
                (sa.and_(unseen, old.reason == Reason.MENTION.value), old.reason), else_=new.reason
            ),
        },
        where=old.event_id < new.event_id,
    )
    tx.sql.execute(order)


def _spoken_of(tx: ReadTx, repo: Repo, here: Discussion, found: list[Any]) -> list[int]:
    """Return the ids of the discussions that a text speaks of; whoever reads them later is asked for their own rights."""
    ids: list[int] = []
    for reference in found:
        there = repo if reference.full_name is None else None
        if reference.full_name is not None:
            there = by_name(tx, reference.kind or Kind(repo.kind), reference.full_name)
        target = discussions.by_num(tx, there.id, reference.num) if there is not None else None
        if target is not None and target.id != here.id:
            ids.append(target.id)
    return ids


def _here(user_id: int, discussion_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(notifications.c.user_id == user_id, notifications.c.discussion_id == discussion_id)
