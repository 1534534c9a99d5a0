"""What happened in the repos room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hubkeep.git import Commit
from hubkeep.kit import Event
from hubkeep.repos.access_types import AccessRequest
from hubkeep.repos.types import RefUpdate, Repo


@dataclass(frozen=True)
class RepoCreated(Event):
    """A repository exists."""

    repo: Repo


@dataclass(frozen=True)
class RepoPushed(Event):
    """Refs of a repository moved, by whatever way.

    `commits` has, for some of the refs, the commits that are new on them, oldest first, the newest few at most.
    """

    repo: Repo
    user_id: int | None
    updates: Sequence[RefUpdate]
    commits: Mapping[str, Sequence[Commit]] = field(default_factory=dict)


@dataclass(frozen=True)
class RepoMovedAway(Event):
    """A repository changed its name or owner; `with_owner`, only because its owner has another name."""

    repo: Repo
    old_name: str
    with_owner: bool = False


@dataclass(frozen=True)
class RepoSettingsChanged(Event):
    """Who may see a repository, how access is given, or whether it is open at all has changed."""

    repo: Repo


@dataclass(frozen=True)
class RepoLiked(Event):
    """Somebody likes a repository (`more` is 1), or does not any longer (-1); `since` is when the like was given."""

    repo: Repo
    user_id: int
    more: int
    since: datetime


@dataclass(frozen=True)
class AccessAsked(Event):
    """Somebody asked at a gate, and waits for an answer."""

    repo: Repo
    request: AccessRequest


@dataclass(frozen=True)
class AccessReviewed(Event):
    """Whoever keeps a gate accepted or rejected a request, put it back, or let somebody in."""

    repo: Repo
    request: AccessRequest


@dataclass(frozen=True)
class RepoDeleted(Event):
    """A repository is gone; its bytes are purged by a job."""

    repo: Repo
