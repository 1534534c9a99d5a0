"""Carry who was let in at a gate to another hub, or in from one. Part of `hubkeep export` and `hubkeep import`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing
from hubkeep.repos.access_types import AccessStatus
from hubkeep.repos.tables import access_requests, repos
from hubkeep.repos.types import Repo


@dataclass(frozen=True)
class CarriedAccess:
    """One person's request at a gate, whoever decided it: names of reviewers stay behind."""

    user_id: int
    status: AccessStatus
    answers: Mapping[str, str]
    asked_at: datetime
    reviewed_at: datetime | None
    granted: bool
    reason: str


def access_out(tx: ReadTx, repo: Repo) -> list[CarriedAccess]:
    """Return every request of a repository, oldest first."""
    rows = tx.sql.execute(
        sa.select(access_requests)
        .where(access_requests.c.repo_id == repo.id)
        .order_by(access_requests.c.asked_at, access_requests.c.id)
    )
    return [
        CarriedAccess(
            row.user_id,
            AccessStatus(row.status),
            json.loads(row.fields),
            row.asked_at,
            row.reviewed_at,
            bool(row.granted),
            row.reason,
        )
        for row in rows
    ]


def access_in(tx: WriteTx, repo: Repo, carried: Iterable[CarriedAccess], *, members_gated: bool) -> None:
    """Write the requests of a repository that has just been taken in. Nobody is told: it was decided elsewhere."""
    rows = [
        {
            "repo_id": repo.id,
            "user_id": one.user_id,
            "status": one.status.value,
            "fields": json.dumps(dict(one.answers)),
            "asked_at": one.asked_at,
            "reviewed_at": one.reviewed_at,
            "reviewer_id": None,
            "granted": one.granted,
            "reason": one.reason,
        }
        for one in carried
    ]
    insert_missing(tx.sql, access_requests, rows)
    if members_gated:
        tx.sql.execute(sa.update(repos).where(repos.c.id == repo.id).values(members_gated=True))
