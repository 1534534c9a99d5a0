"""Repositories by number, for rooms that find them some other way than by name."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.kit import HubError, ReadTx
from hubkeep.repos import queries
from hubkeep.repos.errors import RevisionNotFound
from hubkeep.repos.files import File
from hubkeep.repos.info import Info, infos, siblings_of
from hubkeep.repos.snapshot import open_at
from hubkeep.repos.tables import repos
from hubkeep.repos.types import Repo, Stores

BATCH = 500  # numbers in one IN list: short statements, prepared once


def infos_of(tx: ReadTx, actor: Actor, repo_ids: Sequence[int]) -> list[Info]:
    """Return the facts of these repositories in the order given, without those that `actor` may not see."""
    found: dict[int, Info] = {}
    for start in range(0, len(repo_ids), BATCH):
        wanted = repo_ids[start : start + BATCH]
        rows = tx.sql.execute(
            queries.visible_to(actor).where(repos.c.id.in_(wanted), repos.c.disabled.is_(False))
        )
        found |= {info.repo.id: info for info in infos(tx, [queries.fact(row) for row in rows])}
    return [found[repo_id] for repo_id in repo_ids if repo_id in found]


def with_siblings(tx: ReadTx, stores: Stores, listed: Sequence[Info]) -> list[Info]:
    """Return the same facts with the list of files of each; one whose git objects cannot be read goes without."""
    return [replace(info, siblings=_siblings(tx, stores, info)) for info in listed]


def repos_by_id(tx: ReadTx, repo_ids: Sequence[int]) -> list[Repo]:
    """Return these repositories as their rows say, in number order; no permission asked."""
    wanted = sa.select(*queries.COLUMNS).where(repos.c.id.in_(repo_ids)).order_by(repos.c.id)
    return [queries.fact(row) for row in tx.sql.execute(wanted)]


def names_of(tx: ReadTx, repo_ids: Sequence[int]) -> dict[int, str]:
    """Return `owner/name` of these repositories by number; no permission asked."""
    wanted = sa.select(repos.c.id, repos.c.owner, repos.c.name).where(repos.c.id.in_(repo_ids))
    return {row.id: f"{row.owner}/{row.name}" for row in tx.sql.execute(wanted)}


def every_info(tx: ReadTx, after: int = 0, limit: int = BATCH) -> Iterator[Info]:
    """Yield the facts of all repositories with a number above `after`, in number order, `limit` at most.

    No permission is asked: this is for the hub's own upkeep.
    """
    page = sa.select(*queries.COLUMNS).where(repos.c.id > after).order_by(repos.c.id).limit(limit)
    yield from infos(tx, [queries.fact(row) for row in tx.sql.execute(page)])


def _siblings(tx: ReadTx, stores: Stores, info: Info) -> list[File] | None:
    try:
        with open_at(tx, stores, info.repo, info.oid) as at:
            return siblings_of(tx, at, blobs=False)
    except RevisionNotFound:  # the default branch was deleted: nothing is on it
        return []
    except HubError:
        return None
