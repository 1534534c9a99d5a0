"""What an organization is, beside its name."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hubkeep.accounts.types import GroupRole, Owner, Role, User

ROLES = tuple(Role)  # weakest first


@dataclass(frozen=True)
class OrgProfile:
    """What an organization says of itself. Empty texts mean nothing was said."""

    details: str = ""
    website: str = ""
    github: str = ""
    twitter: str = ""
    linkedin: str = ""
    members_hidden: bool = False


@dataclass(frozen=True)
class OrgChanges:
    """What to change; None leaves a field as it is."""

    fullname: str | None = None
    details: str | None = None
    website: str | None = None
    github: str | None = None
    twitter: str | None = None
    linkedin: str | None = None
    members_hidden: bool | None = None


@dataclass(frozen=True)
class OrgMember:
    """A member; `groups` are for those who may see them, and empty for others."""

    user: User
    role: Role
    groups: Sequence[GroupRole] = ()


@dataclass(frozen=True)
class Members:
    """A page of members in name order. `next` is the (lower-case) name to go on after, None at the end.

    `full` is True when the reader may see roles and groups; `hidden`, when they may not see the list at all.
    """

    items: Sequence[OrgMember]
    next: str | None
    full: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Invitation:
    """An invitation of somebody known by name, until it is accepted, declined, taken back or over."""

    id: int
    org: Owner
    user: Owner
    role: Role
    invited_by: Owner | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class InviteLink:
    """A link by which people join. `email` is to whom it was sent; `max_uses` None means any number of people."""

    id: int
    org: Owner
    email: str
    role: Role
    made_by: Owner | None
    created_at: datetime
    expires_at: datetime
    max_uses: int | None
    uses: int


@dataclass(frozen=True)
class NewLink:
    """A link just made; `secret` is in its address and is not kept."""

    link: InviteLink
    secret: str = field(repr=False)


@dataclass(frozen=True)
class AutoJoin:
    """What those who join the organization get in a group: everybody (`all`), or who may read at least (`read_plus`)."""

    role: Role
    scope: str = "all"


@dataclass(frozen=True)
class GroupMember:
    """A member of a resource group."""

    user: User
    role: Role
    added_by: Owner | None = None


@dataclass(frozen=True)
class ResourceGroup:
    """Some of an organization's repositories and collections, private ones only for its members."""

    id: int
    org_id: int
    name: str
    description: str
    auto_join: AutoJoin | None
    created_at: datetime
    members: int = 0


@dataclass(frozen=True)
class NewGroup:
    """A resource group to make, with its first members (user name to role)."""

    name: str
    description: str = ""
    auto_join: AutoJoin | None = None
    members: Sequence[tuple[str, Role]] = ()
