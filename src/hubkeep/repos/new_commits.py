"""Which commits a push brought: for pull requests, feeds and mails, which show a few of them."""

from collections.abc import Iterator, Sequence
from itertools import islice

from hubkeep.git import Commit, ObjectMissing, Reader

MAX_TOLD = 50  # the newest ones; older ones are only in the history
MAX_LOOKED_AT = 250  # how far back a line is followed to find where two of them part


def new_commits(reader: Reader, tip: str, known: Sequence[str]) -> list[Commit]:
    """Return commits on the first-parent line of `tip` that are on no such line of `known`, oldest first.

    At most `MAX_TOLD`, the newest. The time it takes grows with neither the push nor the repository.
    """
    found: list[Commit] = []
    for commit in islice(_line(reader, tip), MAX_TOLD):
        if commit.oid in known:
            return found[::-1]
        found.append(commit)
    # The lines part further back, or the branch was rewritten.
    behind = {commit.oid for oid in known for commit in islice(_line(reader, oid), MAX_LOOKED_AT)}
    kept = next((place for place, commit in enumerate(found) if commit.oid in behind), len(found))
    return found[:kept][::-1]


def _line(reader: Reader, oid: str) -> Iterator[Commit]:
    """Follow first parents; a shallow or broken history ends where it ends."""
    here: str | None = oid
    while here is not None:
        try:
            commit = reader.commit(here)
        except ObjectMissing:
            return
        yield commit
        here = commit.parents[0] if commit.parents else None
