"""What people did, for those who follow them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from hubkeep.accounts import Owner
from hubkeep.repos import Repo


class Deed(StrEnum):
    """What can be done."""

    CREATE = "create"  # a repository
    PUSH = "push"  # to a default branch
    DISCUSS = "discussion"
    PROPOSE = "pull-request"
    MERGE = "merge"
    LIKE = "like"


@dataclass(frozen=True)
class Activity:
    """Something that somebody did with a repository. `data` has what a line about it says: title, number, commits."""

    id: int
    deed: Deed
    at: datetime
    actor: Owner | None
    repo: Repo
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Feed:
    """A page, the latest first; `next` is where the next one starts, None at the end. A page may have few, or none."""

    items: Sequence[Activity]
    next: int | None
