"""One error family: every refusal is a `HubError` with a status, a code and a sentence."""

from typing import ClassVar


class HubError(Exception):
    """A refusal that a caller can understand.

    `status` is the HTTP status, `code` the `X-Error-Code` (None when the client knows none for it), `text` a
    template over `facts`. The wire renders it as headers and JSON, pages as a page, the command line as a line.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str | None] = None
    text: ClassVar[str] = "The request could not be carried out."

    def __init__(self, **facts: object) -> None:
        """Keep the facts for renderers that show more than the sentence."""
        self.facts = facts
        super().__init__(self.text.format(**facts))


class BadInput(HubError):
    """A value from outside that breaks a rule; names the field and the rule."""

    status, text = 400, "{field}: {reason}"


class TooLarge(HubError):
    """A body or field over its limit; names both."""

    status, text = 413, "{field} is over the limit of {limit}."


class NotBuiltYet(HubError):
    """A feature of the Hub that this hub does not have yet: said aloud, never faked."""

    status, text = 501, "{feature} is not available on this hub yet."
