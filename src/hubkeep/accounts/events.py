"""What happened in the accounts room."""

from dataclasses import dataclass

from hubkeep.accounts.types import Owner
from hubkeep.kit import Event


@dataclass(frozen=True)
class OwnerAdded(Event):
    """A user or an organization exists."""

    owner: Owner
