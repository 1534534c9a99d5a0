"""Every SELECT about webhooks starts here."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts import owners_known
from hubkeep.community.webhooks.errors import WebhookNotFound
from hubkeep.community.webhooks.tables import webhook_deliveries, webhook_targets, webhooks
from hubkeep.community.webhooks.types import Delivery, Domain, Fate, State, Target, Webhook
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.tables import Row
from hubkeep.repos import names_of

OWNERS = ("user", "org")


def one_of(tx: ReadTx, user_id: int, webhook_id: int) -> Webhook:
    """Return a person's webhook; in a writing transaction alone. Raises WebhookNotFound."""
    mine = sa.and_(webhooks.c.id == webhook_id, webhooks.c.user_id == user_id)
    query = sa.select(webhooks).where(mine)
    row = tx.sql.execute(query.with_for_update() if isinstance(tx, WriteTx) else query).first()
    if row is None:
        raise WebhookNotFound
    return facts(tx, [row])[0]


def all_of(tx: ReadTx, user_id: int) -> list[Webhook]:
    """Return a person's webhooks, oldest first."""
    mine = sa.select(webhooks).where(webhooks.c.user_id == user_id).order_by(webhooks.c.id)
    return facts(tx, tx.sql.execute(mine).all())


def by_id(tx: ReadTx, webhook_id: int) -> Webhook | None:
    """Return a webhook, without what it watches; no permission asked."""
    row = tx.sql.execute(sa.select(webhooks).where(webhooks.c.id == webhook_id)).first()
    return fact(row) if row is not None else None


def watching(tx: ReadTx, targets: Sequence[tuple[str, int]]) -> list[Webhook]:
    """Return the webhooks that watch any of (kind, number) and are switched on."""
    here = [sa.and_(webhook_targets.c.kind == kind, webhook_targets.c.target_id == n) for kind, n in targets]
    ids = sa.select(webhook_targets.c.webhook_id).where(sa.or_(*here))
    found = sa.select(webhooks).where(webhooks.c.id.in_(ids), webhooks.c.state == State.ON.value)
    return [fact(row) for row in tx.sql.execute(found.order_by(webhooks.c.id))]


def is_watched(tx: ReadTx, targets: Sequence[tuple[str, int]]) -> bool:
    """Return whether any webhook watches any of (kind, number): asked at everything that happens."""
    here = [sa.and_(webhook_targets.c.kind == kind, webhook_targets.c.target_id == n) for kind, n in targets]
    return (
        tx.sql.execute(sa.select(webhook_targets.c.webhook_id).where(sa.or_(*here)).limit(1)).first()
        is not None
    )


def delivery(tx: ReadTx, delivery_id: int) -> Delivery | None:
    """Return a delivery; no permission asked."""
    row = tx.sql.execute(sa.select(webhook_deliveries).where(webhook_deliveries.c.id == delivery_id)).first()
    return delivery_fact(row) if row is not None else None


def facts(tx: ReadTx, rows: Sequence[Row]) -> list[Webhook]:
    """Turn rows into facts with what they watch, by its name of today; what is gone is left out."""
    ids = [row.id for row in rows]
    watched = tx.sql.execute(
        sa.select(webhook_targets)
        .where(webhook_targets.c.webhook_id.in_(ids))
        .order_by(webhook_targets.c.kind, webhook_targets.c.target_id)
    ).all()
    owners = owners_known(tx, {row.target_id for row in watched if row.kind in OWNERS})
    names = names_of(tx, sorted({row.target_id for row in watched if row.kind not in OWNERS}))
    found: dict[int, list[Target]] = {one: [] for one in ids}
    for row in watched:
        owner = owners.get(row.target_id)
        name = (owner.name if owner else None) if row.kind in OWNERS else names.get(row.target_id)
        if name is not None:
            found[row.webhook_id].append(Target(row.kind, row.target_id, name))
    return [fact(row, tuple(found[row.id])) for row in rows]


def fact(row: Row, watched: Sequence[Target] = ()) -> Webhook:
    """Turn a row into the fact."""
    domains = tuple(Domain(word) for word in row.domains.split(",") if word)
    return Webhook(
        row.id,
        row.user_id,
        row.url,
        row.secret,
        domains,
        State(row.state),
        row.failures,
        row.created_at,
        row.last_trigger_at,
        watched,
        row.limits,
    )


def delivery_fact(row: Row) -> Delivery:
    """Turn a row into the fact."""
    return Delivery(
        row.id,
        row.webhook_id,
        row.payload,
        Fate(row.fate),
        row.attempts,
        row.status,
        row.error,
        row.created_at,
        row.updated_at,
    )
