"""Small caches of facts about commits, by the commits' own names: never stale, safe to forget."""

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

from hubkeep.git.types import Commit

T = TypeVar("T")


class Recent(Generic[T]):
    """Keeps the values of the most recently used keys."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> T | None:
        """Return the value if it is here."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: str, value: T) -> None:
        """Keep a value."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._limit:
                self._values.popitem(last=False)


COMMITS: Recent[Commit] = Recent(20_000)
COUNTS: Recent[int] = Recent(10_000)
