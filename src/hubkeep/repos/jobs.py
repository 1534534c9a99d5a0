"""Work that repositories leave for later."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from hubkeep.kit import Job, now
from hubkeep.repos import queries
from hubkeep.repos.gc_daily import GC_NOW, KIND, collect_now, gc_daily
from hubkeep.repos.lfs_parts import drop_lfs_parts
from hubkeep.repos.owner_moved import TELL_MOVED, tell_moved
from hubkeep.repos.publish import add_packs
from hubkeep.repos.tables import packs
from hubkeep.repos.types import Stores
from hubkeep.repos.xet import convert

RETIRE_SECONDS = 3600  # readers that opened the old packs finish first


def purge(stores: Stores, args: Mapping[str, Any]) -> None:
    """Delete the packs of a repository that was deleted."""
    repo_id = int(args["repo_id"])
    with stores.db.read() as tx:
        if queries.by_id(tx, repo_id) is not None:
            return
    for stat in list(stores.blobs.list(f"git/{repo_id}/")):
        stores.blobs.delete(stat.key)
    stores.git.forget(repo_id)


def repack(stores: Stores, args: Mapping[str, Any]) -> None:
    """Merge a repository's small packs into few; the old ones go after a grace period."""
    repo_id = int(args["repo_id"])
    with stores.db.read() as tx:
        names = queries.pack_names(tx, repo_id)
    if len(names) < 2:
        return
    merged = stores.git.repack(repo_id, names)
    if merged is None:
        return
    gone = list(merged.gone)
    with stores.db.write() as tx:
        if queries.by_id(tx, repo_id) is None or not set(gone) <= set(queries.pack_names(tx, repo_id)):
            return
        add_packs(tx, repo_id, [merged.pack])
        tx.sql.execute(sa.delete(packs).where(packs.c.repo_id == repo_id, packs.c.name.in_(gone)))
        tx.enqueue(Job("repos.drop_packs", {"repo_id": repo_id, "names": gone}, delay=RETIRE_SECONDS))


def drop_packs(stores: Stores, args: Mapping[str, Any]) -> None:
    """Delete packs whose objects live on in a merged one."""
    repo_id = int(args["repo_id"])
    unused_since = now() - timedelta(seconds=RETIRE_SECONDS / 2)
    with stores.db.read() as tx:
        if queries.by_id(tx, repo_id) is None:
            return
        listed = queries.pack_names(tx, repo_id)
    stores.git.drop_packs(repo_id, [str(name) for name in args["names"]], listed, unused_since)


HANDLERS = {
    "repos.purge": purge,
    "repos.repack": repack,
    "repos.drop_packs": drop_packs,
    "repos.drop_lfs_parts": drop_lfs_parts,
    "cas.convert": convert,
    KIND: gc_daily,
    TELL_MOVED: tell_moved,
    GC_NOW: collect_now,
}
