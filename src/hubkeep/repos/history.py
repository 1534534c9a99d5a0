"""Commits of a repository, and what changed between two of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from hubkeep.accounts import Action, Actor
from hubkeep.git import Commit
from hubkeep.kit import ReadTx
from hubkeep.repos import queries
from hubkeep.repos.gate import require_content
from hubkeep.repos.get import get_for
from hubkeep.repos.snapshot import open_at, snapshot
from hubkeep.repos.types import Kind, Repo, Stores


@dataclass(frozen=True)
class History:
    """A page of commits, newest first, and how many there are in all."""

    commits: list[Commit]
    total: int
    more: bool


def history(
    tx: ReadTx,
    actor: Actor,
    stores: Stores,
    kind: Kind,
    full_name: str,
    revision: str | None,
    *,
    skip: int,
    limit: int,
) -> History:
    """Return `limit` commits after the first `skip`."""
    with snapshot(tx, actor, stores, kind, full_name, revision, names_only=True) as at:
        commits = at.reader.log(at.oid, skip=skip, limit=limit + 1)
        return History(commits[:limit], at.reader.count(at.oid), len(commits) > limit)


def commit_at(
    tx: ReadTx, actor: Actor, stores: Stores, kind: Kind, full_name: str, revision: str | None
) -> tuple[Repo, Commit]:
    """Return one commit."""
    with snapshot(tx, actor, stores, kind, full_name, revision, names_only=True) as at:
        return at.repo, at.reader.commit(at.oid)


def compare(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, base: str, head: str, *, raw: bool
) -> Iterator[bytes]:
    """Yield the differences from `base` to `head` as text; `raw` in git's raw format (one line per path)."""
    with stores.db.read() as tx:
        repo = get_for(tx, actor, kind, full_name, Action.READ)
        require_content(tx, actor, repo)
        with open_at(tx, stores, repo, base) as old, open_at(tx, stores, repo, head) as new:
            base_oid, head_oid = old.oid, new.oid
        names = queries.pack_names(tx, repo.id)
    return _diff(stores, repo.id, names, base_oid, head_oid, raw=raw)


def _diff(
    stores: Stores, repo_id: int, names: list[str], base: str, head: str, *, raw: bool
) -> Iterator[bytes]:
    with ExitStack() as stack:
        reader = stack.enter_context(stores.git.reader(repo_id, head, lambda: names))
        yield from reader.diff(base, head, raw=raw)
