"""Two revisions side by side: the commits that lead from one to the other, and what they change together."""

from collections.abc import Generator
from dataclasses import dataclass

from hubkeep.accounts import Action, Actor
from hubkeep.git import Commit, between, merge_base
from hubkeep.repos import queries
from hubkeep.repos.gate import require_content
from hubkeep.repos.get import get_for
from hubkeep.repos.snapshot import open_at
from hubkeep.repos.types import Kind, Repo, Stores

MAX_COMMITS = 100


@dataclass(frozen=True)
class Comparison:
    """What leads from `base` to `head`. `start` is the commit the patch starts at; close the patch to stop early."""

    repo: Repo
    base: Commit
    head: Commit
    start: Commit | None
    commits: list[Commit]
    more: bool
    patch: Generator[bytes, None, None]


def compare_revisions(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, base: str, head: str, *, parted: bool
) -> Comparison:
    """Compare two revisions: as they are, or (`parted`) `head` with the commit where the two parted.

    Raises GitSlow, GatedRepo, and what `snapshot` raises.
    """
    with stores.db.read() as tx:
        repo = get_for(tx, actor, kind, full_name, Action.READ)
        require_content(tx, actor, repo)
        with open_at(tx, stores, repo, base) as old, open_at(tx, stores, repo, head) as new:
            base_oid, head_oid = old.oid, new.oid
        names = queries.pack_names(tx, repo.id)
    with stores.git.reader(repo.id, head_oid, lambda: names) as reader:
        common = merge_base(reader, base_oid, head_oid) if parted else base_oid
        found = between(reader, base_oid, head_oid, limit=MAX_COMMITS + 1)
        commits = [reader.commit(oid) for oid in found[:MAX_COMMITS]]
        first, last = reader.commit(base_oid), reader.commit(head_oid)
        start = reader.commit(common) if common else None
    return Comparison(
        repo,
        first,
        last,
        start,
        commits,
        len(found) > MAX_COMMITS,
        _patch(stores, repo.id, names, common or base_oid, head_oid),
    )


def _patch(
    stores: Stores, repo_id: int, names: list[str], base: str, head: str
) -> Generator[bytes, None, None]:
    with stores.git.reader(repo_id, head, lambda: names) as reader:
        yield from reader.diff(base, head, raw=False)
