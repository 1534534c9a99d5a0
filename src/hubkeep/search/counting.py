"""Count downloads by the Hub's rule, off the request's path: noted in memory, written in batches.

A request for one of a repository's *query files* is a download; the same person (or address) within five minutes is one.
Source: hub-features 3.2 and the Hub's documentation of download statistics.
"""

import hashlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from hubkeep import repos
from hubkeep.kit import Database, ReadTx, WriteTx
from hubkeep.repos import Info, Kind, Repo
from hubkeep.search.activity import add_downloads
from hubkeep.search.tables import marks
from hubkeep.search.vocabulary import counted_files

log = logging.getLogger(__name__)
SAME_SECONDS = 300
FLUSH_SECONDS = 20.0
BATCH = 200  # repositories in one transaction: about 50 ms
MOST_WAITING = 50_000  # notes kept in memory; beyond that, they are written at once
MOST_PATHS = 8  # files remembered of one note: any of them may be the one that counts
DEFAULT_FILES = ("config.json", "config.yaml", "hyperparams.yaml", "params.json", "meta.yaml")

Note = tuple[int, str]  # repository, and a hash of it and of who downloaded


@dataclass(frozen=True)
class Waiting:
    """What one person asked for of one repository, and when first (Unix second)."""

    paths: frozenset[str]
    at: int


class Counts:
    """The downloads that one process has noted and not yet written. `note` is cheap and never waits for the database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Note, Waiting] = {}
        self._written: dict[Note, int] = {}
        self.full = threading.Event()

    def note(self, repo: Repo, path: str, who: str, at: float | None = None) -> None:
        """Note that `who` (a user's number or an address) asked for a file, if that may be a download."""
        if not may_count(repo.kind, path):
            return
        moment = int(time.time() if at is None else at)
        key = repo.id, _hashed(repo.id, who)
        with self._lock:
            if moment - self._written.get(key, moment - SAME_SECONDS) < SAME_SECONDS:
                return
            kept = self._waiting.get(key)
            if kept is None:
                self._waiting[key] = Waiting(frozenset([path]), moment)
            elif path not in kept.paths and len(kept.paths) < MOST_PATHS:
                self._waiting[key] = Waiting(kept.paths | {path}, kept.at)
            if len(self._waiting) >= MOST_WAITING:
                self.full.set()

    def flush(self, db: Database) -> int:
        """Write what was noted; return how many downloads that were. What could not be written is kept for the next time."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            self.full.clear()
        total, keys = 0, sorted(waiting)
        for start in range(0, len(keys), BATCH):
            batch = {key: waiting[key] for key in keys[start : start + BATCH]}
            try:
                with db.write() as tx:
                    counted = _write(tx, batch)
            except SQLAlchemyError:
                self._keep({key: waiting[key] for key in keys[start:]})
                raise
            self._remember(counted)
            total += len(counted)
        return total

    def _keep(self, notes: dict[Note, Waiting]) -> None:
        with self._lock:
            self._waiting = self._waiting | notes

    def _remember(self, counted: dict[Note, int]) -> None:
        """Know for a while what was counted, so that most repeats cost nothing."""
        if not counted:
            return
        with self._lock:
            newest = max(counted.values())
            recent = {key: at for key, at in self._written.items() if newest - at < SAME_SECONDS}
            self._written = recent | counted if len(recent) < MOST_WAITING else counted


class Keeper:
    """Writes the counts of one process every `FLUSH_SECONDS`, and when it stops."""

    def __init__(self, db: Database, counts: Counts) -> None:
        self._db, self._counts, self._stop = db, counts, threading.Event()
        self._thread = threading.Thread(target=self._run, name="counts", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        self._stop.set()
        self._counts.full.set()
        self._thread.join(timeout=30)
        self._flush()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._counts.full.wait(FLUSH_SECONDS)
            if not self._flush():
                self._stop.wait(FLUSH_SECONDS)

    def _flush(self) -> bool:
        try:
            self._counts.flush(self._db)
        except SQLAlchemyError:
            log.exception("downloads could not be written; they are kept for the next time")
            return False
        return True


@cache
def _patterns() -> tuple[str, ...]:
    return tuple(dict.fromkeys(pattern for patterns in counted_files().values() for pattern in patterns))


def may_count(kind: Kind, path: str) -> bool:
    """Tell whether a request for that file can be a download, whatever library the model is made for."""
    if kind is Kind.SPACE:
        return False
    if kind is not Kind.MODEL:
        return not path.rpartition("/")[2].startswith(".git")
    return path in DEFAULT_FILES or any(_is(path, pattern) for pattern in _patterns())


def is_query_file(library: str | None, path: str) -> bool:
    """Tell whether a request for that file of a model is a download: the library's rule, else the default one."""
    if path.endswith(".gguf"):
        return True
    patterns = counted_files().get(library or "")
    return path in DEFAULT_FILES if patterns is None else any(_is(path, pattern) for pattern in patterns)


def _is(path: str, pattern: str) -> bool:
    """`*.ext` means a file of that ending in any folder, anything else one path."""
    return fnmatchcase(path, pattern) if pattern.startswith("*") else path == pattern


def _write(tx: WriteTx, batch: Mapping[Note, Waiting]) -> dict[Note, int]:
    """Write a batch; return what was counted and when."""
    tx.sql.execute(sa.delete(marks).where(marks.c.at <= min(one.at for one in batch.values()) - SAME_SECONDS))
    counted = _not_marked(tx, {key: batch[key].at for key in _query_files(tx, batch)})
    downloads = Counter(number for number, _ in counted)
    if downloads:
        add_downloads(tx, downloads)
        _mark(tx, counted)
    return counted


def _query_files(tx: ReadTx, batch: Mapping[Note, Waiting]) -> list[Note]:
    """Leave out files that do not count for the library their model is made for."""
    current = repos.repos_by_id(tx, sorted({number for number, _ in batch}))
    infos = {info.repo.id: info for info in repos.infos(tx, current)}
    return [key for key, one in batch.items() if key[0] in infos and _counts(infos[key[0]], one.paths)]


def _counts(info: Info, paths: Iterable[str]) -> bool:
    library = info.metadata.library_name
    return info.repo.kind is not Kind.MODEL or any(is_query_file(library, path) for path in paths)


def _not_marked(tx: ReadTx, noted: dict[Note, int]) -> dict[Note, int]:
    """Leave out what another process counted less than five minutes before."""
    numbers = sorted({number for number, _ in noted})
    rows = tx.sql.execute(sa.select(marks).where(marks.c.repo_id.in_(numbers)))
    marked = {(row.repo_id, row.who): row.at for row in rows}
    return {
        key: at for key, at in noted.items() if abs(at - marked.get(key, at + SAME_SECONDS)) >= SAME_SECONDS
    }


def _mark(tx: WriteTx, counted: Mapping[Note, int]) -> None:
    insert = postgresql.insert if tx.sql.dialect.name == "postgresql" else sqlite.insert
    new = insert(marks)
    latest = new.on_conflict_do_update(index_elements=["repo_id", "who"], set_={"at": new.excluded.at})
    tx.sql.execute(latest, [{"repo_id": n, "who": who, "at": at} for (n, who), at in sorted(counted.items())])


def _hashed(repo_id: int, who: str) -> str:
    """Nobody's address is kept, only what is needed to know it again for five minutes."""
    return hashlib.blake2b(f"{repo_id} {who}".encode(), digest_size=12).hexdigest()
