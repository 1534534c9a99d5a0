"""What happened in the accounts room."""

from dataclasses import dataclass

from hubkeep.accounts.types import Owner
from hubkeep.kit import Event


@dataclass(frozen=True)
class OwnerAdded(Event):
    """A user or an organization exists."""

    owner: Owner


@dataclass(frozen=True)
class UserLeaves(Event):
    """A user is about to be deleted. Whoever hears it may refuse, or put in order what would be left behind."""

    owner: Owner


@dataclass(frozen=True)
class OwnerRenamed(Event):
    """A user or an organization has another full name, or another name."""

    owner: Owner


@dataclass(frozen=True)
class OwnerMovedAway(Event):
    """A user or an organization has another name: all that it owns has another address."""

    owner: Owner
    old_name: str
