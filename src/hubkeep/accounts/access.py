"""The one answer to *may they?*."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from hubkeep.accounts.scopes import Entity, EntityType, Permission
from hubkeep.accounts.types import Actor, Role


class Action(StrEnum):
    """What can be done to a repository, weakest first."""

    READ = "read"  # see that it exists, read everything in it
    WRITE = "write"  # commit, push, branches and tags
    MANAGE = "manage"  # settings, visibility, move, delete, rewrite history


class Guarded(Protocol):
    """The facts a decision needs: which namespace owns it, who made it, whether strangers may look, what tokens call it."""

    @property
    def owner_id(self) -> int:
        """Id of the owning user or organization."""

    @property
    def creator_id(self) -> int | None:
        """Id of the user who created it."""

    @property
    def private(self) -> bool:
        """True when only members may read."""

    @property
    def entity(self) -> Entity:
        """What the scopes of fine-grained tokens know it as."""


_P = Permission
_REPO: Mapping[Action, tuple[Permission, ...]] = {
    Action.READ: (_P.REPO_READ, _P.REPO_CONTENT_WRITE, _P.REPO_WRITE),
    Action.WRITE: (_P.REPO_CONTENT_WRITE, _P.REPO_WRITE),
    Action.MANAGE: (_P.REPO_WRITE,),
}
_COLLECTION: Mapping[Action, tuple[Permission, ...]] = {
    Action.READ: (_P.COLLECTION_READ, _P.COLLECTION_WRITE),
    Action.WRITE: (_P.COLLECTION_WRITE,),
    Action.MANAGE: (_P.COLLECTION_WRITE,),
}
_OWNERS = (EntityType.USER, EntityType.ORG)
REPOS, COLLECTIONS = "repos", "collections"  # for `readable`


def may(actor: Actor, action: Action, thing: Guarded) -> bool:
    """Return whether `actor` may do `action` to `thing`; no database access.

    Contributors manage what they made themselves and read the rest; a read-only token never changes anything; a fine-grained
    token only what its scopes say, as far as its owner may; the operators of the hub may do everything.
    Source: the Hub's documented organization roles.
    """
    if action is Action.READ and not thing.private:
        return True
    if actor.scopes is not None:
        needed = _COLLECTION if thing.entity.type is EntityType.COLLECTION else _REPO
        return actor.scopes.allow(needed[action], _around(thing)) and _role_allows(actor, action, thing)
    if action is not Action.READ and not actor.can_write:
        return False
    return actor.is_admin or _role_allows(actor, action, thing)


def may_create(actor: Actor, owner_id: int, needed: Permission = Permission.REPO_WRITE) -> bool:
    """Return whether `actor` may create a repository in that namespace; or what else a token needs `needed` for."""
    if not lends(actor, owner_id, needed):
        return False
    return actor.is_admin or role_in(actor, owner_id) in (Role.CONTRIBUTOR, Role.WRITE, Role.ADMIN)


def may_discuss(actor: Actor, thing: Guarded) -> bool:
    """Return whether what the actor came with lets them speak about something that they may read."""
    if actor.scopes is not None:
        return actor.scopes.allow((_P.DISCUSSION_WRITE,), _around(thing))
    return actor.can_write


def may_propose(actor: Actor, thing: Guarded) -> bool:
    """Return whether what the actor came with lets them upload for a pull request to something that they may read."""
    return may_discuss(actor, thing) or may(actor, Action.WRITE, thing)


def may_pass_gates(actor: Actor, thing: Guarded) -> bool:
    """Return whether what the actor came with opens gates that they were let through.

    Source: the Hub's fine-grained tokens: `canReadGatedRepos`, or permission to read the repository itself.
    """
    scopes = actor.scopes
    return scopes is None or scopes.gated or scopes.allow(_REPO[Action.READ], _around(thing))


def lends(actor: Actor, owner_id: int, *permissions: Permission) -> bool:
    """Return whether what the actor came with may change things in a namespace.

    That is a session, a token to write, or a fine-grained one with one of `permissions` there. What the person themselves may
    is another question: `role_in`.
    """
    if actor.scopes is not None:
        return actor.scopes.allow(permissions, [Entity(kind, owner_id) for kind in _OWNERS])
    return actor.can_write


def shows(actor: Actor, owner_id: int, *permissions: Permission) -> bool:
    """Return whether what the actor came with may look at a namespace's inner matters: as `lends`, but reading is enough."""
    return actor.scopes is None or lends(actor, owner_id, *permissions)


def role_in(actor: Actor, owner_id: int) -> Role | None:
    """Return the person's role in a namespace. For a fine-grained token ask `lends` or `shows` first."""
    return (actor.roles if actor.scopes is None else actor.lent).get(owner_id)


def readable(actor: Actor, what: str = REPOS) -> tuple[list[int], list[int]]:
    """Return whose private things `actor` may list (owner ids), and which others (ids of repositories or collections).

    Operators see everything: ask `actor.is_admin` first.
    """
    scopes = actor.scopes
    if scopes is None:
        return sorted(owner for owner, role in actor.roles.items() if role is not Role.NO_ACCESS), []
    needed = (_REPO if what == REPOS else _COLLECTION)[Action.READ]
    owners = [owner for owner in scopes.ids(needed, _OWNERS) if _member(actor, owner)]
    kinds = _REPO_TYPES if what == REPOS else (EntityType.COLLECTION,)
    return owners, scopes.ids(needed, kinds)


def lending(actor: Actor) -> list[int]:
    """Return the namespaces in which the person behind a fine-grained token may read: what it names must be in one."""
    return sorted(owner for owner in actor.lent if _member(actor, owner))


_REPO_TYPES = (EntityType.MODEL, EntityType.DATASET, EntityType.SPACE, EntityType.KERNEL)


def _member(actor: Actor, owner_id: int) -> bool:
    return role_in(actor, owner_id) not in (None, Role.NO_ACCESS)


def _around(thing: Guarded) -> list[Entity]:
    """Return what a permission may be given on to count for `thing`: itself, and whoever owns it."""
    return [thing.entity, *(Entity(kind, thing.owner_id) for kind in _OWNERS)]


def _role_allows(actor: Actor, action: Action, thing: Guarded) -> bool:
    role = role_in(actor, thing.owner_id)
    if action is Action.READ:
        return role not in (None, Role.NO_ACCESS)
    if role is Role.CONTRIBUTOR:
        return thing.creator_id is not None and thing.creator_id == actor.user_id
    return role in (Role.WRITE, Role.ADMIN)
