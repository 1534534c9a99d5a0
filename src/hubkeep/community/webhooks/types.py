"""What a webhook is: a call to another program when something happens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MAX_HOOKS = 100  # of one person
MAX_WATCHED = 100  # things that one webhook watches
MAX_URL, MAX_SECRET = 2000, 200  # characters


class Domain(StrEnum):
    """What a webhook hears of. Source: hub-platform contract section 6."""

    REPO = "repo"
    DISCUSSION = "discussion"


class State(StrEnum):
    """Whether a webhook calls."""

    ON = "on"
    OFF = "off"
    SUSPENDED = "suspended"  # by the hub, after its receiver failed for long


class Fate(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"  # the webhook was switched off meanwhile


@dataclass(frozen=True)
class Target:
    """A repository (kind `model`, `dataset`, …), user or organization, by number; `name` as it is called now."""

    kind: str
    id: int
    name: str = ""


@dataclass(frozen=True)
class Webhook:
    """A person's webhook. `secret` is sent along, and shown to nobody.

    `limits` are the scopes of the fine-grained token that chose the address (None: somebody with all their rights did): the
    receiver hears no more than that token could read.
    """

    id: int
    user_id: int
    url: str
    secret: str = field(repr=False)
    domains: tuple[Domain, ...]
    state: State
    failures: int
    created_at: datetime
    last_trigger_at: datetime | None
    watched: Sequence[Target] = ()
    limits: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One call: what was sent, how often it was tried, and what the receiver said (`status` 0: nothing)."""

    id: int
    webhook_id: int
    payload: str
    fate: Fate
    attempts: int
    status: int
    error: str
    created_at: datetime
    updated_at: datetime
