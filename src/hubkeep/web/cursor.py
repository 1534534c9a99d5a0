"""Where a list goes on: the last item's key, as text for an address. Nothing secret; whoever alters it gets a 400."""

import base64
import binascii
import json
from typing import Any

from hubkeep.kit import BadInput


def pack(key: tuple[Any, int] | None) -> str:
    """Return the key as URL-safe text, "" for none."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=") if key else ""


def unpack(text: str) -> tuple[Any, int] | None:
    """Return the key. Raises BadInput."""
    if not text:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        key = None
    if (
        not isinstance(key, list)
        or len(key) != 2
        or not isinstance(key[1], int)
        or isinstance(key[0], dict | list)
    ):
        raise BadInput(field="after", reason="must be a page that this list offered")
    return key[0], key[1]
