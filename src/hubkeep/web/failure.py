"""Refusals as pages."""

from hubkeep.web.answer import Page
from hubkeep.web.local_path import local_path

_TITLES = {
    400: "That does not work",
    401: "Nothing to see here, yet",
    403: "Not allowed",
    404: "Nothing here",
    405: "That does not work",
    410: "Gone",
    412: "Somebody was faster",
    413: "Too large",
    429: "Too fast",
    500: "Something broke",
    501: "Not built yet",
}


def failure(
    status: int, text: str, here: str, *, anonymous: bool, instead: tuple[str, str] | None = None
) -> Page:
    """Return the page of a refusal; strangers are offered to sign in and come back.

    `instead` is a page that may be what was looked for: its address, and the words of the link.
    """
    facts = {
        "status": status,
        "title": _TITLES.get(status, "That does not work"),
        "text": text,
        "sign_in": anonymous and status in (401, 403, 404),
        "back_to": local_path(here),
        "instead": instead,
    }
    return Page("pages/failure.html", facts, status)
