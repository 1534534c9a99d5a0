"""What a like is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hubkeep.accounts import Owner
from hubkeep.repos import Info


@dataclass(frozen=True)
class Liker:
    """Somebody who likes a repository, since when."""

    user: Owner
    at: datetime


@dataclass(frozen=True)
class Likers:
    """A page of people; `next` is where the next one starts, None at the end."""

    items: Sequence[Liker]
    next: int | None


@dataclass(frozen=True)
class Liked:
    """A repository that somebody likes, since when."""

    info: Info
    at: datetime


@dataclass(frozen=True)
class LikedPage:
    """A page of repositories; `next` is where the next one starts, None at the end."""

    items: Sequence[Liked]
    next: int | None
