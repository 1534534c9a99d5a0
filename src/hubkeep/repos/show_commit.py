"""One commit, and what it changed."""

from collections.abc import Generator
from dataclasses import dataclass

from hubkeep.accounts import Actor
from hubkeep.git import EMPTY_TREE, Commit
from hubkeep.repos import queries
from hubkeep.repos.snapshot import snapshot
from hubkeep.repos.types import Kind, Repo, Stores


@dataclass(frozen=True)
class Shown:
    """A commit and the patch from its first parent (from nothing, for a first commit). Close the patch to stop early."""

    repo: Repo
    commit: Commit
    patch: Generator[bytes, None, None]


def show_commit(stores: Stores, actor: Actor, kind: Kind, full_name: str, revision: str) -> Shown:
    """Return the commit at `revision`. Raises what `snapshot` raises."""
    with stores.db.read() as tx, snapshot(tx, actor, stores, kind, full_name, revision) as at:
        commit = at.reader.commit(at.oid)
        names = queries.pack_names(tx, at.repo.id)
        repo = at.repo
    return Shown(repo, commit, _patch(stores, repo.id, names, commit))


def _patch(stores: Stores, repo_id: int, names: list[str], commit: Commit) -> Generator[bytes, None, None]:
    base = commit.parents[0] if commit.parents else EMPTY_TREE
    with stores.git.reader(repo_id, commit.oid, lambda: names) as reader:
        yield from reader.diff(base, commit.oid, raw=False)
