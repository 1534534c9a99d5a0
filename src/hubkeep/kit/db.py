"""The database: two engines, two kinds of transaction, explicit ends.

A `ReadTx` cannot write (SQLite connections are `query_only`, PostgreSQL transactions `READ ONLY`) and sees one moment from
its first query to its last; a `WriteTx` is the commit point of whatever it wraps. SQLite writes start with BEGIN IMMEDIATE
behind a file lock: the deferred default fails with «database is locked» as soon as two processes write, and its busy
handler starves writers for seconds (docs/decisions/0001-the-house.md).
"""

import fcntl
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext

from hubkeep.kit import jobs
from hubkeep.kit.bus import Bus, Event
from hubkeep.kit.errors import BadInput
from hubkeep.kit.kept import MISSING, Kept
from hubkeep.kit.tables import metadata as metadata

BUSY_SECONDS = 30  # programs that are not ours may hold SQLite's lock too
CONNECTIONS, MORE_CONNECTIONS = 16, 16


T = TypeVar("T")


class ReadTx:
    """A consistent view of the database. `sql` runs SELECTs; it is opened by the first one."""

    def __init__(self, opened: Callable[[], sa.Connection], kept: Kept) -> None:
        self._opened, self._kept = opened, kept
        self._sql: sa.Connection | None = None
        self._version: int | None = None

    @property
    def sql(self) -> sa.Connection:
        """The connection, inside its transaction."""
        if self._sql is None:
            self._version = (
                self._kept.version()
            )  # before the view begins: what is read then is at least as new
            self._sql = self._opened()
        return self._sql

    def keep(self, key: Hashable, read: Callable[[], T]) -> T:
        """Return what `read` returns, from memory when nothing was written since it was last asked.

        For the hottest reads only, and only for answers that change by a write, never by the clock. `read` must use this
        transaction, and its answer must be immutable.
        """
        found = self._kept.get(key, self._version)
        if found is MISSING:
            found = read()
            self._kept.put(key, found, self._version)
        answer: T = found
        return answer


class WriteTx(ReadTx):
    """A transaction that may write, say what happened, and leave work for later."""

    def __init__(self, sql: sa.Connection, bus: Bus) -> None:
        super().__init__(lambda: sql, Kept(None))
        self._sql = sql
        self._bus = bus
        self.queued = False

    def emit(self, fact: Event) -> None:
        """Tell the rooms above, inside this transaction."""
        self._bus.deliver(self, fact)

    def enqueue(self, job: "jobs.Job") -> None:
        """Leave work for later; it exists only if this transaction commits."""
        jobs.enqueue(self, job)
        self.queued = True


class Database:
    """Opens transactions on SQLite (`sqlite:///file`) or PostgreSQL (`postgresql://user@host/name`).

    `work` is set when a transaction of this process left a job, so that workers beside it need not poll for it.
    """

    def __init__(self, url: str, bus: Bus | None = None) -> None:
        self.url = _checked(sa.engine.make_url(url))
        self.bus = bus or Bus()
        self.work = threading.Event()
        self._mine = threading.local()
        self._lock = _WriteLock(self._lock_file())
        self.kept = Kept(self.url.database if self.url.get_backend_name() == "sqlite" else None)
        if self.url.get_backend_name() == "sqlite":
            self._writer = _sqlite_engine(self.url, read_only=False)
            self._reader = _sqlite_engine(self.url, read_only=True)
        else:
            self._writer = _postgres_engine(self.url)
            self._reader = self._writer.execution_options(
                postgresql_readonly=True, isolation_level="REPEATABLE READ"
            )

    @contextmanager
    def read(self) -> Iterator[ReadTx]:
        """Open a read transaction; it never waits for a writer."""
        with ExitStack() as opened:

            def begin() -> sa.Connection:
                sql = opened.enter_context(self._reader.connect())
                opened.enter_context(sql.begin())
                return sql

            yield ReadTx(begin, self.kept)

    @contextmanager
    def write(self) -> Iterator[WriteTx]:
        """Open a write transaction; committed when the block ends, rolled back when it raises."""
        with self._alone(), self._lock.held(), self._writer.connect() as sql, sql.begin():
            tx = WriteTx(sql, self.bus)
            yield tx
        if tx.queued:
            self.work.set()

    def create_all(self) -> None:
        """Create every table of every room that was imported (tests; a hub's schema comes from the migrations)."""
        with self.write() as tx:
            metadata.create_all(tx.sql)

    def check(self) -> None:
        """Prove that the database answers. Raises SQLAlchemy's errors."""
        with self.read() as tx:
            tx.sql.execute(sa.select(1))

    @property
    def engine(self) -> sa.Engine:
        """The writing engine, for whoever watches statements."""
        return self._writer

    def close(self) -> None:
        """Give every connection back."""
        self.kept.close()
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Refuse a write transaction inside another of the same thread: SQLite's lock would wait for itself."""
        if getattr(self._mine, "writing", False):
            raise RuntimeError("a write transaction is open in this thread already: pass it on")
        self._mine.writing = True
        try:
            yield
        finally:
            self._mine.writing = False

    def _lock_file(self) -> Path | None:
        return Path(f"{self.url.database}.lock") if self.url.get_backend_name() == "sqlite" else None


class _WriteLock:
    """Queues SQLite's writers, threads and processes alike; blocks instead of polling. Nothing on PostgreSQL.

    The kernel lets go of the lock when its process dies, however it dies.
    """

    def __init__(self, path: Path | None) -> None:
        self._path, self._threads = path, threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        if self._path is None:
            yield
            return
        with self._threads, self._path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _checked(url: sa.URL) -> sa.URL:
    """Choose the driver; refuse databases that keep none of our promises. Raises ValueError."""
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ValueError(f"database_url: {backend} is not supported; use sqlite or postgresql")
    if not url.database or url.database == ":memory:":
        raise ValueError(
            "database_url: SQLite needs a file: its readers and writers are different connections"
        )
    return url


def _postgres_engine(url: sa.URL) -> sa.Engine:
    arguments = {"application_name": "hubkeep", "connect_timeout": 10}
    engine = sa.create_engine(
        url,
        connect_args=arguments,
        pool_size=CONNECTIONS,
        max_overflow=MORE_CONNECTIONS,
        pool_pre_ping=True,
    )
    _refuse_the_impossible(engine)
    return engine


def _refuse_the_impossible(engine: sa.Engine) -> None:
    """Make bad input of what no database can hold, should a door have let it in: it came from outside."""

    @event.listens_for(engine, "handle_error")
    def on_error(context: ExceptionContext) -> None:
        cause = context.original_exception
        if isinstance(cause, UnicodeEncodeError) or "NUL (0x00)" in str(cause):
            raise BadInput(field="text", reason="a null character or half of a surrogate pair") from cause
        if isinstance(cause, OverflowError) or type(cause).__name__ == "NumericValueOutOfRange":
            raise BadInput(field="number", reason="too large") from cause


def _sqlite_engine(url: sa.URL, *, read_only: bool) -> sa.Engine:
    arguments: dict[str, Any] = {"check_same_thread": False, "timeout": BUSY_SECONDS, "isolation_level": None}
    engine = sa.create_engine(
        url, connect_args=arguments, pool_size=CONNECTIONS, max_overflow=3 * MORE_CONNECTIONS
    )
    _refuse_the_impossible(engine)

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
