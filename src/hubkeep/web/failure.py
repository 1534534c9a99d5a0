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


def failure(status: int, text: str, here: str, *, anonymous: bool) -> Page:
    """Return the page of a refusal; strangers are offered to sign in and come back."""
    facts = {
        "status": status,
        "title": _TITLES.get(status, "That does not work"),
        "text": text,
        "sign_in": anonymous and status in (401, 403, 404),
        "back_to": local_path(here),
    }
    return Page("pages/failure.html", facts, status)
