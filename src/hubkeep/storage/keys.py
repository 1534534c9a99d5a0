"""Keys are checked once, here, before any store sees them."""

import re

from hubkeep.storage.types import BlobNotFound

MAX_KEY = 512
_SEGMENT = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_PREFIX = re.compile(rf"(?:{_SEGMENT}/)*(?:{_SEGMENT})?")


def checked(key: str) -> str:
    """Return `key` if it can name a blob; `..`, absolute, empty, hidden and overlong segments raise BlobNotFound."""
    if len(key) > MAX_KEY or not _KEY.fullmatch(key):
        raise BlobNotFound(key=key)
    return key


def could_start_a_key(prefix: str) -> bool:
    """Return whether any key can start with `prefix`; nothing is listed under one that cannot."""
    return len(prefix) <= MAX_KEY and _PREFIX.fullmatch(prefix) is not None
