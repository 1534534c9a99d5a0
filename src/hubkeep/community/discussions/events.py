"""What happened in discussions, for the rooms and jobs that tell others of it."""

from dataclasses import dataclass

from hubkeep.community.discussions.types import Discussion
from hubkeep.community.discussions.types import Event as Happening
from hubkeep.kit import Event
from hubkeep.repos import Repo


@dataclass(frozen=True)
class DiscussionOpened(Event):
    """A discussion or pull request exists; `event` is its description."""

    repo: Repo
    discussion: Discussion
    event: Happening


@dataclass(frozen=True)
class CommentAdded(Event):
    """Somebody wrote a comment."""

    repo: Repo
    discussion: Discussion
    event: Happening


@dataclass(frozen=True)
class CommentChanged(Event):
    """A comment was edited or hidden."""

    repo: Repo
    discussion: Discussion
    event: Happening
    user_id: int | None


@dataclass(frozen=True)
class DiscussionChanged(Event):
    """Title, status, pin or lock of a discussion changed, or a pull request got a commit or lost its ref."""

    repo: Repo
    discussion: Discussion
    event: Happening


@dataclass(frozen=True)
class DiscussionDeleted(Event):
    """A discussion is gone."""

    repo: Repo
    discussion: Discussion
    user_id: int | None
