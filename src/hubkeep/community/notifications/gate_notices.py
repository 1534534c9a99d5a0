"""Requests for access that wait, told to those who keep the gate: on their page of notifications, and counted by the bell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor, NotSignedIn, may
from hubkeep.community.notifications.gate_mail import SWITCH, keepers_of
from hubkeep.community.notifications.switches import switches_of
from hubkeep.community.notifications.tables import gate_notices
from hubkeep.kit import Bus, Job, ReadTx, WriteTx, now
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import (
    AccessAsked,
    AccessReviewed,
    AccessStatus,
    Repo,
    Stores,
    count_access_requests,
    repos_by_id,
)

NOTICE = "community.gate_notice"
MANY = 100  # repositories told of at once


@dataclass(frozen=True)
class GateNotice:
    """A repository whose gate the reader keeps, and how many wait there."""

    repo: Repo
    waiting: int
    read: bool
    updated_at: datetime


def subscribe(bus: Bus) -> None:
    """Listen to what happens at gates."""
    bus.on(AccessAsked, lambda tx, event: _later(tx, event.repo.id, asked=True))
    bus.on(AccessReviewed, lambda tx, event: _later(tx, event.repo.id, asked=False))


def notice(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: tell the keepers of a gate that somebody waits there, or that nobody does any more."""
    repo_id = int(args["repo_id"])
    here = gate_notices.c.repo_id == repo_id
    with stores.db.write() as tx:
        repo = next(iter(repos_by_id(tx, [repo_id])), None)
        if repo is None or not count_access_requests(tx, repo_id, AccessStatus.PENDING, most=1):
            tx.sql.execute(sa.delete(gate_notices).where(here))
        elif args["asked"]:
            keepers = [user.id for user in keepers_of(tx, repo)]
            wants = switches_of(tx, keepers)
            told = [user_id for user_id in keepers if wants[user_id][SWITCH]]
            rows = [
                {"user_id": each, "repo_id": repo_id, "read": False, "updated_at": now()} for each in told
            ]
            if rows:
                insert_missing(tx.sql, gate_notices, rows)
            again = sa.update(gate_notices).where(here, gate_notices.c.user_id.in_(told))
            tx.sql.execute(again.values(read=False, updated_at=now()))


def gate_notices_of(tx: ReadTx, actor: Actor, *, unread: bool = False) -> list[GateNotice]:
    """Return where somebody waits at a gate that the actor keeps, the latest first. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    rows = _rows(tx, actor.user_id, unread=unread)
    known = {repo.id: repo for repo in repos_by_id(tx, [row.repo_id for row in rows])} if rows else {}
    found = []
    for row in rows:
        repo = known.get(row.repo_id)
        if repo is None or not repo.gated or not may(actor, Action.WRITE, repo):
            continue
        if waiting := count_access_requests(tx, repo.id, AccessStatus.PENDING):
            found.append(GateNotice(repo, waiting, row.read, row.updated_at))
    return found


def count_gate_notices(tx: ReadTx, actor: Actor) -> int:
    """Return at how many gates somebody waits whom the actor has not seen: one look into an index, for most people."""
    return len(gate_notices_of(tx, actor, unread=True)) if actor.user_id is not None else 0


def mark_gate_notice(tx: WriteTx, actor: Actor, repo_id: int) -> None:
    """Note that the actor has seen who waits at a gate. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    mine = sa.and_(gate_notices.c.user_id == actor.user_id, gate_notices.c.repo_id == repo_id)
    tx.sql.execute(sa.update(gate_notices).where(mine).values(read=True))


HANDLERS = {NOTICE: notice}


def _rows(tx: ReadTx, user_id: int, *, unread: bool) -> Sequence[sa.Row[Any]]:
    mine = [gate_notices.c.user_id == user_id] + ([gate_notices.c.read.is_(False)] if unread else [])
    latest = (
        sa.select(gate_notices)
        .where(*mine)
        .order_by(gate_notices.c.updated_at.desc(), gate_notices.c.repo_id)
    )
    return tx.sql.execute(latest.limit(MANY)).all()


def _later(tx: WriteTx, repo_id: int, *, asked: bool) -> None:
    tx.enqueue(Job(NOTICE, {"repo_id": repo_id, "asked": asked}))
