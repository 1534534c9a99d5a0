"""Refusals of attachments."""

from hubkeep.kit import HubError


class WrongMedia(HubError):
    """A kind of file that cannot be attached, or one whose bytes are something else."""

    status, text = 415, "Content-Type: {reason}"


class AttachmentNotFound(HubError):
    """No attachment of that name."""

    status, text = 404, "There is no such file."


class TooManyAttachments(HubError):
    """One person attached more than a person does."""

    status, text = 429, "You attached {limit} files within 24 hours. Please wait."
