"""What every blob store promises. `tests/contracts/test_blobs.py` is the definition."""

from collections.abc import Iterator, Mapping, Sequence
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


class PartsRefused(HubError):
    """What was sent is not what the list of parts says."""

    status, text = 422, "parts: the store has no such parts, or other versions of them."


@dataclass(frozen=True)
class Part:
    """A part that arrived: its number from 1, the tag that names this version of it (without quotes), its bytes, and when."""

    number: int
    tag: str
    size: int
    modified: datetime


class Parts(Protocol):
    """Files that arrive in parts in the store itself. None of them is a blob before `settle`, whatever a client sends.

    `least` is the fewest bytes of a part that is not the last one. `origin` is where links lead (`https://host`), "" when clients
    are to send parts to us.
    """

    least: int
    origin: str

    def begin(self) -> str:
        """Begin an upload and return its name, good on every node."""

    def links(self, upload: str, sizes: Sequence[int], seconds: int) -> list[str] | None:
        """Return one URL for each part: it takes exactly `sizes[n - 1]` bytes. None: clients are to send them to us."""

    def send(self, upload: str, number: int, body: IO[bytes], size: int) -> str:
        """Pass a part on and return its tag. Raises BlobNotFound: the upload is over."""

    def received(self, upload: str) -> list[Part]:
        """Return the parts that are there, in order. Raises BlobNotFound: the upload is over."""

    def join(self, upload: str, tags: Mapping[int, str]) -> Stat:
        """Make one file of the parts (number to tag), which nobody can change any more. Repeating is no error.

        Raises:
            BlobNotFound: the upload is over. PartsRefused: a tag is not that of a part; the upload goes on.
        """

    def read(self, upload: str) -> IO[bytes]:
        """Read what was joined. Raises BlobNotFound."""

    def settle(self, upload: str, key: str) -> Stat:
        """Make what was joined, and checked by the caller, a blob, without moving its bytes. The upload is over then."""

    def drop(self, upload: str) -> None:
        """Forget an upload and what arrived of it; no error when it is over."""


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

    def parts(self) -> Parts | None:
        """Return the way for files that arrive in parts, or None: then they are put together before they come here."""

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
