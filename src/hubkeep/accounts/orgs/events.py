"""What happened to organizations."""

from dataclasses import dataclass

from hubkeep.accounts.types import Owner
from hubkeep.kit import Event


@dataclass(frozen=True)
class OrgDeleting(Event):
    """An organization is about to be deleted. Rooms above that keep something of it may still refuse, by raising."""

    org: Owner


@dataclass(frozen=True)
class ResourceGroupDeleting(Event):
    """A resource group is about to be deleted: what is in it belongs to the whole organization from now on."""

    group_id: int
    org: Owner
