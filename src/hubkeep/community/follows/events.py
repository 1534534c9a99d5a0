"""What happened between people."""

from dataclasses import dataclass

from hubkeep.accounts import Owner
from hubkeep.kit import Event


@dataclass(frozen=True)
class OwnerFollowed(Event):
    """Somebody follows a user or an organization from now on."""

    owner: Owner
    user_id: int
