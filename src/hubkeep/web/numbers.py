"""Numbers that forms carry."""

from hubkeep.kit import BadInput


def number_in(text: str, field: str) -> int:
    """Return the number of a row. Raises BadInput."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadInput(field=field, reason="must be a number from this page")
    return int(text)
