"""What the OAuth provider speaks of."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What an app may ask for. The Hub's own words. Source: hub-platform contract 1.4."""

    OPENID = "openid"
    PROFILE = "profile"
    EMAIL = "email"
    READ_BILLING = "read-billing"
    READ_MEMBERSHIPS = "read-memberships"
    READ_REPOS = "read-repos"
    GATED_REPOS = "gated-repos"
    WRITE_REPOS = "write-repos"
    MANAGE_REPOS = "manage-repos"
    READ_COLLECTIONS = "read-collections"
    WRITE_COLLECTIONS = "write-collections"
    INFERENCE = "inference-api"
    READ_ENDPOINTS = "read-endpoints"
    WRITE_ENDPOINTS = "write-endpoints"
    JOBS = "jobs"
    WEBHOOKS = "webhooks"
    WRITE_DISCUSSIONS = "write-discussions"


# What each allows, as a person reads it before agreeing.
MEANS = {
    Scope.OPENID: "know who you are",
    Scope.PROFILE: "see your name, picture and profile",
    Scope.EMAIL: "see your e-mail address",
    Scope.READ_BILLING: "see whether you can pay (nobody pays on this hub)",
    Scope.READ_MEMBERSHIPS: "see which organizations you belong to",
    Scope.READ_REPOS: "read your private repositories",
    Scope.GATED_REPOS: "read gated repositories that you were let into",
    Scope.WRITE_REPOS: "read and change the files of your repositories",
    Scope.MANAGE_REPOS: "create, change, configure and delete your repositories",
    Scope.READ_COLLECTIONS: "see your private collections",
    Scope.WRITE_COLLECTIONS: "change your collections",
    Scope.INFERENCE: "run models in your name",
    Scope.READ_ENDPOINTS: "see your inference endpoints",
    Scope.WRITE_ENDPOINTS: "change your inference endpoints",
    Scope.JOBS: "run jobs in your name",
    Scope.WEBHOOKS: "see and change your webhooks",
    Scope.WRITE_DISCUSSIONS: "open discussions and pull requests, comment and like in your name",
}
# These mean something in organizations, too.
ABOUT_REPOS = frozenset(
    (
        Scope.READ_REPOS,
        Scope.WRITE_REPOS,
        Scope.MANAGE_REPOS,
        Scope.READ_COLLECTIONS,
        Scope.WRITE_COLLECTIONS,
        Scope.JOBS,
        Scope.INFERENCE,
        Scope.READ_MEMBERSHIPS,
        Scope.READ_ENDPOINTS,
        Scope.WRITE_ENDPOINTS,
    )
)


@dataclass(frozen=True)
class App:
    """A program that people sign in to with their account here. `trusted`: ours, acts with all of a person's powers."""

    client_id: str
    name: str
    homepage: str = ""
    owner_id: int | None = None
    redirect_uris: tuple[str, ...] = ()
    scope: frozenset[Scope] = frozenset(Scope)
    confidential: bool = False
    trusted: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True)
class Consent:
    """What a person gives an app: scopes, and the organizations that they reach."""

    scope: frozenset[Scope] = frozenset()
    org_ids: frozenset[int] = frozenset()

    @property
    def words(self) -> str:
        """The scopes as OAuth writes them."""
        return " ".join(sorted(self.scope))

    @property
    def orgs(self) -> str:
        """The organizations as they are stored."""
        return " ".join(str(number) for number in sorted(self.org_ids))

    def covers(self, other: "Consent") -> bool:
        """Return whether `other` asks for nothing more."""
        return other.scope <= self.scope and other.org_ids <= self.org_ids


@dataclass(frozen=True)
class Wanted:
    """A valid request to sign in, as an app sends a browser with it."""

    app: App
    redirect_uri: str
    scope: frozenset[Scope]
    state: str = ""
    challenge: str = ""
    nonce: str = ""
    org_ids: frozenset[int] = frozenset()
    prompt: str = ""


@dataclass(frozen=True)
class Issued:
    """What an app gets. Values are shown this once. `seconds`: until the access token is over."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    seconds: int
    user_id: int
    client_id: str
    scope: frozenset[Scope]
    nonce: str = ""


@dataclass(frozen=True)
class Device:
    """A program elsewhere that waits for a person to enter `user_code`."""

    user_code: str
    app: App
    scope: frozenset[Scope]
    expires_at: datetime


@dataclass(frozen=True)
class NewDevice:
    """Codes for a device: one for the program, one for the person."""

    device_code: str = field(repr=False)
    user_code: str
    interval: int
    seconds: int


@dataclass(frozen=True)
class Connected:
    """An app that a person signed in to."""

    app: App
    consent: Consent
    granted_at: datetime
