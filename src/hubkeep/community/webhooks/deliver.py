"""Jobs of webhooks: find out whom to call, call, call again, give up, and forget old calls."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import Entity, EntityType
from hubkeep.community.webhooks import payload as words
from hubkeep.community.webhooks import queries
from hubkeep.community.webhooks.call import Answer, post
from hubkeep.community.webhooks.change import DELIVER, add_delivery
from hubkeep.community.webhooks.follow import targets_of
from hubkeep.community.webhooks.hears import Guarded, may_hear, still_hears
from hubkeep.community.webhooks.tables import webhook_deliveries, webhooks
from hubkeep.community.webhooks.types import Delivery, Domain, Fate, State, Webhook
from hubkeep.kit import Job, ReadTx, WriteTx, now
from hubkeep.repos import Stores

PRUNE = "community.prune_deliveries"
MAX_WAIT = 24 * 3600  # seconds between two attempts
BATCH = 500


def trigger(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: write down a delivery for every webhook that watches, and whose owner may see what happened.

    A webhook that is called too often within a day is not called: that also ends loops, in which a receiver answers a call
    with a change that causes the next one.
    """
    entity = Entity(EntityType(args["kind"]), int(args["id"]))
    guarded = Guarded(
        int(args["owner_id"]), args["creator_id"], bool(args["private"]), entity, args["resource_group_id"]
    )
    targets = targets_of(str(args["kind"]), int(args["id"]), guarded.owner_id)
    per_day = stores.settings.webhooks.per_day
    with stores.db.write() as tx:
        text = json.dumps(words.with_people(tx, args["payload"]))
        for hook in queries.watching(tx, targets):
            if Domain(args["domain"]) not in hook.domains or not may_hear(tx, hook, guarded):
                continue
            if _today(tx, hook) < per_day:
                add_delivery(tx, hook.id, str(args["event"]), text)


def deliver(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: call a receiver; try again later if it does not take it, longer each time."""
    with stores.db.read() as tx:
        found = queries.delivery(tx, int(args["delivery_id"]))
        hook = queries.by_id(tx, found.webhook_id) if found else None
        hears = found is not None and hook is not None and still_hears(tx, hook, found)
    if found is None or hook is None or found.fate is not Fate.WAITING:
        return
    if hook.state is not State.ON:
        with stores.db.write() as tx:
            _settle(tx, found, Answer(0, "the webhook is switched off"), Fate.DROPPED)
        return
    if not hears:
        with stores.db.write() as tx:
            _settle(tx, found, Answer(0, "the token that chose this address may not read it"), Fate.DROPPED)
        return
    answer = _call(stores, hook, found)
    with stores.db.write() as tx:
        if answer.good:
            _settle(tx, found, answer, Fate.DELIVERED)
            tx.sql.execute(sa.update(webhooks).where(webhooks.c.id == hook.id).values(failures=0))
        elif found.attempts + 1 < stores.settings.webhooks.attempts:
            _settle(tx, found, answer, Fate.WAITING)
            wait = min(stores.settings.webhooks.retry_seconds * 3**found.attempts, MAX_WAIT)
            tx.enqueue(Job(DELIVER, {"delivery_id": found.id}, delay=wait))
        else:
            _settle(tx, found, answer, Fate.FAILED)
            _failed(tx, hook, stores.settings.webhooks.suspend_after)


def prune(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: once a day, forget what was delivered long ago."""
    del args
    before = now() - timedelta(days=stores.settings.webhooks.log_days)
    while True:
        with stores.db.write() as tx:
            old = sa.select(webhook_deliveries.c.id).where(webhook_deliveries.c.created_at < before)
            ids = tx.sql.execute(old.limit(BATCH)).scalars().all()
            tx.sql.execute(sa.delete(webhook_deliveries).where(webhook_deliveries.c.id.in_(ids)))
        if len(ids) < BATCH:
            break
    with stores.db.write() as tx:
        tx.enqueue(Job(PRUNE, delay=24 * 3600))


def _call(stores: Stores, hook: Webhook, found: Delivery) -> Answer:
    settings = stores.settings
    number = words.webhook_number(hook.id, hook.created_at)
    body = json.dumps(words.complete(json.loads(found.payload), settings.url, number))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "hubkeep-webhook",
        "X-Webhook-Delivery": str(found.id),
    }
    if hook.secret:
        headers["X-Webhook-Secret"] = hook.secret
    seconds, private = settings.webhooks.timeout_seconds, settings.webhooks.private_addresses
    return post(hook.url, body.encode(), headers, seconds, private=private)


def _today(tx: ReadTx, hook: Webhook) -> int:
    mine = sa.and_(
        webhook_deliveries.c.webhook_id == hook.id,
        webhook_deliveries.c.created_at > now() - timedelta(days=1),
    )
    return int(tx.sql.execute(sa.select(sa.func.count()).where(mine)).scalar_one())


def _settle(tx: WriteTx, found: Delivery, answer: Answer, fate: Fate) -> None:
    row = {
        "fate": fate.value,
        "attempts": found.attempts + (fate is not Fate.DROPPED),
        "status": answer.status,
        "error": answer.error[:500],
        "updated_at": now(),
    }
    tx.sql.execute(sa.update(webhook_deliveries).where(webhook_deliveries.c.id == found.id).values(**row))


def _failed(tx: WriteTx, hook: Webhook, limit: int) -> None:
    """Count a delivery that was given up; after many in a row, stop calling."""
    here = sa.update(webhooks).where(webhooks.c.id == hook.id)
    tx.sql.execute(here.values(failures=webhooks.c.failures + 1))
    tired = here.where(webhooks.c.failures >= limit, webhooks.c.state == State.ON.value)
    tx.sql.execute(tired.values(state=State.SUSPENDED.value))
