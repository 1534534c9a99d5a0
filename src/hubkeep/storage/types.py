"""What every blob store promises. `tests/contracts/test_blobs.py` is the definition."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from hubkeep.kit import HubError


class BlobNotFound(HubError):
    """No blob under that key, or a key that could never name one."""

    status, text = 404, "No blob {key!r}."


class DigestMismatch(HubError):
    """The bytes are not the bytes that were announced."""

    status, text = 400, "sha256 mismatch: announced {want}, received {got}."


@dataclass(frozen=True)
class Stat:
    """A blob's key and its size in bytes."""

    key: str
    size: int


class Blobs(Protocol):
    """Immutable blobs by key (`a/b/c`: segments of letters, digits, `.`, `_`, `-`). All or nothing, never half.

    A key is written once: putting to a key that exists keeps the first bytes.
    """

    def put(self, key: str, body: IO[bytes], *, sha256: str | None = None) -> Stat:
        """Store everything `body` reads; with `sha256`, refuse other bytes (DigestMismatch) and leave no trace."""

    def adopt(self, key: str, path: Path) -> Stat:
        """Take over a finished file (from `scratch`); the path is gone afterwards. The caller has checked its bytes."""

    def stat(self, key: str) -> Stat:
        """Return its size. Raises BlobNotFound."""

    def open(self, key: str, start: int = 0, length: int | None = None) -> IO[bytes]:
        """Read from `start`, at most `length` bytes, as a stream. Raises BlobNotFound."""

    def local_path(self, key: str) -> Path | None:
        """Return the file that holds the blob, for sendfile and hard links, or None when the store is elsewhere."""

    def link(self, key: str, seconds: int, filename: str | None = None) -> str | None:
        """Return a URL that downloads the blob without us, or None: then stream it."""

    def delete(self, key: str) -> None:
        """Remove it; no error when it is already gone."""

    def list(self, prefix: str = "") -> Iterator[Stat]:
        """Every blob whose key starts with `prefix`, in key order."""
