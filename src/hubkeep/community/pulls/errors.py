"""Refusals of pull requests."""

from hubkeep.kit import HubError


class MergeConflict(HubError):
    """Base and pull request changed the same things in different ways."""

    status, text = 409, "This pull request has conflicts with {base}: {files}."


class NotMergeable(HubError):
    """It is a draft, closed, merged, or changes nothing."""

    status, text = 409, "{reason}"


class NotAPullRequest(HubError):
    """The number is a discussion's."""

    status, text = 400, "#{num} is a discussion, not a pull request."
