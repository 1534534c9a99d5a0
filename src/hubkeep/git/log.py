"""Walk over the history of a commit."""

import heapq
import itertools
from typing import TYPE_CHECKING

from hubkeep.git.command import run
from hubkeep.git.commit_cache import COUNTS
from hubkeep.git.errors import GitFailed
from hubkeep.git.types import Commit

if TYPE_CHECKING:
    from hubkeep.git.reader import Reader

# Further than this the git command walks: it does not hold up other threads.
NEAR = 1000
MOST = (1 << 31) - 1  # git cannot count further


def log(reader: "Reader", oid: str, skip: int, limit: int) -> list[Commit]:
    """Return `limit` commits after the first `skip`, newest first, as `git log` orders them."""
    if skip > NEAR:
        listed = run(reader.directory, "rev-list", f"--skip={min(skip, MOST)}", f"--max-count={limit}", oid)
        return [reader.commit(line) for line in listed.decode().split()]
    counter = itertools.count()
    first = reader.commit(oid)
    heap = [(-first.date.timestamp(), next(counter), first)]
    seen, found = {oid}, list[Commit]()
    while heap and len(found) < skip + limit:
        commit = heapq.heappop(heap)[2]
        found.append(commit)
        for parent in commit.parents:
            if parent not in seen:
                seen.add(parent)
                older = reader.commit(parent)
                heapq.heappush(heap, (-older.date.timestamp(), next(counter), older))
    return found[skip:]


def count(reader: "Reader", oid: str) -> int:
    """Return how many commits are reachable from `oid`.

    A straight line back to a commit that was counted before costs a step per commit, so that the count after a push
    is one step; merges and long ways are counted by git.
    """
    passed: list[str] = []
    here, base = oid, 0
    while True:
        known = COUNTS.get(here)
        if known is not None:
            base = known
            break
        parents = reader.commit(here).parents
        if len(parents) > 1 or len(passed) == NEAR:
            base = int(run(reader.directory, "rev-list", "--count", here))
            COUNTS.put(here, base)
            break
        passed.append(here)
        if not parents:
            break
        here = parents[0]
    total = base + len(passed)
    COUNTS.put(oid, total)
    return total


def expand(reader: "Reader", short: str) -> str | None:
    """Return the one commit whose id starts with `short`."""
    try:
        found = run(
            reader.directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{short}^{{commit}}"
        )
    except GitFailed:
        return None
    oid = found.decode().strip()
    return oid if oid.startswith(short) else None
