"""Collect garbage: bytes that no name leads to any more. For operators; safe beside a running hub.

Nothing younger than the grace period is touched: its name may still be on the way.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from hubkeep import accounts, cas
from hubkeep.kit import Database, ReadTx, now
from hubkeep.kit.jobs import waiting
from hubkeep.repos.lfs_parts import FOLDER as PARTS
from hubkeep.repos.tables import packs
from hubkeep.repos.types import Stores
from hubkeep.storage import Stat

_TOGETHER = 500


@dataclass(frozen=True)
class Garbage:
    """What was collected, or would be: files of packs, what the cas room found, files of dead writers, sessions; bytes."""

    pack_files: int = 0
    pack_bytes: int = 0
    large: cas.Collected = field(default_factory=cas.Collected)
    leftovers: int = 0
    leftover_bytes: int = 0
    sessions: int = 0

    @property
    def bytes(self) -> int:
        """All bytes that are free again."""
        return self.pack_bytes + self.large.bytes + self.leftover_bytes


def gc(stores: Stores, *, dry_run: bool = False) -> Garbage:
    """Remove what no name leads to, or with `dry_run` only tell what would go."""
    grace = timedelta(hours=stores.settings.gc.grace_hours)
    before = now() - grace
    pack_files, pack_bytes = _packs(stores, before, dry_run=dry_run)
    large = cas.collect(
        stores.db,
        stores.blobs,
        grace=grace,
        dedup=timedelta(days=stores.settings.xet.dedup_days),
        dry_run=dry_run,
    )
    leftovers, leftover_bytes = sweep_scratch(stores, dry_run=dry_run)
    if not dry_run:
        leftover_bytes += stores.blobs.sweep(before)
    sessions = _sessions(stores.db, dry_run=dry_run)
    return Garbage(pack_files, pack_bytes, large, leftovers, leftover_bytes, sessions)


def _packs(stores: Stores, before: datetime, *, dry_run: bool) -> tuple[int, int]:
    """Remove files of packs that no repository lists, and that no job is about to remove when their readers are gone."""
    files = size = 0
    old = (stat for stat in stores.blobs.list("git/") if stat.modified < before)
    while some := list(islice(old, _TOGETHER)):
        with stores.db.read() as tx:
            unlisted = _unlisted(tx, some)
        for stat in unlisted:
            if dry_run or stores.blobs.collect(stat.key, before):
                files, size = files + 1, size + stat.size
    return files, size


def _unlisted(tx: ReadTx, stats: Sequence[Stat]) -> list[Stat]:
    repo_ids = {repo_id for stat in stats if (repo_id := _place(stat)[0]) is not None}
    rows = tx.sql.execute(sa.select(packs.c.repo_id, packs.c.name).where(packs.c.repo_id.in_(repo_ids)))
    kept = {(row.repo_id, row.name) for row in rows}
    for retired in waiting(tx, "repos.drop_packs"):
        kept |= {(int(retired["repo_id"]), str(name)) for name in retired["names"]}
    return [stat for stat in stats if _place(stat)[0] is not None and _place(stat) not in kept]


def _place(stat: Stat) -> tuple[int | None, str]:
    """Return the repository and the pack that a key is made of; no repository for a key that we did not make."""
    _, _, rest = stat.key.partition("/")
    number, _, name = rest.partition("/")
    return (int(number) if number.isdecimal() and "/" not in name else None), name.partition(".")[0]


def sweep_scratch(stores: Stores, *, dry_run: bool = False) -> tuple[int, int]:
    """Remove what dead processes left in this node's scratch folder; return the number of things and their bytes.

    What had no change in it for the grace period is dead.
    """
    before = now() - timedelta(hours=stores.settings.gc.grace_hours)
    count = size = 0
    for entry in _entries(stores.scratch):
        with suppress(FileNotFoundError):  # its owner is alive, and faster
            stats = [path.lstat() for path in [entry, *entry.rglob("*")]]
            if max(stat.st_ctime for stat in stats) >= before.timestamp():
                continue
            count, size = count + 1, size + sum(stat.st_blocks * 512 for stat in stats)
            if dry_run:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink()
    return count, size


def _entries(scratch: Path) -> Iterator[Path]:
    """Yield what lives and dies as one: entries of the folder, but each upload in parts by itself."""
    for entry in scratch.iterdir():
        if entry.name == PARTS:
            yield from entry.iterdir()
        else:
            yield entry


class _Undo(Exception):
    """Raised to roll a dry run back."""


def _sessions(db: Database, *, dry_run: bool) -> int:
    """Forget sessions that have expired; a dry run does so and takes it back."""
    gone = 0
    with suppress(_Undo), db.write() as tx:
        gone = accounts.forget_expired_sessions(tx)
        if dry_run:
            raise _Undo
    return gone
