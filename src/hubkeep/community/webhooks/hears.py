"""What a receiver may hear: what the webhook's owner may read then, and no more than the token that chose the address."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hubkeep.accounts import Action, Actor, BadCredentials, Entity, actor_of, may, read_scopes, within
from hubkeep.community.webhooks.types import Delivery, Webhook
from hubkeep.kit import ReadTx
from hubkeep.repos import repos_by_id


@dataclass(frozen=True)
class Guarded:
    """What decides who may hear of a repository, as it was when something happened: it may be gone by now."""

    owner_id: int
    creator_id: int | None
    private: bool
    entity: Entity
    resource_group_id: int | None


def limits_of(actor: Actor) -> str | None:
    """Return the scopes that limit a webhook whose address `actor` chooses; None for whoever acts with all their rights."""
    return actor.scopes.text if actor.scopes is not None else None


def may_hear(tx: ReadTx, hook: Webhook, guarded: Guarded) -> bool:
    """Return whether a webhook is told of what happens to a repository."""
    listener = _listener(tx, hook)
    return listener is not None and may(listener, Action.READ, guarded)


def still_hears(tx: ReadTx, hook: Webhook, delivery: Delivery) -> bool:
    """Return whether a delivery may go out: a narrow token may have chosen another address since it was written down."""
    if hook.limits is None:
        return True
    listener = _listener(tx, hook)
    return listener is not None and bool(told_to(tx, listener, [delivery]))


def told_to(tx: ReadTx, actor: Actor, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Return those deliveries that tell `actor` nothing that they may not read now."""
    about = {one.id: json.loads(one.payload)["repo"] for one in deliveries}
    private = {number: _number(repo) for number, repo in about.items() if repo["private"]}
    known = {repo.id: repo for repo in repos_by_id(tx, sorted(set(private.values())))}
    return [
        one
        for one in deliveries
        if one.id not in private
        or (private[one.id] in known and may(actor, Action.READ, known[private[one.id]]))
    ]


def _listener(tx: ReadTx, hook: Webhook) -> Actor | None:
    try:
        person = actor_of(tx, hook.user_id, can_write=False)
    except BadCredentials:
        return None
    return person if hook.limits is None else within(person, read_scopes(hook.limits))


def _number(repo: dict[str, Any]) -> int:
    """Return our number in an id as the API shows it."""
    return int(repo["id"][8:], 16)
