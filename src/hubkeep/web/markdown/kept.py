"""Rendered cards, kept in memory: a blob's content never changes, so neither does its card."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from hubkeep.web.markdown.render import Rendered, render

MAX_BYTES = 32 << 20  # characters of HTML kept per process


class Kept:
    """A bounded cache by (blob id, folder): the least recently used go first."""

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self._limit, self._used = limit, 0
        self._cards: OrderedDict[tuple[str, str], Rendered] = OrderedDict()
        self._lock = threading.Lock()

    def card(self, oid: str, folder: str, read: Callable[[], str]) -> Rendered:
        """Return the card of blob `oid` in `folder`; `read` yields its Markdown when it was not kept."""
        key = (oid, folder)
        with self._lock:
            found = self._cards.get(key)
            if found is not None:
                self._cards.move_to_end(key)
                return found
        made = render(read(), folder)
        with self._lock:
            if key not in self._cards and len(made.html) <= self._limit // 8:
                self._cards[key] = made
                self._used += len(made.html)
            while self._used > self._limit:
                _, gone = self._cards.popitem(last=False)
                self._used -= len(gone.html)
        return made

    @property
    def used(self) -> int:
        """Characters of HTML that are kept now."""
        return self._used


kept = Kept()
