"""Refusals of the cas room."""

from hubkeep.kit import HubError


class BytesGone(HubError):
    """The garbage collector took the bytes between storing and naming them: sending them again helps."""

    status, text = 503, "The uploaded bytes of {what} are gone: please send them again."
