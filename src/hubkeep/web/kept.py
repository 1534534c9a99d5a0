"""What was made from a blob, kept in memory: a blob's content never changes, so neither does what it makes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """A bounded cache: the least recently used go first. `weigh` tells how much a value counts against `limit`."""

    def __init__(self, limit: int, weigh: Callable[[T], int]) -> None:
        self._limit, self._weigh, self._used = limit, weigh, 0
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of `key`, made when it was not kept. Two threads may make it at once; one is kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make()
        weight = self._weigh(made)
        with self._lock:
            if key not in self._values and weight <= self._limit // 8:
                self._values[key] = made
                self._used += weight
            while self._used > self._limit:
                self._used -= self._weigh(self._values.popitem(last=False)[1])
        return made

    @property
    def used(self) -> int:
        """How much is kept now."""
        return self._used
