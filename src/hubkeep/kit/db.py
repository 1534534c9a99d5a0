"""The database: two engines, two kinds of transaction, explicit ends.

A `ReadTx` cannot write (SQLite connections are `query_only`, PostgreSQL transactions `READ ONLY`), a `WriteTx` is
the commit point of whatever it wraps. SQLite writes start with BEGIN IMMEDIATE behind a file lock: the deferred default
fails with «database is locked» as soon as two processes write (docs/decisions/0001-the-house.md).
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from hubkeep.kit import jobs
from hubkeep.kit.bus import Bus, Event
from hubkeep.kit.tables import metadata as metadata


class ReadTx:
    """A consistent view of the database. `sql` runs SELECTs."""

    def __init__(self, sql: sa.Connection) -> None:
        self.sql = sql


class WriteTx(ReadTx):
    """A transaction that may write, say what happened, and leave work for later."""

    def __init__(self, sql: sa.Connection, bus: Bus) -> None:
        super().__init__(sql)
        self._bus = bus

    def emit(self, fact: Event) -> None:
        """Tell the rooms above, inside this transaction."""
        self._bus.deliver(self, fact)

    def enqueue(self, job: "jobs.Job") -> None:
        """Leave work for later; it exists only if this transaction commits."""
        jobs.enqueue(self, job)


class Database:
    """Opens transactions on SQLite (`sqlite:///file`) or PostgreSQL (`postgresql+psycopg://…`)."""

    def __init__(self, url: str, bus: Bus | None = None) -> None:
        self.url = sa.engine.make_url(url)
        self.bus = bus or Bus()
        self._lock = _WriteLock(self._lock_file())
        if self.url.get_backend_name() == "sqlite":
            self._writer = _sqlite_engine(self.url, read_only=False)
            self._reader = _sqlite_engine(self.url, read_only=True)
        else:
            self._writer = sa.create_engine(self.url, pool_size=16, max_overflow=16, pool_pre_ping=True)
            self._reader = self._writer.execution_options(postgresql_readonly=True)

    @contextmanager
    def read(self) -> Iterator[ReadTx]:
        """Open a read transaction; it never waits for a writer."""
        with self._reader.connect() as sql, sql.begin():
            yield ReadTx(sql)

    @contextmanager
    def write(self) -> Iterator[WriteTx]:
        """Open a write transaction; committed when the block ends, rolled back when it raises."""
        with self._lock.held(), self._writer.connect() as sql, sql.begin():
            yield WriteTx(sql, self.bus)

    def create_all(self) -> None:
        """Create every table of every room that was imported (tests; `db upgrade` uses the migrations)."""
        with self._lock.held():
            metadata.create_all(self._writer)

    @property
    def engine(self) -> sa.Engine:
        """The writing engine, for migrations."""
        return self._writer

    def close(self) -> None:
        """Give every connection back."""
        self._reader.dispose()
        self._writer.dispose()

    def _lock_file(self) -> Path | None:
        is_file = self.url.get_backend_name() == "sqlite" and self.url.database
        return Path(f"{self.url.database}.lock") if is_file else None


class _WriteLock:
    """Queues SQLite's writers, threads and processes alike; blocks instead of polling. Nothing on PostgreSQL."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._threads = path, threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        if self._path is None:
            with nullcontext():
                yield
            return
        with self._threads, self._path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _sqlite_engine(url: sa.URL, *, read_only: bool) -> sa.Engine:
    arguments: dict[str, Any] = {"check_same_thread": False, "timeout": 30, "isolation_level": None}
    engine = sa.create_engine(url, connect_args=arguments, pool_size=32, max_overflow=32)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-16000")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
