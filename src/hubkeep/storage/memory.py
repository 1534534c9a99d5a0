"""Blobs in memory, for tests: same promises, no disk."""

import hashlib
import io
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from hubkeep.kit import now
from hubkeep.storage.keys import checked, could_start_a_key
from hubkeep.storage.types import BlobNotFound, DigestMismatch, Stat


class MemoryBlobs:
    """A dict as a blob store."""

    def __init__(self) -> None:
        self._blobs: dict[str, tuple[bytes, datetime]] = {}
        self._lock = threading.Lock()

    def put(self, key: str, body: IO[bytes], *, sha256: str | None = None) -> Stat:
        """Read it all."""
        data = b"".join(iter(lambda: body.read(1 << 20), b""))
        got = hashlib.sha256(data).hexdigest()
        if sha256 is not None and got != sha256:
            raise DigestMismatch(want=sha256, got=got)
        with self._lock:
            kept, _ = self._blobs.get(checked(key), (data, None))
            self._blobs[key] = (kept, now())
        return self.stat(key)

    def adopt(self, key: str, path: Path) -> Stat:
        """Read the file and remove it."""
        with path.open("rb") as body:
            stat = self.put(key, body)
        path.unlink()
        return stat

    def stat(self, key: str) -> Stat:
        """Return its size and age."""
        data, modified = self._get(key)
        return Stat(key, len(data), modified)

    def open(self, key: str, start: int = 0, length: int | None = None) -> IO[bytes]:
        """Return a stream over the slice."""
        data, _ = self._get(key)
        return io.BytesIO(data[start:] if length is None else data[start : start + length])

    def local_path(self, key: str) -> Path | None:
        """Return nothing: memory has no paths."""
        del key
        return None

    def link(self, key: str, seconds: int, filename: str | None = None) -> str | None:
        """Return nothing: memory has no URLs."""
        del key, seconds, filename
        return None

    def parts(self) -> None:
        """Return nothing: parts are put together on the disk of the scratch folder."""

    def delete(self, key: str) -> None:
        """Forget it."""
        self._blobs.pop(checked(key), None)

    def collect(self, key: str, before: datetime) -> bool:
        """Forget it, under the lock that writers take."""
        with self._lock:
            found = self._blobs.get(checked(key))
            if found is not None and found[1] >= before:
                return False
            self._blobs.pop(key, None)
        return True

    def list(self, prefix: str = "") -> Iterator[Stat]:
        """Every key in order."""
        found = (
            sorted(key for key in self._blobs if key.startswith(prefix)) if could_start_a_key(prefix) else []
        )
        return (self.stat(key) for key in found)

    def sweep(self, before: datetime) -> int:
        """Nothing: memory dies with its writers."""
        del before
        return 0

    def check(self) -> None:
        """Memory is always there."""

    def _get(self, key: str) -> tuple[bytes, datetime]:
        try:
            return self._blobs[checked(key)]
        except KeyError:
            raise BlobNotFound(key=key) from None
