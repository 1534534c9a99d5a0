"""Webhooks on their way to another hub: they arrive switched off, for a receiver there must be told and trusted anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hubkeep.accounts import COMMAND_LINE, audit
from hubkeep.community.webhooks import queries
from hubkeep.community.webhooks.call import check_url
from hubkeep.community.webhooks.change import as_domains, check_secret, find_target
from hubkeep.community.webhooks.errors import NothingToWatch
from hubkeep.community.webhooks.tables import webhook_targets, webhooks
from hubkeep.community.webhooks.types import MAX_HOOKS, MAX_WATCHED, Domain, State
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing, made_id


@dataclass(frozen=True)
class CarriedWatched:
    """What a webhook watches: `user` or `org` and a name, a kind of repository and `owner/name`."""

    kind: str
    name: str


@dataclass(frozen=True)
class CarriedHook:
    """A person's webhook as it travels; `secret` is "" unless secrets were asked for."""

    user_id: int
    url: str
    domains: Sequence[str]
    created_at: datetime
    watched: Sequence[CarriedWatched]
    secret: str = ""


def carry_out(
    tx: ReadTx, owner_id: int, repo_ids: Sequence[int], *, secrets: bool = False
) -> list[CarriedHook]:
    """Return everybody's webhooks that watch an owner or these repositories, with what they watch of those."""
    kinds = webhook_targets.c.kind.in_(queries.OWNERS)
    own = sa.and_(kinds, webhook_targets.c.target_id == owner_id)
    theirs = sa.and_(~kinds, webhook_targets.c.target_id.in_(repo_ids))
    ids = sa.select(webhook_targets.c.webhook_id).where(sa.or_(own, theirs))
    free = webhooks.c.limits.is_(None)  # what a narrow token made goes by numbers of this hub
    rows = tx.sql.execute(
        sa.select(webhooks).where(webhooks.c.id.in_(ids), free).order_by(webhooks.c.id)
    ).all()
    known = set(repo_ids)
    return [
        CarriedHook(
            hook.user_id,
            hook.url,
            [domain.value for domain in hook.domains],
            hook.created_at,
            [
                CarriedWatched(target.kind, target.name)
                for target in hook.watched
                if (target.id == owner_id if target.kind in queries.OWNERS else target.id in known)
            ],
            hook.secret if secrets else "",
        )
        for hook in queries.facts(tx, rows)
    ]


def carry_in(tx: WriteTx, own_url: str, carried: CarriedHook) -> bool:
    """Make a person's webhook, switched off; one that came before watches more now. Return whether it was made.

    Raises:
        AddressRefused, BadInput.
    """
    same = (webhooks.c.user_id == carried.user_id, webhooks.c.url == carried.url)
    found = tx.sql.execute(
        sa.select(webhooks.c.id).where(*same, webhooks.c.created_at == carried.created_at)
    ).scalar()
    made = found or _make(tx, own_url, carried)
    _watch(tx, made, carried)
    return found is None


def _make(tx: WriteTx, own_url: str, carried: CarriedHook) -> int:
    if len(queries.all_of(tx, carried.user_id)) >= MAX_HOOKS:
        raise BadInput(field="webhooks", reason=f"at most {MAX_HOOKS} of one person")
    row = {
        "user_id": carried.user_id,
        "url": check_url(carried.url, own_url),
        "secret": check_secret(carried.secret),
        "domains": as_domains([Domain(word) for word in carried.domains]),
        "state": State.OFF.value,
        "created_at": carried.created_at,
    }
    made = made_id(tx.sql.execute(sa.insert(webhooks).values(**row)))
    audit(tx, COMMAND_LINE, "webhook.create", owner_id=carried.user_id, data={"webhook": made})
    return made


def _watch(tx: WriteTx, webhook_id: int, carried: CarriedHook) -> None:
    """Add what of it is here."""
    for one in carried.watched[:MAX_WATCHED]:
        try:
            target = find_target(tx, COMMAND_LINE, one.kind, one.name)
        except NothingToWatch:
            continue
        row = {"webhook_id": webhook_id, "kind": target.kind, "target_id": target.id}
        insert_missing(tx.sql, webhook_targets, [row])
