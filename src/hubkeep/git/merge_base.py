"""Find where two histories part."""

import heapq
import itertools

from hubkeep.git.command import run
from hubkeep.git.errors import GitFailed
from hubkeep.git.reader import Reader

_ONE, _OTHER, _PAST = (
    1,
    2,
    4,
)  # reachable from one tip, from the other, and known to lie behind a common commit
# Further than this the git command walks: it does not hold up other threads.
NEAR = 1000


def merge_base(reader: Reader, one: str, other: str) -> str | None:
    """Return the newest commit that both `one` and `other` come from, themselves included; None for unrelated histories.

    Walks back by date, as git does, over commits that are mostly in memory.
    """
    if one == other:
        return one
    counter = itertools.count()
    flags = {one: _ONE, other: _OTHER}
    heap = [_queued(reader, oid, counter) for oid in (one, other)]
    heapq.heapify(heap)
    best: tuple[float, str] | None = None
    for _ in range(NEAR):
        if not any(not flags[oid] & _PAST for _, _, oid in heap):
            return best[1] if best is not None else None
        when, _, oid = heapq.heappop(heap)
        here = flags[oid]
        if here & (_ONE | _OTHER) == _ONE | _OTHER and not here & _PAST:
            best = min(best, (when, oid)) if best is not None else (when, oid)
            here |= _PAST
        for parent in reader.commit(oid).parents:
            before = flags.get(parent, 0)
            if before | here != before:
                flags[parent] = before | here
                heapq.heappush(heap, _queued(reader, parent, counter))
    return _by_git(reader, one, other)


def _queued(reader: Reader, oid: str, counter: "itertools.count[int]") -> tuple[float, int, str]:
    return -reader.commit(oid).date.timestamp(), next(counter), oid


def _by_git(reader: Reader, one: str, other: str) -> str | None:
    if not (
        reader.is_commit(one) and reader.is_commit(other)
    ):  # read from memory until here; git reads packs
        return None
    try:
        return run(reader.directory, "merge-base", one, other).decode().strip() or None
    except GitFailed:  # git says 1 for unrelated histories, and complains of nothing
        return None
