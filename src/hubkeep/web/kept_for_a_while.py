"""Answers that cost more than a page may, kept for a while: the same for everybody, a minute old at most."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
SECONDS = 60.0
MAX_KEPT = 256


class KeptForAWhile:
    """A small cache with an end for every answer. One thread asks anew, the others take the old answer meanwhile."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._kept: dict[Hashable, tuple[float, Any]] = {}
        self._asking: set[Hashable] = set()
        self._lock = threading.Lock()

    def get(self, key: Hashable, ask: Callable[[], T]) -> T:
        """Return the answer to `key`, from `ask` when the kept one is too old."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and (kept[0] > time.monotonic() or key in self._asking):
                found: T = kept[1]
                return found
            self._asking.add(key)
        try:
            made = ask()
        finally:
            with self._lock:
                self._asking.discard(key)
        with self._lock:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[key] = time.monotonic() + self._seconds, made
        return made


KEPT = KeptForAWhile()
