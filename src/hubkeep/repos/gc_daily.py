"""Collect garbage by itself, once in a while: a hub that nobody looks after must not grow for ever."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from hubkeep import accounts
from hubkeep.kit import Job, ReadTx, now, wire_date
from hubkeep.kit.jobs import waiting
from hubkeep.kit.keepsakes import replace
from hubkeep.kit.tables import keepsakes
from hubkeep.repos.gc import gc, sweep_scratch
from hubkeep.repos.types import Stores

log = logging.getLogger(__name__)
KIND = "repos.gc"
GC_NOW = "repos.gc_now"  # once, beside the daily one
LAST = "last-gc"


def start_gc(stores: Stores) -> None:
    """Leave the first job, unless there is one, and clear this node's scratch folder of what died in it.

    Other folders are shared: one node's job is enough for them.
    """
    sweep_scratch(stores)
    if not stores.settings.gc.every_hours:
        return
    with stores.db.read() as tx:
        if waiting(tx, KIND):
            return
    _again(stores, at_most=0)


def gc_daily(stores: Stores, args: Mapping[str, Any]) -> None:
    """Collect, say what went, and come again."""
    del args
    if not stores.settings.gc.every_hours:
        return
    collect_now(stores, {})
    _again(stores, at_most=1)  # this one


def collect_now(stores: Stores, args: Mapping[str, Any]) -> None:
    """Collect, and say what went, in the log and to operators."""
    del args
    found = gc(stores)
    accounts.sweep_avatars(stores.db, stores.blobs)
    log.info("collected garbage", extra={**asdict(found), "bytes": found.bytes})
    said = {"at": wire_date(now()), "bytes": found.bytes, **asdict(found)}
    with stores.db.write() as tx:
        replace(tx, LAST, json.dumps(said))


def last_gc(tx: ReadTx) -> Mapping[str, Any] | None:
    """Return what the last collection found, and when (`at`); None before the first."""
    found = tx.sql.execute(sa.select(keepsakes.c.value).where(keepsakes.c.name == LAST)).scalar()
    return json.loads(found) if found else None


def _again(stores: Stores, *, at_most: int) -> None:
    """Leave a job for later; of several nodes that do so at once, one or two may: they do no harm."""
    with stores.db.write() as tx:
        if len(waiting(tx, KIND)) <= at_most:
            tx.enqueue(Job(KIND, delay=stores.settings.gc.every_hours * 3600))
