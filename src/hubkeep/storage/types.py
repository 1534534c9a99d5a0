"""What every blob store promises. `tests/contracts/test_blobs.py` is the definition."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from hubkeep.kit import HubError


class BlobNotFound(HubError):
    """No blob under that key, or a key that could never name one."""

    status, text = 404, "No blob {key!r}."


class DigestMismatch(HubError):
    """The bytes are not the bytes that were announced."""

    status, text = 400, "sha256 mismatch: announced {want}, received {got}."


class StorageDown(HubError):
    """The store did not answer, or refused us. The reason is in the log: it may name hosts and accounts."""

    status, text = 503, "The storage of this hub does not answer. Please try again."


@dataclass(frozen=True)
class Stat:
    """A blob's key, its size in bytes, and when it was last written or confirmed."""

    key: str
    size: int
    modified: datetime


class Blobs(Protocol):
    """Immutable blobs by key (`a/b/c`: segments of letters, digits, `.`, `_`, `-`). All or nothing, never half.

    A key names one content for ever: putting to a key that exists keeps the first bytes, and counts as writing it, so
    that `collect` leaves it alone. What a `put` or `adopt` returned from survives a power cut.
    """

    def put(self, key: str, body: IO[bytes], *, sha256: str | None = None) -> Stat:
        """Store everything `body` reads.

        With `sha256`, other bytes are refused (DigestMismatch) and leave no trace; the bytes are read and checked also
        when the key exists, for a caller that must prove to have them.
        """

    def adopt(self, key: str, path: Path) -> Stat:
        """Take over a finished file (from `scratch`); the path is gone afterwards. The caller has checked its bytes."""

    def stat(self, key: str) -> Stat:
        """Return its size and age. Raises BlobNotFound."""

    def open(self, key: str, start: int = 0, length: int | None = None) -> IO[bytes]:
        """Read from `start`, at most `length` bytes, as a stream; empty past the end. Raises BlobNotFound."""

    def local_path(self, key: str) -> Path | None:
        """Return the file that holds the blob, for sendfile and hard links, or None when the store is elsewhere."""

    def link(self, key: str, seconds: int, filename: str | None = None) -> str | None:
        """Return a URL that downloads the blob without us, or None: then stream it."""

    def delete(self, key: str) -> None:
        """Remove it; no error when it is already gone."""

    def collect(self, key: str, before: datetime) -> bool:
        """Remove it unless it was written since `before`; True when it is gone. For garbage: safe beside writers."""

    def list(self, prefix: str = "") -> Iterator[Stat]:
        """Every blob whose key starts with `prefix`, in key order, one page of memory; looks nowhere else."""

    def sweep(self, before: datetime) -> int:
        """Remove what writers that died before `before` left behind, never visible as blobs; return its bytes."""

    def check(self) -> None:
        """Prove that the store answers. Raises StorageDown."""
