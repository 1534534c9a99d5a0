"""Objects that somebody sent and nobody may see yet: checked by git, beside the repository that they are meant for.

Source: git's own `receive-pack`, which works this way.
"""

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pygit2

from hubkeep.git.command import arguments_from, command, environment, failed, output
from hubkeep.git.errors import BadPack
from hubkeep.git.pack_index import object_count
from hubkeep.git.pointers import place_of
from hubkeep.git.reader import Reader
from hubkeep.git.types import PointerAt, Written

# What old tools really wrote and no reader minds; everything else that `git fsck` finds refuses the pack.
# Source: git's fsck-msgids documentation.
_TOLERATED = (
    "badTimezone",
    "missingEmail",
    "missingSpaceBeforeDate",
    "missingSpaceBeforeEmail",
    "zeroPaddedDate",
    "zeroPaddedFilemode",
    "badTagName",
    "missingTaggerEntry",
    "gitattributesLineLength",
    "gitattributesLarge",
)
_MESSAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class NewObject:
    """An object that a push brings, and one path at which it stands (raw bytes; empty for commits and tags)."""

    oid: str
    kind: str
    size: int
    path: bytes


@functools.cache
def _strict() -> str:
    """Return the option that has git check every object; an older git may not know all the words."""

    def known(words: Sequence[str]) -> bool:
        asked = ["git", "index-pack", "--strict=" + ",".join(f"{word}=ignore" for word in words), "--stdin"]
        done = subprocess.run(asked, input=b"", capture_output=True, env=environment(), check=False, cwd="/")
        return b"nhandled message id" not in done.stderr

    words = _TOLERATED if known(_TOLERATED) else [word for word in _TOLERATED if known([word])]
    return "--strict=" + ",".join(f"{word}=ignore" for word in words)


class Quarantine:
    """One push's objects, in a folder of their own. A context manager: the folder goes at the end.

    `directory` is the repository they are meant for; it must stay while this is open.
    """

    def __init__(self, directory: Path, scratch: Path) -> None:
        self._directory = directory
        self._folder = Path(tempfile.mkdtemp(prefix="push-", dir=scratch))
        self._objects = self._folder / "objects"
        (self._objects / "pack").mkdir(parents=True)
        self._complaints = (self._folder / "complaints").open("w+b")
        self._indexing: subprocess.Popen[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Take the next bytes of a pack; blocks while git is busy with those before."""
        if self._indexing is None:
            self._indexing = subprocess.Popen(
                command(self._directory, "index-pack", "--stdin", "--fix-thin", _strict()),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                env=self._environment(),
            )
        assert self._indexing.stdin is not None
        with suppress(BrokenPipeError):  # git has given up: `finish` tells why
            self._indexing.stdin.write(data)

    def finish(self) -> None:
        """Wait until git has the whole pack.

        Raises:
            BadPack: it is broken, incomplete, or breaks git's rules; tells which.
        """
        if self._indexing is None:
            return
        assert self._indexing.stdin is not None
        with suppress(BrokenPipeError):
            self._indexing.stdin.close()
        if self._indexing.wait() != 0:
            raise BadPack(reason=self._complaint())

    def written(self) -> Written | None:
        """Return the finished pack; None when the push brought no objects."""
        for idx in (self._objects / "pack").glob("pack-*.idx"):
            objects = object_count(idx)
            return Written(idx.with_suffix(".pack"), idx, objects) if objects else None
        return None

    def new_objects(self, tips: Iterable[str]) -> Iterator[NewObject]:
        """Yield everything reachable from `tips` and from no ref of the repository.

        Raises:
            BadPack: something that is reachable was not sent, and is not there.
        """
        with (
            tempfile.TemporaryFile(dir=self._folder) as wanted,
            tempfile.TemporaryFile(dir=self._folder) as listing,
        ):
            wanted.write(arguments_from(list(tips)))
            wanted.seek(0)
            asked = command(self._directory, "rev-list", "--objects", "--stdin", "--not", "--all")
            done = subprocess.run(
                asked,
                stdin=wanted,
                stdout=listing,
                stderr=subprocess.PIPE,
                env=self._environment(),
                check=False,
            )
            if done.returncode != 0:
                raise BadPack(
                    reason=f"objects are missing: {failed('rev-list', done.stderr).facts['reason']}"
                )
            listing.seek(0)
            form = "--batch-check=%(objectname) %(objecttype) %(objectsize) %(rest)"
            with self._output("cat-file", form, stdin=listing) as described:
                for line in described:
                    oid, kind, size, path = line.rstrip(b"\n").split(b" ", 3)
                    yield NewObject(oid.decode(), kind.decode(), int(size), path)

    def pointers(self, blobs: Sequence[NewObject]) -> Iterator[PointerAt]:
        """Yield those of some small blobs that are pointers to large files."""
        with tempfile.TemporaryFile(dir=self._folder) as wanted:
            wanted.write(arguments_from([blob.oid for blob in blobs]))
            wanted.seek(0)
            with self._output("cat-file", "--batch", stdin=wanted) as contents:
                for blob in blobs:
                    contents.readline()
                    data = contents.read(blob.size + 1)[:-1]
                    found = place_of(blob.oid, blob.path.decode("utf-8", "replace"), data)
                    if found is not None:
                        yield found

    def reader(self) -> Reader:
        """Return a reader that sees the repository and the new objects."""
        odb = pygit2.Odb(str(self._objects))
        odb.add_disk_alternate(str(self._directory / "objects"))
        return Reader(odb, self._directory, lambda: None)

    def close(self) -> None:
        """Stop git and remove everything that was not moved away."""
        if self._indexing is not None:
            self._indexing.kill()
            with suppress(OSError):
                self._indexing.communicate()
        self._complaints.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        return environment(
            {
                "GIT_OBJECT_DIRECTORY": str(self._objects),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self._directory / "objects"),
                "GIT_QUARANTINE_PATH": str(self._objects),
            }
        )

    @contextmanager
    def _output(self, *arguments: str, stdin: IO[bytes]) -> Iterator[IO[bytes]]:
        extra = self._environment()
        with output(self._directory, *arguments, stdin=stdin, extra=extra) as stream:
            yield stream

    def _complaint(self) -> str:
        """Return what git said last, without our folders in it."""
        size = self._complaints.seek(0, os.SEEK_END)
        self._complaints.seek(max(0, size - _MESSAGE_BYTES))
        said = failed("index-pack", self._complaints.read()).facts["reason"]
        return str(said).replace(f"{self._folder}/", "").removeprefix("fatal: ")
