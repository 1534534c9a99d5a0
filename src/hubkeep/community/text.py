"""Texts that people write: what may stand in them, and how long they may be."""

import re

from hubkeep.kit import BadInput

_LINE_BREAKS = re.compile(r"[\r\n\t\v\f\u0085\u2028\u2029]+")
# NUL is refused by PostgreSQL, half a surrogate pair by UTF-8.
_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")


def clean_text(value: str, field: str, at_least: int, at_most: int) -> str:
    """Return a text without space around it, with Unix line ends.

    Raises:
        BadInput: naming the field and the limit it breaks.
    """
    if _IMPOSSIBLE.search(value):
        raise BadInput(field=field, reason="must not contain null characters or broken Unicode")
    text = value.replace("\r\n", "\n").strip()
    if len(text) < at_least:
        least = "must not be empty" if at_least == 1 else f"must have at least {at_least} characters"
        raise BadInput(field=field, reason=least)
    if len(text) > at_most:
        raise BadInput(field=field, reason=f"must have at most {at_most:,} characters, not {len(text):,}")
    return text


def clean_line(value: str, field: str, at_least: int, at_most: int) -> str:
    """Return a text of one line. Raises BadInput."""
    return clean_text(_LINE_BREAKS.sub(" ", value), field, at_least, at_most)
