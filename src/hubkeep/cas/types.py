"""What the cas room knows of large files: content by number and hash, nothing about names or people."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class StoredObject:
    """Large content that this hub has: its sha256, its size in bytes, and how it is kept.

    `whole`: there is a blob (`blob_key`) with exactly these bytes. `xet_hash`: it can be rebuilt from xorbs, under this
    hash for Xet clients. At least one of the two holds.
    """

    sha256: str
    size: int
    whole: bool
    xet_hash: str | None = None


@dataclass(frozen=True)
class Link:
    """A large object as one repository holds it, and since when."""

    sha256: str
    size: int
    xet_hash: str | None
    linked_at: datetime
