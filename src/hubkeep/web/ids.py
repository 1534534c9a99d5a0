"""Ids in addresses of pages: those of the API, 24 hexadecimal digits, whatever their capitals."""

import re
from datetime import datetime

from hubkeep.kit import BadInput

_ID = re.compile(r"[0-9a-fA-F]{24}")
LARGEST = 2**63 - 1


def hex_id(number: int, made_at: datetime) -> str:
    """Return a number as the API shows it: the second in which it was made, then the number."""
    return f"{int(made_at.timestamp()):08x}{number:016x}"


def number_in(text: str) -> int:
    """Return the number inside an id; 0, which nothing has, for anything else."""
    number = int(text[8:], 16) if _ID.fullmatch(text) else 0
    return number if number <= LARGEST else 0


def place(text: str, field: str) -> int | None:
    """Read where a page of a list starts; None when the address does not say. Raises BadInput."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadInput(field=field, reason="must be a page that this list offered")
    return int(text)


def chosen_number(text: str, field: str) -> int:
    """Read a number that a form of ours posted. Raises BadInput."""
    found = place(text, field)
    if found is None:
        raise BadInput(field=field, reason="is missing")
    return found
