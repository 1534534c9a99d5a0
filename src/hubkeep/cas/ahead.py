"""Make and use at the same time: one thread reads and unpacks while another hashes. Both leave the interpreter alone."""

import threading
from collections.abc import Iterator
from itertools import islice
from queue import Queue
from typing import TypeVar

T = TypeVar("T")
_TOGETHER = 8  # pieces handed over at once: of 64 KiB each, that costs 5 % of a core
_WAITING = 2  # handfuls that may wait


class _End:
    """What the maker leaves last: nothing, or why it stopped."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(pieces: Iterator[T]) -> Iterator[T]:
    """Yield the pieces while a thread makes the next ones, 32 of them at most. It ends when the caller stops early."""
    made: Queue[list[T] | _End] = Queue(_WAITING)
    unwanted = threading.Event()

    def make() -> None:
        error: BaseException | None = None
        try:
            while not unwanted.is_set() and (some := list(islice(pieces, _TOGETHER))):
                made.put(some)
        except BaseException as reason:  # noqa: BLE001  it is raised again, where it can be handled
            error = reason
        made.put(_End(error))

    maker = threading.Thread(target=make, name="ahead", daemon=True)
    maker.start()
    some: list[T] | _End = []
    try:
        while not isinstance(some := made.get(), _End):
            yield from some
    finally:
        unwanted.set()
        while not isinstance(some, _End):
            some = made.get()
        maker.join()
    if some.error is not None:
        raise some.error
