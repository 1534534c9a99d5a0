"""Make, change and delete webhooks; look at what they delivered, and deliver again."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from hubkeep.accounts import Actor, NotAllowed, Owner, OwnerNotFound, Permission, audit, owner_now, readable
from hubkeep.community.voice import require_person, require_voice
from hubkeep.community.webhooks import queries
from hubkeep.community.webhooks.call import check_url
from hubkeep.community.webhooks.errors import DeliveryNotFound, NothingToWatch
from hubkeep.community.webhooks.hears import limits_of, told_to
from hubkeep.community.webhooks.queries import OWNERS
from hubkeep.community.webhooks.tables import webhook_deliveries, webhook_targets, webhooks
from hubkeep.community.webhooks.types import (
    MAX_HOOKS,
    MAX_SECRET,
    MAX_WATCHED,
    Delivery,
    Domain,
    Fate,
    State,
    Target,
    Webhook,
)
from hubkeep.kit import BadInput, Job, ReadTx, WriteTx, now
from hubkeep.kit.tables import made_id
from hubkeep.repos import Kind, RepoMoved, RepoNotFound, get

DELIVER = "community.deliver"
LOG_PAGE = 50


@dataclass(frozen=True)
class Wish:
    """What a webhook should be. None leaves it as it is; `watched` are (kind, name), `own_url` is this hub's address."""

    own_url: str
    url: str | None = None
    watched: Sequence[tuple[str, str]] | None = None
    domains: Sequence[Domain] | None = None
    secret: str | None = None


def create(tx: WriteTx, actor: Actor, wish: Wish) -> Webhook:
    """Make a webhook that watches what `actor` may see.

    Raises:
        AddressRefused, NothingToWatch, BadInput, NotSignedIn, NotAllowed.
    """
    user_id = require_voice(actor, "make webhooks", needs=Permission.WEBHOOKS_WRITE)
    if wish.url is None:
        raise BadInput(field="url", reason="is missing")
    if not wish.watched:
        raise BadInput(field="watched", reason="must name something to watch")
    if len(queries.all_of(tx, user_id)) >= MAX_HOOKS:
        raise BadInput(field="webhook", reason=f"at most {MAX_HOOKS} of them")
    row = {
        "user_id": user_id,
        "url": check_url(wish.url, wish.own_url),
        "limits": limits_of(actor),
        "secret": check_secret(wish.secret or ""),
        "domains": as_domains(wish.domains if wish.domains is not None else list(Domain)),
        "state": State.ON.value,
        "created_at": now(),
    }
    made = made_id(tx.sql.execute(sa.insert(webhooks).values(**row)))
    _watch(tx, actor, made, wish.watched)
    after = queries.one_of(tx, user_id, made)
    _audit(tx, actor, "create", after, after=_told(after))
    return after


def update(tx: WriteTx, actor: Actor, webhook_id: int, wish: Wish) -> Webhook:
    """Change a webhook. An empty `watched` changes nothing. Source: hub-platform contract, gotcha 9.

    Raises:
        WebhookNotFound, and what `create` raises.
    """
    user_id = require_voice(actor, "change webhooks", needs=Permission.WEBHOOKS_WRITE)
    found = queries.one_of(tx, user_id, webhook_id)
    values: dict[str, object] = {}
    if wish.url is not None and wish.url != found.url:
        values |= {"url": check_url(wish.url, wish.own_url), "limits": limits_of(actor)}
    if wish.domains is not None:
        values["domains"] = as_domains(wish.domains)
    if wish.secret is not None:
        values["secret"] = check_secret(wish.secret)
    if values:
        tx.sql.execute(sa.update(webhooks).where(webhooks.c.id == found.id).values(**values))
    if wish.watched:
        _watch(tx, actor, found.id, wish.watched)
    after = queries.one_of(tx, user_id, found.id)
    changed = {"secret_changed": True} if wish.secret is not None else {}
    _audit(tx, actor, "update", found, before=_told(found), after=_told(after), **changed)
    return after


def switch(tx: WriteTx, actor: Actor, webhook_id: int, *, on: bool) -> Webhook:
    """Switch a webhook on (also one that was suspended) or off. Raises WebhookNotFound, NotSignedIn, NotAllowed."""
    user_id = require_voice(actor, "change webhooks", needs=Permission.WEBHOOKS_WRITE)
    found = queries.one_of(tx, user_id, webhook_id)
    row = {"state": (State.ON if on else State.OFF).value, "failures": 0}
    tx.sql.execute(sa.update(webhooks).where(webhooks.c.id == found.id).values(**row))
    _audit(tx, actor, "enable" if on else "disable", found)
    return queries.one_of(tx, user_id, found.id)


def delete(tx: WriteTx, actor: Actor, webhook_id: int) -> None:
    """Delete a webhook with its log. Raises WebhookNotFound, NotSignedIn, NotAllowed."""
    user_id = require_voice(actor, "delete webhooks", needs=Permission.WEBHOOKS_WRITE)
    found = queries.one_of(tx, user_id, webhook_id)
    tx.sql.execute(sa.delete(webhooks).where(webhooks.c.id == found.id))
    _audit(tx, actor, "delete", found, before=_told(found))


def find(tx: ReadTx, actor: Actor, webhook_id: int) -> Webhook:
    """Return one of the actor's webhooks. Raises WebhookNotFound, NotSignedIn."""
    return queries.one_of(
        tx, require_person(actor, Permission.WEBHOOKS_READ, Permission.WEBHOOKS_WRITE), webhook_id
    )


def list_webhooks(tx: ReadTx, actor: Actor) -> list[Webhook]:
    """Return the actor's webhooks. Raises NotSignedIn."""
    return queries.all_of(tx, require_person(actor, Permission.WEBHOOKS_READ, Permission.WEBHOOKS_WRITE))


def deliveries(
    tx: ReadTx, actor: Actor, webhook_id: int, *, after: int | None = None, limit: int = LOG_PAGE
) -> tuple[list[Delivery], int | None]:
    """Return the log of a webhook, the latest first, and where the next page starts. Raises WebhookNotFound.

    A fine-grained token is not shown what it may not read.
    """
    found = find(tx, actor, webhook_id)
    page = sa.select(webhook_deliveries).where(webhook_deliveries.c.webhook_id == found.id)
    if after is not None:
        page = page.where(webhook_deliveries.c.id < after)
    rows = tx.sql.execute(page.order_by(webhook_deliveries.c.id.desc()).limit(limit + 1)).all()
    following = rows[limit - 1].id if len(rows) > limit else None
    page_of = [queries.delivery_fact(row) for row in rows[:limit]]
    return (page_of if actor.scopes is None else told_to(tx, actor, page_of)), following


def replay(tx: WriteTx, actor: Actor, webhook_id: int, delivery_id: int) -> Delivery:
    """Deliver once more what was delivered before. Raises WebhookNotFound, DeliveryNotFound, NotSignedIn, NotAllowed."""
    user_id = require_voice(actor, "replay deliveries", needs=Permission.WEBHOOKS_WRITE)
    found = queries.one_of(tx, user_id, webhook_id)
    old = queries.delivery(tx, delivery_id)
    if old is None or old.webhook_id != found.id:
        raise DeliveryNotFound
    if actor.scopes is not None and not told_to(tx, actor, [old]):
        raise DeliveryNotFound
    made = add_delivery(tx, found.id, secrets.token_hex(16), old.payload)
    assert made is not None
    again = queries.delivery(tx, made)
    assert again is not None
    return again


def add_delivery(tx: WriteTx, webhook_id: int, event: str, payload: str) -> int | None:
    """Write down a delivery and leave the job that carries it out; None when this event was written down before."""
    same = sa.and_(webhook_deliveries.c.webhook_id == webhook_id, webhook_deliveries.c.event == event)
    if tx.sql.execute(sa.select(webhook_deliveries.c.id).where(same)).first() is not None:
        return None
    moment = now()
    row = {
        "webhook_id": webhook_id,
        "event": event,
        "payload": payload,
        "fate": Fate.WAITING.value,
        "attempts": 0,
        "status": 0,
        "error": "",
        "created_at": moment,
        "updated_at": moment,
    }
    made = made_id(tx.sql.execute(sa.insert(webhook_deliveries).values(**row)))
    tx.sql.execute(sa.update(webhooks).where(webhooks.c.id == webhook_id).values(last_trigger_at=moment))
    tx.enqueue(Job(DELIVER, {"delivery_id": made}))
    return made


def _audit(tx: WriteTx, actor: Actor, act: str, hook: Webhook, **facts: Any) -> None:
    audit(tx, actor, f"webhook.{act}", owner_id=actor.user_id, data={"webhook": hook.id} | facts)


def _told(hook: Webhook) -> dict[str, object]:
    """Return what the audit log says of a webhook: where it leads, without what may be secret in the address."""
    url = urlsplit(hook.url)
    port = f":{url.port}" if url.port else ""
    watched = [[target.kind, target.id] for target in hook.watched]
    return {"url": f"{url.scheme}://{url.hostname}{port}{url.path}", "watched": watched}


def _watch(tx: WriteTx, actor: Actor, webhook_id: int, watched: Sequence[tuple[str, str]]) -> None:
    """Replace what a webhook watches."""
    if len(watched) > MAX_WATCHED:
        raise BadInput(field="watched", reason=f"at most {MAX_WATCHED} things")
    targets = dict.fromkeys(find_target(tx, actor, kind, name) for kind, name in watched)
    tx.sql.execute(sa.delete(webhook_targets).where(webhook_targets.c.webhook_id == webhook_id))
    rows = [{"webhook_id": webhook_id, "kind": one.kind, "target_id": one.id} for one in targets]
    tx.sql.execute(sa.insert(webhook_targets), rows)


def find_target(tx: ReadTx, actor: Actor, kind: str, name: str) -> Target:
    """Find something to watch that `actor` may see. Raises NothingToWatch."""
    try:
        if kind in OWNERS:
            owner = owner_now(tx, name)
            if owner.kind.value == kind:
                _may_listen(actor, owner)
                return Target(kind, owner.id)
        elif kind in set(Kind):
            return Target(kind, get(tx, actor, Kind(kind), name).id)
    except RepoMoved as moved:
        return find_target(tx, actor, kind, str(moved.facts["to"]))
    except (OwnerNotFound, RepoNotFound):
        pass
    raise NothingToWatch(kind=kind, name=name)


def _may_listen(actor: Actor, owner: Owner) -> None:
    """Pass unless a fine-grained token would hear, by a webhook, of private things that it may not read. Raises NotAllowed."""
    member = owner.id == actor.user_id or owner.id in actor.lent
    if actor.scopes is not None and member and not readable(actor).owns(owner.id):
        raise NotAllowed(what=f"watch {owner.name}: this token may not read its repositories")


def as_domains(domains: Sequence[Domain]) -> str:
    """Return domains as they are stored. Raises BadInput."""
    if not domains:
        raise BadInput(field="domains", reason=f"must name at least one of {', '.join(Domain)}")
    return ",".join(dict.fromkeys(domain.value for domain in domains))


def check_secret(text: str) -> str:
    """Check a secret: it travels in a header. Source: hub-platform contract 6.2: ASCII."""
    if len(text) > MAX_SECRET or not text.isascii() or (text and not text.isprintable()):
        raise BadInput(field="secret", reason=f"must be at most {MAX_SECRET} plain ASCII characters")
    return text
