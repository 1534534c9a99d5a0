"""Answers of hot reads, kept until anybody writes anything.

SQLite tells in a few microseconds whether another connection, of whatever process, has committed since it was last asked
(`PRAGMA data_version`). Thousands of requests between two writes (a snapshot, a clone) so cost one look-up each. Everything
is thrown away at the next commit: coarse, but never stale. PostgreSQL has no such question; there nothing is kept.
"""

import sqlite3
import threading
from collections.abc import Hashable
from typing import Any

MISSING = object()
MAX_ANSWERS = 50_000


class Kept:
    """A bounded dict that empties itself when the database has changed. Safe under threads."""

    def __init__(self, file: str | None) -> None:
        self._file, self._lock = file, threading.Lock()
        self._answers: dict[Hashable, Any] = {}
        self._at: int | None = None
        self._asking: sqlite3.Cursor | None = None

    def version(self) -> int | None:
        """Return a number that changes with every commit; None when this database cannot tell."""
        if self._file is None:
            return None
        with self._lock:
            return self._look()

    def get(self, key: Hashable, version: int | None) -> Any:
        """Return what was kept under `key` and is still true, else `MISSING`.

        With `version`, only what was true then: whoever reads the database as it was must not be told of what came later.
        """
        if self._file is None:
            return MISSING
        with self._lock:
            if self._look() != version and version is not None:
                return MISSING
            return self._answers.get(key, MISSING)

    def put(self, key: Hashable, value: Any, version: int | None) -> None:
        """Keep `value`, which was read from the database as it was at `version` or later."""
        with self._lock:
            if version is None or version != self._at:
                return
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            self._answers[key] = value

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._asking is not None:
                self._asking.connection.close()
                self._asking = None

    def _look(self) -> int:
        if self._asking is None:
            assert self._file is not None
            self._asking = sqlite3.connect(self._file, check_same_thread=False, isolation_level=None).cursor()
        now = int(self._asking.execute("PRAGMA data_version").fetchone()[0])
        if now != self._at:
            self._answers.clear()
            self._at = now
        return now
