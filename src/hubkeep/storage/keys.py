"""Keys are checked once, here, before any store sees them."""

import re

from hubkeep.storage.types import BlobNotFound

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def checked(key: str) -> str:
    """Return `key` if it can name a blob; `..`, absolute, empty and hidden segments raise BlobNotFound."""
    if not _KEY.fullmatch(key):
        raise BlobNotFound(key=key)
    return key
