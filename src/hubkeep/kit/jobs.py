"""Work to do later, kept in SQL and born in the transaction that causes it."""

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from hubkeep.kit.clock import now
from hubkeep.kit.settings import JobSettings
from hubkeep.kit.tables import jobs

if TYPE_CHECKING:
    from hubkeep.kit.db import Database, ReadTx, WriteTx

log = logging.getLogger(__name__)
NEVER = datetime(
    9999, 12, 31, tzinfo=UTC
)  # `run_at` of a job that was given up: kept, with its error, to be looked at
MAX_WAIT = timedelta(hours=1)
MAX_ERROR = 2000
LOOK_SECONDS = 0.05  # how soon `run_forever` sees that it may return
Handler = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True)
class Job:
    """One piece of work: a dotted `kind` (`room.verb`), JSON `args`, and seconds to wait before it may run.

    Its handler runs at least once: again after a crash or an error, so it must not mind having run before.
    """

    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True)
class Claim:
    """A job in hand. `attempt` counts from 1, and tells this claim from a later one of the same job."""

    id: int
    kind: str
    args: Mapping[str, Any]
    attempt: int


def enqueue(tx: "WriteTx", job: Job) -> None:
    """Add the job; it exists if and only if the transaction commits."""
    row = {"kind": job.kind, "args": json.dumps(job.args), "run_at": now() + timedelta(seconds=job.delay)}
    tx.sql.execute(sa.insert(jobs).values(**row, attempts=0))


def waiting(tx: "ReadTx", kind: str) -> list[Mapping[str, Any]]:
    """Return the arguments of every job of a kind that will still run or is running."""
    found = sa.select(jobs.c.args).where(jobs.c.kind == kind, jobs.c.run_at < NEVER)
    return [json.loads(args) for args in tx.sql.execute(found).scalars()]


class Worker:
    """Claims jobs and runs them, several at once; safe beside any number of other workers.

    A claim is a lease: it moves `run_at` ahead, and a heartbeat keeps moving it. A worker that dies or loses its database
    stops beating, the lease runs out and another one starts the job again. `at_most` bounds how many of a kind this
    worker runs at once.
    """

    def __init__(
        self,
        db: "Database",
        handlers: Mapping[str, Handler],
        settings: JobSettings | None = None,
        at_most: Mapping[str, int] | None = None,
    ) -> None:
        self._db, self._handlers = db, handlers
        self._settings, self._at_most = settings or JobSettings(), at_most or {}
        self._lease = timedelta(seconds=self._settings.lease_seconds)
        self._running: dict[int, Claim] = {}
        self._claiming, self._stop = threading.Lock(), threading.Event()

    def stop(self) -> None:
        """Ask `run_forever` to return after the jobs in hand. Safe in a signal handler."""
        self._stop.set()
        self._db.work.set()

    def run_forever(self, idle_seconds: float = 1.0) -> None:
        """Work until `stop`; look for jobs of other processes every `idle_seconds` when there is nothing to do."""
        threads = [
            threading.Thread(target=self._work, args=(idle_seconds,), name=f"job-{number}", daemon=True)
            for number in range(self._settings.threads)
        ]
        for thread in threads:
            thread.start()
        beaten = time.monotonic()
        while any(thread.is_alive() for thread in threads):
            time.sleep(
                LOOK_SECONDS
            )  # not an Event: a signal handler that calls `stop` must find no lock of ours held
            if time.monotonic() - beaten > self._settings.lease_seconds / 3:
                self._heartbeat()
                beaten = time.monotonic()

    def run_one(self) -> bool:
        """Run one due job in this thread. False when none is due."""
        claim = self._claim()
        if claim is None:
            return False
        try:
            self._handlers[claim.kind](claim.args)
        except Exception as error:  # the job's code may fail in any way; the loop must not.
            log.exception("job failed", extra={"job": claim.id, "kind": claim.kind, "attempt": claim.attempt})
            self._later(claim, error)
        else:
            with self._db.write() as tx:
                tx.sql.execute(sa.delete(jobs).where(_still(claim)))
        finally:
            self._running.pop(claim.id, None)
        return True

    def _work(self, idle_seconds: float) -> None:
        while not self._stop.is_set():
            try:
                busy = self.run_one()
            except SQLAlchemyError:
                log.exception("the database does not answer the job worker")
                self._stop.wait(idle_seconds)
                continue
            if not busy and self._db.work.wait(idle_seconds) and not self._stop.is_set():
                self._db.work.clear()

    def _claim(self) -> Claim | None:
        """Take the job that is due longest; give up those that killed their workers too often."""
        with self._claiming:
            busy = Counter(claim.kind for claim in self._running.values())
            free = [kind for kind in self._handlers if busy[kind] < self._at_most.get(kind, busy[kind] + 1)]
            due = sa.select(jobs).where(jobs.c.kind.in_(free), jobs.c.run_at <= now()).limit(1)
            with self._db.read() as tx:  # most looks find nothing, and need not queue with the writers
                if tx.sql.execute(due).first() is None:
                    return None
            oldest = due.order_by(jobs.c.run_at, jobs.c.id).with_for_update(skip_locked=True)
            with self._db.write() as tx:
                while (row := tx.sql.execute(oldest).first()) is not None:
                    here = sa.update(jobs).where(jobs.c.id == row.id)
                    if row.attempts < self._settings.max_attempts:
                        tx.sql.execute(here.values(run_at=now() + self._lease, attempts=row.attempts + 1))
                        break
                    tx.sql.execute(here.values(run_at=NEVER, error=row.error or "its worker died every time"))
            if row is None:
                return None
            claim = Claim(row.id, row.kind, json.loads(row.args), row.attempts + 1)
            self._running[claim.id] = claim
            return claim

    def _later(self, claim: Claim, error: Exception) -> None:
        """Try again after a while, longer each time; give up after the last attempt."""
        last = claim.attempt >= self._settings.max_attempts
        run_at = NEVER if last else now() + min(timedelta(seconds=2**claim.attempt), MAX_WAIT)
        values = {"run_at": run_at, "error": f"{type(error).__name__}: {error}"[:MAX_ERROR]}
        with self._db.write() as tx:
            tx.sql.execute(sa.update(jobs).where(_still(claim)).values(**values))

    def _heartbeat(self) -> None:
        """Extend the lease of every job in hand."""
        claims = list(self._running.values())
        if not claims:
            return
        try:
            with self._db.write() as tx:
                for claim in claims:
                    held = tx.sql.execute(
                        sa.update(jobs).where(_still(claim)).values(run_at=now() + self._lease)
                    )
                    if held.rowcount == 0 and claim.id in self._running:
                        log.warning("another worker took the job over", extra={"job": claim.id})
        except SQLAlchemyError:
            log.exception("the database does not answer the job worker")


def _still(claim: Claim) -> sa.ColumnElement[bool]:
    """True of the row as long as nobody claimed the job after us."""
    return sa.and_(jobs.c.id == claim.id, jobs.c.attempts == claim.attempt)
