"""Ids as the wire shows them, read back: 24 hexadecimal digits, whatever their capitals."""

import re

_ID = re.compile(r"[0-9a-fA-F]{24}")
_LARGEST = 2**63 - 1


def group_number(text: str | None) -> int | None:
    """Return the number of a resource group; None for none, 0, which nothing has, for what is no id."""
    return number_of(text) if text else None


def number_of(text: str) -> int:
    """Return the number inside an `object_id`; 0, which nothing has, for anything else.

    Source: hub-platform contract, gotcha 20: clients change the capitals of comment ids.
    """
    if not _ID.fullmatch(text):
        return 0
    number = int(text[8:], 16)
    return number if number <= _LARGEST else 0
