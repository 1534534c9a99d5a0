"""A large file that arrives in parts: each part goes to its own place in the file that they will be together.

Nothing is copied when the last part is there, and nothing about an upload is kept in memory: a folder per upload holds the file
and a mark per part. The parts of one upload must reach the same disk; the sum is believed only when its sha256 was computed.
"""

import fcntl
import hashlib
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hubkeep.kit import BadInput, HubError
from hubkeep.storage import DigestMismatch, Part

_NAME = re.compile(r"[0-9a-f]{32}")


class UploadGone(HubError):
    """The upload was finished, given up, or never begun."""

    status, text = 404, "This upload is over: ask for a new one."


class PartsMissing(HubError):
    """The list of parts does not say what was received."""

    status, text = 422, "parts: {reason}"


@dataclass(frozen=True)
class Plan:
    """How a file of `size` bytes is cut: all parts have `part_bytes`, the last one has what is left."""

    size: int
    part_bytes: int

    @property
    def count(self) -> int:
        """Number of parts, ceil(size / part_bytes)."""
        return -(-self.size // self.part_bytes)

    def place(self, number: int) -> tuple[int, int]:
        """Return where part `number` (from 1) begins and how many bytes it has. Raises BadInput."""
        if not 1 <= number <= self.count:
            raise BadInput(field="part", reason=f"must be from 1 to {self.count}, not {number}")
        start = (number - 1) * self.part_bytes
        return start, min(self.part_bytes, self.size - start)

    def require_all(self, tags: Mapping[int, str]) -> None:
        """Raises PartsMissing unless every part has its tag."""
        if tags.keys() != set(range(1, self.count + 1)):
            raise PartsMissing(reason=f"all of 1 to {self.count} must be listed, and nothing else")


class PartialFiles:
    """The folder of all uploads in parts."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, size: int) -> str:
        """Make room for an upload of `size` bytes and return its name."""
        name = secrets.token_hex(16)
        folder = self._root / name
        folder.mkdir(parents=True)
        with (folder / "data").open("wb") as data:
            data.truncate(size)
        return name

    def rewrite(self, name: str, number: int) -> Path:
        """Return the file to write a part into, and forget what was there of it. Raises UploadGone."""
        path = self._data(name)
        (self._folder(name) / f"{number}.tag").unlink(missing_ok=True)
        return path

    def received(self, name: str) -> list[Part]:
        """Return the parts that were written whole, in order. Raises UploadGone."""
        self._data(name)
        marks = [mark for mark in self._folder(name).glob("*.tag") if mark.stem.isdecimal()]
        return sorted((_part(mark) for mark in marks), key=lambda part: part.number)

    def begun(self, name: str) -> datetime:
        """Return when the upload was begun, or last went on. Raises UploadGone."""
        self._data(name)
        return _moment(self._folder(name))

    def mark(self, name: str, number: int) -> str:
        """Remember that a part was written whole; return the tag that names this version of it."""
        tag = secrets.token_hex(16)
        try:
            (self._folder(name) / f"{number}.tag").write_text(tag)
        except FileNotFoundError:
            raise UploadGone from None
        return tag

    @contextmanager
    def finish(self, name: str, plan: Plan, tags: Mapping[int, str], sha256: str) -> Iterator[Path]:
        """Check every part and the hash of the whole; lend the finished file to be moved away. The upload is over then.

        A second call waits for the first one, in this process or another, and finds the upload gone.

        Raises:
            UploadGone: it is over already.
            PartsMissing: `tags` (part number to tag) is not what was received; the upload goes on.
            DigestMismatch: the bytes are others than announced; the upload goes on.
        """
        with self._locked(name) as data:
            self._check(name, plan, tags)
            with data.open("rb") as file:
                got = hashlib.file_digest(file, "sha256").hexdigest()
            if got != sha256:
                raise DigestMismatch(want=sha256, got=got)
            yield data
            self.drop(name)

    def drop(self, name: str) -> None:
        """Remove an upload and what was received of it; no error when it is over."""
        shutil.rmtree(self._folder(name), ignore_errors=True)

    def _check(self, name: str, plan: Plan, tags: Mapping[int, str]) -> None:
        plan.require_all(tags)
        for number, tag in tags.items():
            mark = self._folder(name) / f"{number}.tag"
            if not mark.is_file() or mark.read_text() != tag:
                raise PartsMissing(reason=f"part {number} was not received with this ETag")

    @contextmanager
    def _locked(self, name: str) -> Iterator[Path]:
        try:
            lock = (self._folder(name) / "lock").open("a")
        except FileNotFoundError:
            raise UploadGone from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self._data(name)

    def _data(self, name: str) -> Path:
        path = self._folder(name) / "data"
        if not path.is_file():
            raise UploadGone
        return path

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise UploadGone
        return self._root / name


def _part(mark: Path) -> Part:
    return Part(int(mark.stem), mark.read_text(), 0, _moment(mark))


def _moment(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
