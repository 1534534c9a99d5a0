"""Watchers on their way to another hub: who wants to hear of something, and who explicitly does not."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.community.notifications.tables import watches
from hubkeep.community.notifications.types import Target
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing


@dataclass(frozen=True)
class CarriedWatch:
    """Somebody who watches something (`listens`), or muted it."""

    user_id: int
    listens: bool


def carry_out(tx: ReadTx, target: Target) -> list[CarriedWatch]:
    """Return who watches or muted something. No permission is asked."""
    here = sa.and_(watches.c.kind == target.kind.value, watches.c.target_id == target.id)
    rows = tx.sql.execute(sa.select(watches).where(here).order_by(watches.c.user_id))
    return [CarriedWatch(row.user_id, row.listens) for row in rows]


def carry_in(tx: WriteTx, target: Target, carried: Sequence[CarriedWatch]) -> None:
    """Let them watch or mute something here; who has said so here already is left alone."""
    rows = [
        {
            "user_id": one.user_id,
            "kind": target.kind.value,
            "target_id": target.id,
            "listens": one.listens,
        }
        for one in carried
    ]
    insert_missing(tx.sql, watches, rows)
