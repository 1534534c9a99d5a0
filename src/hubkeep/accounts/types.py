"""Who is asking, and what they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hubkeep.accounts.scopes import Scopes
from hubkeep.kit.tables import Row


class Role(StrEnum):
    """What a member may do in an organization, weakest first. The Hub's own words."""

    NO_ACCESS = "no_access"
    READ = "read"
    CONTRIBUTOR = "contributor"
    WRITE = "write"
    ADMIN = "admin"


class TokenRole(StrEnum):
    """What a token may do with its owner's powers. The Hub's own words."""

    READ = "read"
    WRITE = "write"
    FINE_GRAINED = "fineGrained"  # what its scopes say


class TokenKind(StrEnum):
    """Where a token comes from."""

    USER = "user"  # made by a person on their page of tokens, or by an operator
    OAUTH = "oauth"  # given to an app, at sign-in
    SERVICE = "service"  # of a service account: `client_id` is the number of its organization
    PUBLISHER = "publisher"  # given for the ID token of a trusted CI job


class OwnerKind(StrEnum):
    """Users and organizations share one namespace."""

    USER = "user"
    ORG = "org"


@dataclass(frozen=True)
class Owner:
    """A namespace: a user or an organization."""

    id: int
    kind: OwnerKind
    name: str
    fullname: str
    created_at: datetime
    avatar: str = ""  # the name of their picture; "": they are drawn

    @classmethod
    def of(cls, row: Row) -> "Owner":
        """Turn a row of `owners` into the fact."""
        return cls(row.id, OwnerKind(row.kind), row.name, row.fullname, row.created_at, row.avatar)


@dataclass(frozen=True)
class User:
    """A person. `email` may be empty for accounts made by an operator; only if `email_confirmed`, it is proven to be theirs."""

    id: int
    name: str
    fullname: str
    email: str
    is_admin: bool
    disabled: bool
    created_at: datetime
    avatar: str = ""
    email_confirmed: bool = False


@dataclass(frozen=True)
class Membership:
    """One organization a user belongs to, and the role there."""

    org_id: int
    org_name: str
    org_fullname: str
    org_created_at: datetime
    role: Role
    org_avatar: str = ""


@dataclass(frozen=True)
class Token:
    """A token's facts; its value is shown once, when made, and stored only as a hash."""

    id: int
    user_id: int
    name: str
    role: TokenRole
    created_at: datetime
    last_used_at: datetime | None
    kind: TokenKind = TokenKind.USER
    scopes: Scopes | None = None  # of fine-grained tokens, and of no other
    expires_at: datetime | None = None
    client_id: str | None = None
    last4: str = ""


@dataclass(frozen=True)
class Session:
    """A browser that is signed in."""

    id: int
    created_at: datetime
    expires_at: datetime
    seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True)
class NewSession:
    """A session just opened; `secret` goes into the cookie and is not kept."""

    secret: str = field(repr=False)
    expires_at: datetime
    user: User


@dataclass(frozen=True)
class Member:
    """A member of an organization."""

    user: User
    role: Role


@dataclass(frozen=True)
class GroupRole:
    """A resource group of somebody, and their role there."""

    group_id: int
    name: str
    role: Role
    created_at: datetime
    members: int = 0


@dataclass(frozen=True)
class WhoAmI:
    """The caller: the person, their organizations, the token they came with (None in a session).

    `groups` are their resource groups by organization.
    """

    user: User
    orgs: list[Membership]
    token: Token | None
    groups: Mapping[int, Sequence[GroupRole]] = field(default_factory=dict)
    confirmed: bool = False  # they proved that their e-mail address is theirs


@dataclass(frozen=True)
class Profile:
    """An owner in public: `user` and `orgs` for a person, `members` for an organization."""

    owner: Owner
    user: User | None
    members: list[Member]
    orgs: list[Membership]


@dataclass(frozen=True)
class Origin:
    """Where a request came from: the client's address and what it calls itself. Empty for the command line and jobs."""

    address: str = ""
    agent: str = ""


NOWHERE = Origin()


@dataclass(frozen=True)
class Credentials:
    """What a request brought to prove who it is. `secret` is a token, a password or a session; never logged."""

    scheme: str = (
        ""  # "" nobody, "token" a Hub token (Bearer, or Basic with the token as password), "session" a cookie
    )
    secret: str = field(default="", repr=False)
    origin: Origin = NOWHERE


ANONYMOUS = Credentials()


@dataclass(frozen=True)
class GroupSeat:
    """A place in a resource group of an organization."""

    org_id: int
    role: Role


@dataclass(frozen=True)
class Actor:
    """Who is asking, resolved once per request: their id, and their role in every namespace they belong to.

    `roles` maps owner id to role; a user is ADMIN of their own namespace. `can_write` is False for read-only tokens.

    With a fine-grained token `roles` is empty, and `can_write` and `is_admin` are False: whoever does not ask about scopes
    refuses. The roles that such a token lends within its scopes are in `lent`; `accounts.access` decides.
    """

    user_id: int | None = None
    name: str = ""
    is_admin: bool = False
    can_write: bool = False
    roles: Mapping[int, Role] = field(default_factory=dict)
    token: Token | None = None
    origin: Origin = NOWHERE  # known to verbs that write, for the audit log
    lent: Mapping[int, Role] = field(default_factory=dict)
    session: Session | None = None
    groups: Mapping[int, GroupSeat] = field(default_factory=dict)  # by number of the resource group

    @property
    def anonymous(self) -> bool:
        """True when nobody is signed in."""
        return self.user_id is None

    @property
    def scopes(self) -> Scopes | None:
        """What a fine-grained token allows; None for everything else, which is not limited so."""
        return self.token.scopes if self.token is not None else None


STRANGER = Actor()

# Who runs `hubkeep …` on the hub's machine: may do everything, and is nobody of its people.
COMMAND_LINE = Actor(
    name="(command line)", is_admin=True, can_write=True, origin=Origin(agent="hubkeep command line")
)
