"""Numbers as people write them on the command line."""

import re

from hubkeep.kit import BadInput

_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_UNITS |= {"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "b": 1}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,3})?)\s*([kmgt]i?b|b)?", re.IGNORECASE)
ANY, DEFAULT = "any", "default"


def limit_of(text: str, field: str) -> int | None:
    """Read a limit: a number, with or without a unit (`500GB`), `any`, or `default` (None). Raises BadInput.

    >>> limit_of("1.5 GiB", "--bytes"), limit_of("any", "--bytes"), limit_of("default", "--bytes")
    (1610612736, 0, None)
    """
    word = text.strip().lower()
    if word in (ANY, DEFAULT):
        return 0 if word == ANY else None
    found = _SIZE.fullmatch(word)
    if not found or (found[2] and field != "--bytes"):
        raise BadInput(field=field, reason=f"{text!r} must be a number like 500GB, `{ANY}` or `{DEFAULT}`")
    return int(float(found[1]) * _UNITS[found[2] or ""])
