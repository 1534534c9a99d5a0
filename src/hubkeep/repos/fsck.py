"""Check that every name of the hub leads to its bytes. For operators: asks nobody's permission, changes nothing."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep import cas, git
from hubkeep.kit import ReadTx
from hubkeep.repos import queries
from hubkeep.repos.tables import packs, repos
from hubkeep.repos.types import Repo, Stores

PAGE = 500


@dataclass(frozen=True)
class Damage:
    """Something that a client would stumble over: where (`model ada/bert`, or a hash), and what."""

    where: str
    what: str


def fsck(stores: Stores, tally: "Counter[str]", *, deep: bool = False) -> Iterator[Damage]:
    """Yield all damage as it is found; count in `tally` what was looked at.

    Of git, everything is read: `git fsck` on exactly the published packs and refs. Of large objects, presence and size;
    with `deep` also every byte. Safe beside a running hub, at the price of its disk.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each waits for a git process
        for page in _pages(stores):
            for damages, looked_at in pool.map(lambda repo: _check(stores, repo), page):
                tally.update(looked_at)
                yield from damages
    for damaged in cas.fsck(stores.db, stores.blobs, tally, deep=deep):
        with stores.db.read() as tx:
            holders = [found for number in damaged.repo_ids if (found := queries.by_id(tx, number))]
        for where in [_name(repo) for repo in holders] or ["no repository"]:
            yield Damage(where, f"{damaged.name}: {damaged.what}")


def _check(stores: Stores, repo: Repo) -> tuple[list[Damage], "Counter[str]"]:
    """Check one repository; look again when it changed meanwhile, for its old packs may have gone."""
    while True:
        with stores.db.read() as tx:
            sizes, refs = _packs(tx, repo.id), queries.refs_of(tx, repo.id)
        found = list(git.fsck(stores.blobs, stores.scratch, repo.id, sizes, refs))
        if not found:
            break
        with stores.db.read() as tx:
            if queries.by_id(tx, repo.id) is None:
                return [], Counter()
            if (sizes, refs) == (_packs(tx, repo.id), queries.refs_of(tx, repo.id)):
                break
    looked_at = Counter({"repositories": 1, "refs": len(refs), "packs": len(sizes)})
    looked_at["git bytes"] = sum(sizes.values())
    return [Damage(_name(repo), what) for what in found], looked_at


def _packs(tx: ReadTx, repo_id: int) -> dict[str, int]:
    rows = tx.sql.execute(sa.select(packs.c.name, packs.c.bytes).where(packs.c.repo_id == repo_id))
    return {row.name: row.bytes for row in rows}


def _pages(stores: Stores) -> Iterator[list[Repo]]:
    """Yield every repository in the order of their numbers, some at a time; no transaction is held in between."""
    last = 0
    while True:
        wanted = sa.select(*queries.COLUMNS).where(repos.c.id > last).order_by(repos.c.id).limit(PAGE)
        with stores.db.read() as tx:
            page = [queries.fact(row) for row in tx.sql.execute(wanted)]
        if not page:
            return
        yield page
        last = page[-1].id


def _name(repo: Repo) -> str:
    return f"{repo.kind.value} {repo.full_name}"
