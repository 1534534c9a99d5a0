"""Blobs in a folder: written aside, synced, linked into place."""

import errno
import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from hubkeep.storage.bounded import Bounded
from hubkeep.storage.keys import checked, could_start_a_key
from hubkeep.storage.types import BlobNotFound, DigestMismatch, Stat, StorageDown

COPY_BYTES = 1 << 20
MAX_SETTLED = 50_000
_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class LocalBlobs:
    """A folder as a blob store; a key is a path below `root`. Give `adopt` files of the same disk: others are copied.

    Order of a write: bytes synced, name linked (never replaced), folder synced, and the folders above it the first time
    this process meets them, because another process may have made them a moment ago without having synced them yet.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._aside = self._root / ".aside"  # no key starts with a dot
        self._aside.mkdir(parents=True, exist_ok=True)
        self._gate = self._root / ".gate"
        self._settled: set[Path] = set()

    def put(self, key: str, body: IO[bytes], *, sha256: str | None = None) -> Stat:
        """Copy in one pass with one chunk of memory, hashing on the way."""
        target = self._path(key)
        if self._confirm(target):
            if sha256 is not None:
                _require(sha256, _copy(body, None))
            return self.stat(key)
        with self._spare() as spare:
            with spare.open("wb") as file:
                got = _copy(body, file)
            if sha256 is not None:
                _require(sha256, got)
            return self.adopt(key, spare)

    def adopt(self, key: str, path: Path) -> Stat:
        """Sync the file and link it into place; its bytes, its name and its folder are durable afterwards."""
        target = self._path(key)
        if not self._confirm(target):
            path.chmod(0o444)
            _sync(path)
            self._place(path, target)
        path.unlink(missing_ok=True)
        return self.stat(key)

    def share(self, key: str, path: Path) -> Stat:
        """Store a finished file under a second name of the same bytes, or a copy where the disk cannot; `path` stays."""
        target = self._path(key)
        if not self._confirm(target):
            _sync(path)
            self._place(path, target, keep=True)
        return self.stat(key)

    def stat(self, key: str) -> Stat:
        """Return its size and age. The inode's change time cannot be older than the moment the key got its name."""
        try:
            found = self._path(key).stat()
        except (FileNotFoundError, NotADirectoryError):
            raise BlobNotFound(key=key) from None
        if not stat.S_ISREG(found.st_mode):
            raise BlobNotFound(key=key)
        return Stat(key, found.st_size, _moment(found))

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

    def parts(self) -> None:
        """Return nothing: parts are put together on the disk of the scratch folder."""

    def delete(self, key: str) -> None:
        """Unlink it."""
        self._path(key).unlink(missing_ok=True)

    def collect(self, key: str, before: datetime) -> bool:
        """Look and remove with the gate shut: no writer can find the key in between and rely on it (`_confirm`)."""
        target = self._path(key)
        with _locked(self._gate, fcntl.LOCK_EX):
            try:
                if _moment(target.stat()) >= before:
                    return False
            except (FileNotFoundError, NotADirectoryError):
                return True
            target.unlink()
            return True

    def list(self, prefix: str = "") -> Iterator[Stat]:
        """Walk the folders below the prefix, in key order."""
        if not could_start_a_key(prefix):
            return
        folder, _, start = prefix.rpartition("/")
        yield from self._walk(folder, start)

    def sweep(self, before: datetime) -> int:
        """Remove old files from the folder in which blobs are written before they have a name."""
        swept = 0
        for entry in os.scandir(self._aside):
            try:
                found = entry.stat(follow_symlinks=False)
                if _moment(found) < before:
                    Path(entry.path).unlink()
                    swept += found.st_size
            except FileNotFoundError:
                continue
        return swept

    def check(self) -> None:
        """Write and remove a small file."""
        try:
            with self._spare() as spare:
                spare.write_bytes(b"ready")
        except OSError as error:
            raise StorageDown from error

    def _path(self, key: str) -> Path:
        return self._root / checked(key)

    @contextmanager
    def _spare(self) -> Iterator[Path]:
        """Lend an empty file that has no key yet; whatever is left under its name afterwards is removed."""
        handle, name = tempfile.mkstemp(dir=self._aside)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _confirm(self, target: Path) -> bool:
        """If the blob exists, make it young, so that nobody collects it, and make sure that its name is durable."""
        try:
            with _locked(self._gate, fcntl.LOCK_SH):
                os.utime(target)
        except (FileNotFoundError, NotADirectoryError):
            return False
        self._settle(target.parent)
        return True

    def _place(self, path: Path, target: Path, *, keep: bool = False) -> None:
        """Give a synced file its name; with `keep`, it has another one that must stay.

        A name that exists already is left alone: it stands for the same bytes.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target)
        except FileExistsError:
            if not self._confirm(target):  # collected between the two calls
                self._place(path, target, keep=keep)
        except OSError as error:
            if error.errno == errno.EXDEV or (keep and error.errno in _NO_HARD_LINKS):
                self._place_copy(path, target)
            elif error.errno in _NO_HARD_LINKS:
                path.replace(target)
            else:
                raise
        self._settle(target.parent)

    def _place_copy(self, path: Path, target: Path) -> None:
        with self._spare() as spare:
            with path.open("rb") as source, spare.open("wb") as file:
                _copy(source, file)
            spare.chmod(0o444)
            _sync(spare)
            self._place(spare, target)

    def _settle(self, folder: Path) -> None:
        """Make the names in `folder`, and the way to it, survive a power cut."""
        _sync(folder)
        if folder in self._settled:
            return
        for above in folder.parents:
            _sync(above)
            if above == self._root.parent:
                break
        if len(self._settled) >= MAX_SETTLED:
            self._settled.clear()
        self._settled.add(folder)

    def _walk(self, folder: str, start: str = "") -> Iterator[Stat]:
        """Yield blobs below `folder` whose next name starts with `start`; a folder sorts as its name and a slash."""
        try:
            with os.scandir(self._root / folder) as found:
                entries = [entry for entry in found if entry.name.startswith(start) and entry.name[0] != "."]
        except (FileNotFoundError, NotADirectoryError):
            return
        names = sorted(
            entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name for entry in entries
        )
        for name in names:
            key = f"{folder}/{name}" if folder else name
            if name.endswith("/"):
                yield from self._walk(key[:-1])
            else:
                try:
                    yield self.stat(key)
                except BlobNotFound:  # deleted while we walked
                    continue


def _copy(body: IO[bytes], file: IO[bytes] | None) -> str:
    """Read `body` to its end, into `file` if there is one; return the sha256."""
    digest = hashlib.sha256()
    while chunk := body.read(COPY_BYTES):
        digest.update(chunk)
        if file is not None:
            file.write(chunk)
    return digest.hexdigest()


def _require(want: str, got: str) -> None:
    if want != got:
        raise DigestMismatch(want=want, got=got)


def _moment(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_ctime, UTC)


@contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, how)
        yield


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
