"""Blobs in a folder: written aside, synced, renamed into place."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from hubkeep.storage.bounded import Bounded
from hubkeep.storage.keys import checked
from hubkeep.storage.types import BlobNotFound, DigestMismatch, Stat

COPY_BYTES = 1 << 20


class LocalBlobs:
    """A folder as a blob store. `root/blobs` holds the blobs; give `adopt` files of the same disk."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._aside = self._root / ".aside"
        self._aside.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, body: IO[bytes], *, sha256: str | None = None) -> Stat:
        """Copy in one pass with one chunk of memory, hashing on the way."""
        path = self._path(key)
        if path.exists():
            return self.stat(key)
        handle, name = tempfile.mkstemp(dir=self._aside)
        aside = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                digest = hashlib.sha256()
                while chunk := body.read(COPY_BYTES):
                    digest.update(chunk)
                    file.write(chunk)
            if sha256 is not None and digest.hexdigest() != sha256:
                raise DigestMismatch(want=sha256, got=digest.hexdigest())
            return self.adopt(key, aside)
        finally:
            aside.unlink(missing_ok=True)

    def adopt(self, key: str, path: Path) -> Stat:
        """Sync the file and rename it into place; both the file and its folder are durable afterwards."""
        target = self._path(key)
        if target.exists():
            path.unlink(missing_ok=True)
            return self.stat(key)
        _sync(path)
        self._make_folder(target.parent)
        path.chmod(0o444)
        path.replace(target)
        _sync(target.parent)
        return self.stat(key)

    def stat(self, key: str) -> Stat:
        """Return its size."""
        try:
            found = self._path(key).stat()
        except (FileNotFoundError, NotADirectoryError):
            raise BlobNotFound(key=key) from None
        return Stat(key, found.st_size)

    def open(self, key: str, start: int = 0, length: int | None = None) -> IO[bytes]:
        """Open the file at `start`."""
        try:
            file = self._path(key).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise BlobNotFound(key=key) from None
        file.seek(start)
        return file if length is None else cast("IO[bytes]", Bounded(file, length))

    def local_path(self, key: str) -> Path | None:
        """Return the file itself."""
        return self._path(key)

    def link(self, key: str, seconds: int, filename: str | None = None) -> str | None:
        """Return nothing: a folder has no URL of its own, the hub sends the bytes."""
        del key, seconds, filename
        return None

    def delete(self, key: str) -> None:
        """Unlink it."""
        self._path(key).unlink(missing_ok=True)

    def list(self, prefix: str = "") -> Iterator[Stat]:
        """Walk the folder in key order."""
        keys = sorted(
            str(path.relative_to(self._root))
            for path in self._root.rglob("*")
            if path.is_file() and path.parent != self._aside
        )
        return (self.stat(key) for key in keys if key.startswith(prefix))

    def _path(self, key: str) -> Path:
        return self._root / checked(key)

    def _make_folder(self, folder: Path) -> None:
        if folder.exists():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
