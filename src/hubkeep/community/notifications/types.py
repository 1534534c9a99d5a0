"""What people hear of, and in which ways."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hubkeep.accounts import Owner
from hubkeep.community.discussions import Discussion
from hubkeep.repos import Repo


class Reason(StrEnum):
    """Why somebody hears of a discussion, strongest first."""

    MENTION = "mention"
    PARTICIPATING = "participating"
    WATCHED = "watched"


class Watched(StrEnum):
    """What can be watched."""

    REPO = "repo"
    USER = "user"
    ORG = "org"


# Switches of a person, and how they stand at first. Source: the Hub's own list; what this hub never sends is kept all the
# same, so that clients read back what they wrote.
SWITCHES: dict[str, bool] = {
    "announcements": True,
    "api_inference_sunset": True,
    "arxiv_paper_activity": True,
    "daily_papers_digest": False,
    "discussions_participating": True,
    "discussions_watched": True,
    "gated_user_access_request": True,
    "inference_endpoint_status": True,
    "job_status": True,
    "launch_autonlp": False,
    "launch_prepaid_credits": False,
    "launch_spaces": False,
    "launch_training_cluster": False,
    "locked_out": True,
    "org_request": True,
    "org_suggestions": False,
    "org_suggestions_to_create": False,
    "org_verified_suggestions": False,
    "posts_participating": True,
    "repo_release": True,
    "secret_detected": True,
    "user_follows": True,
    "web_discussions_participating": True,
    "web_discussions_watched": True,
    "web_posts_participating": True,
}


@dataclass(frozen=True)
class Notification:
    """A discussion in which something happened: `event_id` is the first event that its reader has not seen."""

    repo: Repo
    discussion: Discussion
    reason: Reason
    read: bool
    event_id: int
    event_at: datetime
    updated_at: datetime
    participating: Sequence[Owner] = ()


@dataclass(frozen=True)
class Filter:
    """Which notifications. None: of every kind. `repo_ids` are numbers; `until` keeps those that changed later out."""

    unread: bool = False
    reasons: frozenset[Reason] = frozenset(Reason)
    kind: str | None = None
    repo_ids: Sequence[int] | None = None
    until: datetime | None = None
    nothing: bool = False


@dataclass(frozen=True)
class Page:
    """A page of notifications: how many there are in this view, unread, and in all."""

    items: Sequence[Notification]
    start: int
    view: int
    unread: int
    all: int


@dataclass(frozen=True)
class Target:
    """Something to watch, by number."""

    kind: Watched
    id: int


@dataclass(frozen=True)
class WatchState:
    """What somebody watches, and what they do not want to hear of."""

    watched: Sequence[Target] = field(default_factory=tuple)
    muted: Sequence[Target] = field(default_factory=tuple)
