"""An owner has another name: its repositories have another address from that moment on; who else must hear is told later."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import OwnerMovedAway
from hubkeep.kit import Bus, Job, WriteTx
from hubkeep.repos import queries
from hubkeep.repos.events import RepoMovedAway
from hubkeep.repos.tables import repos
from hubkeep.repos.types import Stores

TELL_MOVED = "repos.tell_moved"
BATCH = 100  # repositories told of in one transaction


def subscribe(bus: Bus) -> None:
    """Follow what owners are called."""
    bus.on(OwnerMovedAway, _on_moved)


def _on_moved(tx: WriteTx, event: OwnerMovedAway) -> None:
    """One statement for all of them: an address is right at once. Indexes and webhooks follow in a job, some at a time."""
    names = {"owner": event.owner.name, "owner_lower": event.owner.name.lower()}
    changed = tx.sql.execute(sa.update(repos).where(repos.c.owner_id == event.owner.id).values(**names))
    if changed.rowcount:
        tx.enqueue(Job(TELL_MOVED, {"owner_id": event.owner.id, "old_name": event.old_name, "after": 0}))


def tell_moved(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: tell of the repositories of an owner that was renamed; leaves its successor while there are more."""
    mine = sa.and_(repos.c.owner_id == int(args["owner_id"]), repos.c.id > int(args["after"]))
    with stores.db.write() as tx:
        page = sa.select(*queries.COLUMNS).where(mine).order_by(repos.c.id).limit(BATCH)
        found = [queries.fact(row) for row in tx.sql.execute(page)]
        for repo in found:
            tx.emit(RepoMovedAway(repo, f"{args['old_name']}/{repo.name}", with_owner=True))
        if len(found) == BATCH:
            tx.enqueue(Job(TELL_MOVED, {**args, "after": found[-1].id}))
