"""Refusals about organizations."""

from hubkeep.kit import HubError


class OrgNotFound(HubError):
    """No organization of that name; users do not count."""

    status, text = 404, "No organization {name!r}."


class NotAMember(HubError):
    """The user is in no such organization."""

    status, text = 404, "{user} is not a member of {org}."


class AlreadyAMember(HubError):
    """There is nothing to invite or to accept."""

    status, text = 409, "{user} is a member of {org} already."


class AlreadyInvited(HubError):
    """One invitation at a time."""

    status, text = 409, "{user} has an invitation to {org} already. Take it back to send another one."


class LastAdmin(HubError):
    """An organization without an administrator could never be changed again."""

    status, text = 409, "{org} needs an administrator: make somebody else one first."


class InvitationNotFound(HubError):
    """No such invitation, or it is over, or it is for somebody else: all three look the same."""

    status, text = 404, "This invitation is not valid (any more). Ask for a new one."


class TooManyInvitations(HubError):
    """Keeps an administrator from using the hub to write to the whole world."""

    status, text = 409, "{org} has {limit} open invitations: take some back first."


class GroupNotFound(HubError):
    """No such resource group in this organization, or none that the caller may see."""

    status, text = 404, "No such resource group."


class GroupNameTaken(HubError):
    """The organization has a group of that name, whatever its capitals."""

    status, text = 409, "A resource group called {name!r} exists already."


class NotInGroup(HubError):
    """The user is not in the resource group."""

    status, text = 404, "{user} is not in the resource group {group!r}."


class ServiceAccountNotFound(HubError):
    """No such service account of this organization."""

    status, text = 404, "No such service account."


class OrgNotEmpty(HubError):
    """Repositories are never deleted by the way."""

    status, text = 409, "{org} still owns {what}. Delete them or hand them over first."
