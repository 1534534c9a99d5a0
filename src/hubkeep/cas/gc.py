"""Collect garbage: rows that no repository reaches any more, then blobs that no row names.

Nothing young is touched: its name may still be on the way. A xorb is kept for weeks after the last file that used it is gone,
because clients remember what they uploaded or were told of and will refer to it without sending it again.
Source: xet contract 7.4.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from hubkeep.cas.queries import BATCH, collecting
from hubkeep.cas.tables import objects, repo_objects, xet_dedup, xet_files, xorb_uses, xorbs
from hubkeep.cas.whole import blob_key
from hubkeep.cas.xorbs import xorb_key
from hubkeep.kit import Database, ReadTx, WriteTx, now
from hubkeep.storage import Blobs, Stat

CLIENT_MEMORY = timedelta(days=28)  # 3 weeks and 7 days of slack, measured on hf_xet
NAMED = ("lfs/", "xorbs/")
_TOGETHER = 100  # blobs removed while nothing else may be named


@dataclass(frozen=True)
class Collected:
    """What was garbage: rows of objects and recipes, xorbs found idle and xorbs removed, blobs and their size in bytes."""

    objects: int = 0
    recipes: int = 0
    idle_xorbs: int = 0
    xorbs: int = 0
    blobs: int = 0
    bytes: int = 0


def collect(
    db: Database, blobs: Blobs, *, grace: timedelta, dedup: timedelta, dry_run: bool = False
) -> Collected:
    """Remove garbage, or with `dry_run` only tell what a run would find now.

    `grace` is how long bytes may wait for their name, `dedup` how long clients may rely on a dedup answer.
    """
    if dry_run:
        with db.read() as tx:
            found = _count(tx, max(CLIENT_MEMORY, dedup))
    else:
        found = _drop_rows(db, max(CLIENT_MEMORY, dedup))
    return _drop_blobs(db, blobs, now() - grace, found, dry_run=dry_run)


_unheld = ~sa.exists().where(repo_objects.c.sha256 == objects.c.sha256)
_unmade = ~sa.exists().where(repo_objects.c.sha256 == xet_files.c.sha256)
_unused = ~sa.exists().where(xorb_uses.c.xorb_id == xorbs.c.id)


def _count(tx: ReadTx, memory: timedelta) -> Collected:
    def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        return tx.sql.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()

    return Collected(
        objects=count(objects, _unheld),
        recipes=count(xet_files, _unmade),
        idle_xorbs=count(xorbs, _unused, xorbs.c.idle_since.is_(None)),
        xorbs=count(xorbs, _unused, xorbs.c.idle_since < now() - memory),
    )


def _drop_rows(db: Database, memory: timedelta) -> Collected:
    """Work from the names down: objects, recipes, then the xorbs that no recipe is made of."""
    return Collected(
        objects=_repeat(db, lambda tx: _delete(tx, objects.c.sha256, _unheld)),
        recipes=_repeat(db, lambda tx: _delete(tx, xet_files.c.id, _unmade)),
        idle_xorbs=_repeat(db, _mark_idle),
        xorbs=_repeat(db, lambda tx: _delete(tx, xorbs.c.id, _unused, xorbs.c.idle_since < now() - memory)),
    )


def _repeat(db: Database, step: Callable[[WriteTx], int]) -> int:
    """Run a step in short transactions until it finds nothing; return what it did in all."""
    total = 0
    while True:
        with db.write() as tx:
            collecting(tx)
            done = step(tx)
        total += done
        if not done:
            return total


def _delete(tx: WriteTx, key: sa.Column[Any], *where: sa.ColumnElement[bool]) -> int:
    some = tx.sql.execute(sa.select(key).where(*where).limit(BATCH)).scalars().all()
    tx.sql.execute(sa.delete(key.table).where(key.in_(some)))
    return len(some)


def _mark_idle(tx: WriteTx) -> int:
    """Start the clock of xorbs that nothing uses; from now on nobody is told of them."""
    idle = sa.select(xorbs.c.id).where(_unused, xorbs.c.idle_since.is_(None)).limit(BATCH)
    some = tx.sql.execute(idle).scalars().all()
    tx.sql.execute(sa.update(xorbs).where(xorbs.c.id.in_(some)).values(idle_since=now()))
    tx.sql.execute(sa.delete(xet_dedup).where(xet_dedup.c.xorb_id.in_(some)))
    return len(some)


def _drop_blobs(
    db: Database, blobs: Blobs, before: datetime, found: Collected, *, dry_run: bool
) -> Collected:
    """Remove blobs that no row names and that nobody wrote since `before`."""
    for stats in _in_groups(stat for prefix in NAMED for stat in blobs.list(prefix)):
        with db.read() as tx:
            unnamed = _unnamed(tx, [stat for stat in stats if stat.modified < before])
        if unnamed and not dry_run:
            unnamed = _remove(db, blobs, before, unnamed)
        size = sum(stat.size for stat in unnamed)
        found = replace(found, blobs=found.blobs + len(unnamed), bytes=found.bytes + size)
    return found


def _remove(db: Database, blobs: Blobs, before: datetime, unnamed: list[Stat]) -> list[Stat]:
    """Look again while nobody can name anything, and remove what still has no name."""
    with db.write() as tx:
        collecting(tx)
        return [stat for stat in _unnamed(tx, unnamed) if blobs.collect(stat.key, before)]


def _unnamed(tx: ReadTx, stats: list[Stat]) -> list[Stat]:
    """Return the blobs that no row names. Keys that this room did not make up are not its to judge."""
    names = {stat.key: stat.key.rpartition("/")[2] for stat in stats}
    whole = [name for name in names.values() if len(name) == 64]
    kept = sa.select(objects.c.sha256).where(objects.c.sha256.in_(whole), objects.c.whole)
    cut = sa.select(xorbs.c.source).where(xorbs.c.source.in_(whole))
    named = {blob_key(sha256) for query in (kept, cut) for sha256 in tx.sql.execute(query).scalars()}
    hashes = {name.partition(".")[0] for name in names.values() if "." in name}
    bodies = sa.select(xorbs.c.hash, xorbs.c.body).where(xorbs.c.hash.in_(hashes), xorbs.c.body.is_not(None))
    named |= {xorb_key(row.hash, row.body) for row in tx.sql.execute(bodies)}
    return [stat for stat in stats if stat.key not in named and _is_ours(stat.key, names[stat.key])]


def _is_ours(key: str, name: str) -> bool:
    head, _, body = name.partition(".")
    return key == (blob_key(name) if key.startswith("lfs/") else xorb_key(head, body))


def _in_groups(stats: Iterator[Stat]) -> Iterator[list[Stat]]:
    while group := list(islice(stats, _TOGETHER)):
        yield group
