"""What a discussion is, and what happens in one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from hubkeep.accounts import Owner
from hubkeep.repos import Repo

MIN_TITLE, MAX_TITLE = 3, 200  # characters. Source: hub-platform contract section 3
MAX_COMMENT = 65_536  # characters. Source: the same
MAX_EDITS = 100  # versions of one comment


class Status(StrEnum):
    """Where a discussion stands; drafts and merges are for pull requests only."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class EventType(StrEnum):
    """What can happen in a discussion: the wire's own words."""

    COMMENT = "comment"
    STATUS_CHANGE = "status-change"
    TITLE_CHANGE = "title-change"
    PINNING_CHANGE = "pinning-change"
    LOCKING_CHANGE = "locking-change"
    COMMIT = "commit"
    REF_DELETED = "ref-deleted"


class Reaction(StrEnum):
    """How one may react to a comment. Source: the Hub's own list."""

    FIRE = "fire"
    ROCKET = "rocket"
    EYES = "eyes"
    HEART = "heart"
    HUGS = "hugs"
    COOL = "cool"
    PLUS = "plus"
    BRAIN = "brain"
    THUMBSUP = "thumbsup"
    HANDSHAKE = "handshake"
    SAD = "sad"
    MINDBLOWN = "mindblown"


class HideReason(StrEnum):
    """Why a comment was hidden. Source: the Hub's own list."""

    SPAM = "Spam"
    ABUSE = "Abuse"
    GRAPHIC = "Graphic Content"
    RESOLVED = "Resolved"
    OFF_TOPIC = "Off-Topic"
    LOW_QUALITY = "Low Quality"


class Sorting(StrEnum):
    """Orders of a list of discussions. Trending: by the last thing that happened."""

    RECENT = "recently-created"
    TRENDING = "trending"
    REACTIONS = "reactions"


@dataclass(frozen=True)
class Discussion:
    """A discussion, or a pull request when `base_ref` is set.

    `num` counts per repository, discussions and pull requests together. `head_oid` is the newest commit of a pull request,
    `merged_onto` where its base stood when it was merged, `merge_oid` the commit that came of it.
    """

    id: int
    repo_id: int
    num: int
    title: str
    status: Status
    author_id: int | None
    pinned: bool
    locked: bool
    comments: int
    reaction_users: int
    first_event_id: int
    created_at: datetime
    updated_at: datetime
    base_ref: str | None = None
    head_oid: str | None = None
    merged_onto: str | None = None
    merge_oid: str | None = None
    ref_deleted: bool = False

    @property
    def is_pull_request(self) -> bool:
        """True for a pull request."""
        return self.base_ref is not None

    @property
    def is_open(self) -> bool:
        """True while there is something to decide; drafts count. Source: hub-platform contract section 3."""
        return self.status in (Status.DRAFT, Status.OPEN)

    @property
    def ref(self) -> str:
        """The pull request's own ref."""
        return f"refs/pr/{self.num}"


@dataclass(frozen=True)
class Version:
    """An older text of a comment: what it said, since when, by whom."""

    raw: str
    at: datetime
    author: Owner | None


@dataclass(frozen=True)
class Reacted:
    """A reaction to a comment: how many people, and the first of them by name."""

    reaction: Reaction
    count: int
    users: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comment:
    """A comment as it stands. `raw` is Markdown as it was written, "" once hidden; `history` its older texts, oldest first."""

    raw: str
    edited: bool
    hidden: bool
    hidden_by: Owner | None
    hidden_reason: HideReason | None
    updated_at: datetime
    updated_by: Owner | None
    edits: int
    history: tuple[Version, ...] = ()
    reactions: tuple[Reacted, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something that happened in a discussion; it never changes, but the text of a comment may. `author` None: deleted."""

    id: int
    discussion_id: int
    type: EventType
    at: datetime
    author_id: int | None
    author: Owner | None
    data: Mapping[str, Any] = field(default_factory=dict)
    comment: Comment | None = None


@dataclass(frozen=True)
class Found:
    """A discussion and the repository it belongs to."""

    repo: Repo
    discussion: Discussion


@dataclass(frozen=True)
class Happened:
    """A discussion as it stands after a change, and the event that tells of it."""

    repo: Repo
    discussion: Discussion
    event: Event


@dataclass(frozen=True)
class Listed:
    """A discussion in a list."""

    discussion: Discussion
    author: Owner | None
    reactions: tuple[Reacted, ...]


@dataclass(frozen=True)
class Listing:
    """A page of discussions: `total` match, this page begins with number `start` of them, `closed` is None or how many are not open."""

    repo: Repo
    items: Sequence[Listed]
    total: int
    start: int
    closed: int | None
    sorting: Sorting


@dataclass(frozen=True)
class Details:
    """A discussion, its author, and one page of its events; `next` is where the next page starts, None at the end."""

    repo: Repo
    discussion: Discussion
    author: Owner | None
    events: Sequence[Event]
    next: int | None
    references: Sequence[Found] = ()
