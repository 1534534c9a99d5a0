"""Refusals of discussions."""

from hubkeep.kit import HubError


class DiscussionNotFound(HubError):
    """No discussion of that number in this repository."""

    status, text = 404, "Discussion {num} not found in {repo}."


class CommentNotFound(HubError):
    """No comment of that id in this discussion."""

    status, text = 404, "There is no such comment in this discussion."


class DiscussionsDisabled(HubError):
    """The repository's owner switched discussions and pull requests off. Source: hub-platform contract section 3."""

    status, text = 403, "Discussions are disabled in {repo}."


class DiscussionLocked(HubError):
    """Only those who may write to the repository may take part in a locked discussion."""

    status, text = 403, "This discussion is locked."


class WrongStatus(HubError):
    """The change does not fit where the discussion stands."""

    status, text = 409, "{reason}"


class CommentHidden(HubError):
    """A hidden comment stays as it is."""

    status, text = 409, "This comment is hidden. That cannot be undone."


class TooManyEdits(HubError):
    """A comment keeps every version, so it may not have any number of them."""

    status, text = 409, "This comment was edited {limit} times, which is the limit. Write a new one."
