"""Look at the queue of jobs, and at those that were given up: try one again, or drop it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hubkeep.kit.clock import now
from hubkeep.kit.errors import HubError
from hubkeep.kit.jobs import NEVER
from hubkeep.kit.tables import Row, jobs

if TYPE_CHECKING:
    from hubkeep.kit.db import ReadTx, WriteTx


class JobState(StrEnum):
    """Where a job stands. One that runs counts as `tried`: its lease is the next attempt's date."""

    WAITING = "waiting"
    TRIED = "tried"
    FAILED = "failed"  # given up


@dataclass(frozen=True)
class QueuedJob:
    """A job as operators see it. `run_at` is None for one that was given up; `error` is that of the last attempt."""

    id: int
    kind: str
    args: Mapping[str, Any]
    state: JobState
    run_at: datetime | None
    attempts: int
    error: str | None


class JobNotFound(HubError):
    """The job ran meanwhile, or was dropped."""

    status, text = 404, "There is no job {job}: it ran, or was dropped."


class JobNotFailed(HubError):
    """The queue cares for a job until it is given up."""

    status, text = 409, "Job {job} is still in the queue: only those that were given up can be tried again."


def list_jobs(
    tx: "ReadTx", state: JobState | None = None, *, after: int = 0, limit: int = 50
) -> list[QueuedJob]:
    """Return jobs with a number above `after`, in number order."""
    query = sa.select(jobs).where(jobs.c.id > after).order_by(jobs.c.id).limit(limit)
    if state is not None:
        query = query.where(_IN[state])
    return [_fact(row) for row in tx.sql.execute(query)]


def count_jobs(tx: "ReadTx") -> dict[JobState, int]:
    """Return how many jobs there are in each state."""
    counts = [sa.func.count().filter(_IN[state]) for state in JobState]
    row = tx.sql.execute(sa.select(*counts).select_from(jobs)).one()
    return dict(zip(JobState, map(int, row), strict=True))


def retry_job(tx: "WriteTx", job_id: int) -> QueuedJob:
    """Let a job that was given up run again, now, with all its attempts. Raises JobNotFound, JobNotFailed."""
    found = _job(tx, job_id)
    if found.state is not JobState.FAILED:
        raise JobNotFailed(job=job_id)
    tx.sql.execute(sa.update(jobs).where(jobs.c.id == job_id).values(run_at=now(), attempts=0))
    tx.queued = True
    return found


def drop_job(tx: "WriteTx", job_id: int) -> QueuedJob:
    """Take a job out of the queue for good. One that runs just now ends what it does. Raises JobNotFound."""
    found = _job(tx, job_id)
    tx.sql.execute(sa.delete(jobs).where(jobs.c.id == job_id))
    return found


def _job(tx: "WriteTx", job_id: int) -> QueuedJob:
    row = tx.sql.execute(sa.select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        raise JobNotFound(job=job_id)
    return _fact(row)


_IN = {
    JobState.WAITING: sa.and_(jobs.c.run_at < NEVER, jobs.c.attempts == 0),
    JobState.TRIED: sa.and_(jobs.c.run_at < NEVER, jobs.c.attempts > 0),
    JobState.FAILED: jobs.c.run_at >= NEVER,
}


def _fact(row: Row) -> QueuedJob:
    failed = row.run_at >= NEVER
    tried = JobState.TRIED if row.attempts else JobState.WAITING
    state = JobState.FAILED if failed else tried
    run_at = None if failed else row.run_at
    return QueuedJob(row.id, row.kind, json.loads(row.args), state, run_at, row.attempts, row.error)
