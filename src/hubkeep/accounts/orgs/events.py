"""What happened to organizations."""

from dataclasses import dataclass, field

from hubkeep.accounts.orgs.types import Invitation, InviteLink
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


@dataclass(frozen=True)
class InvitationSent(Event):
    """Somebody is invited by name."""

    invitation: Invitation


@dataclass(frozen=True)
class InviteLinkSent(Event):
    """A link is to be sent to its e-mail address; the secret is in its address and nowhere else."""

    link: InviteLink
    secret: str = field(repr=False)
