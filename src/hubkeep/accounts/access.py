"""The one answer to *may they?*."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.scopes import Entity, EntityType, Permission
from hubkeep.accounts.types import Actor, Role


class Action(StrEnum):
    """What can be done to a repository, weakest first."""

    READ = "read"  # see that it exists, read everything in it
    WRITE = "write"  # commit, push, branches and tags
    MANAGE = "manage"  # settings, visibility, move, delete, rewrite history


class Guarded(Protocol):
    """The facts a decision needs: whose it is, who made it, whether strangers may look, its group, what tokens call it."""

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
    def resource_group_id(self) -> int | None:
        """Number of the resource group that it is in: roles there count, and not those in the organization."""

    @property
    def entity(self) -> Entity:
        """What the scopes of fine-grained tokens know it as."""


@dataclass(frozen=True)
class Reach:
    """Whose private things somebody may list, by number.

    Namespaces with all that is in them (`whole`), others without what is in their resource groups (`plain`), and groups.
    """

    whole: Sequence[int] = ()
    plain: Sequence[int] = ()
    groups: Sequence[int] = ()

    def owns(self, owner_id: int) -> bool:
        """Return whether all of a namespace, or all but its groups, is within reach."""
        return owner_id in self.whole or owner_id in self.plain


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

    Contributors manage what they made themselves and read the rest; in a resource group the role there counts, except for the
    organization's administrators, who may everything everywhere in it. A read-only token never changes anything; a fine-grained
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


def may_create(
    actor: Actor,
    owner_id: int,
    needed: Permission = Permission.REPO_WRITE,
    *,
    resource_group_id: int | None = None,
) -> bool:
    """Return whether `actor` may create a repository in that namespace; or what else a token needs `needed` for.

    In a resource group, the role there counts.
    """
    if actor.scopes is not None:
        if not actor.scopes.allow((needed,), _homes(owner_id, resource_group_id)):
            return False
    elif not actor.can_write:
        return False
    role = _role_over(actor, owner_id, resource_group_id)
    return actor.is_admin or role in (Role.CONTRIBUTOR, Role.WRITE, Role.ADMIN)


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


def require_whole(actor: Actor, what: str) -> int:
    """Return the person's number, unless they came with a token that was given for other things.

    For what no permission of a fine-grained token stands for.

    Raises:
        NotSignedIn, NotAllowed.
    """
    if actor.user_id is None:
        raise NotSignedIn
    if actor.scopes is not None:
        raise NotAllowed(what=f"{what}: this token has no permission for it")
    return actor.user_id


def role_in(actor: Actor, owner_id: int) -> Role | None:
    """Return the person's role in a namespace. For a fine-grained token ask `lends` or `shows` first."""
    return (actor.roles if actor.scopes is None else actor.lent).get(owner_id)


def group_role(actor: Actor, group_id: int) -> Role | None:
    """Return the person's role in a resource group, None for who is not in it."""
    seat = actor.groups.get(group_id)
    return seat.role if seat is not None else None


def readable(actor: Actor, what: str = REPOS) -> Reach:
    """Return whose private things `actor` may list. Operators see everything: ask `actor.is_admin` first.

    What a fine-grained token names one by one (`named`) comes on top.
    """
    scopes = actor.scopes
    if scopes is None:
        return reach_of_person(actor)
    needed = (_REPO if what == REPOS else _COLLECTION)[Action.READ]
    owners, opened = scopes.ids(needed, _OWNERS), scopes.ids(needed, (EntityType.RESOURCE_GROUP,))
    person = reach_of_person(actor)
    return Reach(
        whole=[owner for owner in person.whole if owner in owners],
        plain=[owner for owner in person.plain if owner in owners],
        groups=[g for g in person.groups if g in opened or actor.groups[g].org_id in owners],
    )


def reach_of_person(actor: Actor) -> Reach:
    """Return whose private things the person may list, whatever they came with."""
    roles = actor.roles if actor.scopes is None else actor.lent
    return Reach(
        whole=sorted(owner for owner, role in roles.items() if role is Role.ADMIN),
        plain=sorted(o for o, role in roles.items() if role not in (Role.ADMIN, Role.NO_ACCESS)),
        groups=sorted(g for g, seat in actor.groups.items() if seat.role is not Role.NO_ACCESS),
    )


def named(actor: Actor, what: str = REPOS) -> tuple[list[int], list[int]]:
    """Return what a fine-grained token names: repositories (or collections), and resource groups, by number.

    The person must be able to read them, too: `reach_of_person`.
    """
    if actor.scopes is None:
        return [], []
    needed = (_REPO if what == REPOS else _COLLECTION)[Action.READ]
    kinds = _REPO_TYPES if what == REPOS else (EntityType.COLLECTION,)
    return actor.scopes.ids(needed, kinds), actor.scopes.ids(needed, (EntityType.RESOURCE_GROUP,))


_REPO_TYPES = (EntityType.MODEL, EntityType.DATASET, EntityType.SPACE, EntityType.KERNEL)


def _around(thing: Guarded) -> list[Entity]:
    """Return what a permission may be given on to count for `thing`: itself, its group, and whoever owns it."""
    return [thing.entity, *_homes(thing.owner_id, thing.resource_group_id)]


def _homes(owner_id: int, resource_group_id: int | None) -> list[Entity]:
    owners = [Entity(kind, owner_id) for kind in _OWNERS]
    return (
        owners
        if resource_group_id is None
        else [Entity(EntityType.RESOURCE_GROUP, resource_group_id), *owners]
    )


def _role_over(actor: Actor, owner_id: int, resource_group_id: int | None) -> Role | None:
    """Return the role that counts for something: in its group, if it has one, else in its namespace."""
    role = role_in(actor, owner_id)
    if resource_group_id is None or role is Role.ADMIN:
        return role
    return group_role(actor, resource_group_id)


def _role_allows(actor: Actor, action: Action, thing: Guarded) -> bool:
    role = _role_over(actor, thing.owner_id, thing.resource_group_id)
    if action is Action.READ:
        return role not in (None, Role.NO_ACCESS)
    if role is Role.CONTRIBUTOR:
        return thing.creator_id is not None and thing.creator_id == actor.user_id
    return role in (Role.WRITE, Role.ADMIN)
