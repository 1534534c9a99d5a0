"""Work to do later, kept in SQL and born in the transaction that causes it."""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hubkeep.kit.clock import now
from hubkeep.kit.tables import jobs

if TYPE_CHECKING:
    from hubkeep.kit.db import Database, WriteTx

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=10)
MAX_ATTEMPTS = 8


@dataclass(frozen=True)
class Job:
    """One piece of work: a dotted `kind` (`room.verb`), JSON `args`, and seconds to wait before it may run."""

    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)
    delay: float = 0.0


def enqueue(tx: "WriteTx", job: Job) -> None:
    """Add the job; it exists if and only if the transaction commits."""
    row = {"kind": job.kind, "args": json.dumps(job.args), "run_at": now() + timedelta(seconds=job.delay)}
    tx.sql.execute(sa.insert(jobs).values(**row, attempts=0))


class Worker:
    """Claims jobs one at a time and runs them; a crashed worker's lease runs out and another takes over."""

    def __init__(self, db: "Database", handlers: Mapping[str, Callable[[Mapping[str, Any]], None]]) -> None:
        self._db, self._handlers, self._stop = db, handlers, threading.Event()

    def stop(self) -> None:
        """Ask `run_forever` to return after the job in hand."""
        self._stop.set()

    def run_forever(self, idle_seconds: float = 1.0) -> None:
        """Work until `stop`; sleep `idle_seconds` when there is nothing to do."""
        while not self._stop.is_set():
            if not self.run_one():
                self._stop.wait(idle_seconds)

    def run_one(self) -> bool:
        """Run one due job. False when none is due."""
        claimed = self._claim()
        if claimed is None:
            return False
        job_id, kind, args, attempts = claimed
        try:
            self._handlers[kind](args)
        except Exception as error:  # the job's code may fail in any way; the loop must not.
            log.exception("job %s (%s) failed", job_id, kind)
            self._retry_later(job_id, attempts, error)
        else:
            with self._db.write() as tx:
                tx.sql.execute(sa.delete(jobs).where(jobs.c.id == job_id))
        return True

    def _claim(self) -> tuple[int, str, Any, int] | None:
        with self._db.write() as tx:
            due = (
                sa.select(jobs)
                .where(
                    jobs.c.kind.in_(self._handlers), jobs.c.run_at <= now(), jobs.c.attempts < MAX_ATTEMPTS
                )
                .order_by(jobs.c.run_at, jobs.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            row = tx.sql.execute(due).first()
            if row is None:
                return None
            lease = {"run_at": now() + LEASE, "attempts": row.attempts + 1}
            tx.sql.execute(sa.update(jobs).where(jobs.c.id == row.id).values(**lease))
            return row.id, row.kind, json.loads(row.args), row.attempts + 1

    def _retry_later(self, job_id: int, attempts: int, error: Exception) -> None:
        wait = timedelta(seconds=min(2**attempts, 3600))
        values = {"run_at": now() + wait, "error": f"{type(error).__name__}: {error}"[:2000]}
        with self._db.write() as tx:
            tx.sql.execute(sa.update(jobs).where(jobs.c.id == job_id).values(**values))
