"""Blobs in memory, for tests: same promises, no disk."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from hubkeep.storage.keys import checked
from hubkeep.storage.types import BlobNotFound, DigestMismatch, Stat


class MemoryBlobs:
    """A dict as a blob store."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    def put(self, key: str, body: IO[bytes], *, sha256: str | None = None) -> Stat:
        """Read it all."""
        data = body.read()
        got = hashlib.sha256(data).hexdigest()
        if sha256 is not None and got != sha256:
            raise DigestMismatch(want=sha256, got=got)
        self._blobs.setdefault(checked(key), data)
        return self.stat(key)

    def adopt(self, key: str, path: Path) -> Stat:
        """Read the file and remove it."""
        self._blobs.setdefault(checked(key), path.read_bytes())
        path.unlink()
        return self.stat(key)

    def stat(self, key: str) -> Stat:
        """Return its size."""
        return Stat(key, len(self._get(key)))

    def open(self, key: str, start: int = 0, length: int | None = None) -> IO[bytes]:
        """Return a stream over the slice."""
        data = self._get(key)
        return io.BytesIO(data[start:] if length is None else data[start : start + length])

    def local_path(self, key: str) -> Path | None:
        """Return nothing: memory has no paths."""
        del key
        return None

    def link(self, key: str, seconds: int, filename: str | None = None) -> str | None:
        """Return nothing: memory has no URLs."""
        del key, seconds, filename
        return None

    def delete(self, key: str) -> None:
        """Forget it."""
        self._blobs.pop(checked(key), None)

    def list(self, prefix: str = "") -> Iterator[Stat]:
        """Every key in order."""
        return (self.stat(key) for key in sorted(self._blobs) if key.startswith(prefix))

    def _get(self, key: str) -> bytes:
        try:
            return self._blobs[checked(key)]
        except KeyError:
            raise BlobNotFound(key=key) from None
