"""What happened in the repos room."""

from collections.abc import Sequence
from dataclasses import dataclass

from hubkeep.kit import Event
from hubkeep.repos.types import RefUpdate, Repo


@dataclass(frozen=True)
class RepoCreated(Event):
    """A repository exists."""

    repo: Repo


@dataclass(frozen=True)
class RepoPushed(Event):
    """Refs of a repository moved, by whatever way."""

    repo: Repo
    user_id: int | None
    updates: Sequence[RefUpdate]


@dataclass(frozen=True)
class RepoMovedAway(Event):
    """A repository changed its name or owner."""

    repo: Repo
    old_name: str


@dataclass(frozen=True)
class RepoDeleted(Event):
    """A repository is gone; its bytes are purged by a job."""

    repo: Repo
