"""The one answer to *may they?*."""

from enum import StrEnum
from typing import Protocol

from hubkeep.accounts.types import Actor, Role


class Action(StrEnum):
    """What can be done to a repository, weakest first."""

    READ = "read"  # see that it exists, read everything in it
    WRITE = "write"  # commit, push, branches and tags
    MANAGE = "manage"  # settings, visibility, move, delete, rewrite history


class Guarded(Protocol):
    """The facts a decision needs: which namespace owns it, who made it, whether strangers may look."""

    @property
    def owner_id(self) -> int:
        """Id of the owning user or organization."""

    @property
    def creator_id(self) -> int | None:
        """Id of the user who created it."""

    @property
    def private(self) -> bool:
        """True when only members may read."""


def may(actor: Actor, action: Action, thing: Guarded) -> bool:
    """Return whether `actor` may do `action` to `thing`; no database access.

    Contributors manage what they made themselves and read the rest; a read-only token never changes anything; the
    operators of the hub may do everything.
    Source: the Hub's documented organization roles.
    """
    if action is not Action.READ and not actor.can_write:
        return False
    if actor.is_admin:
        return True
    role = actor.roles.get(thing.owner_id)
    if action is Action.READ:
        return not thing.private or role not in (None, Role.NO_ACCESS)
    if role is Role.CONTRIBUTOR:
        return thing.creator_id is not None and thing.creator_id == actor.user_id
    return role in (Role.WRITE, Role.ADMIN)


def may_create(actor: Actor, owner_id: int) -> bool:
    """Return whether `actor` may create a repository in that namespace."""
    if not actor.can_write:
        return False
    return actor.is_admin or actor.roles.get(owner_id) in (Role.CONTRIBUTOR, Role.WRITE, Role.ADMIN)
