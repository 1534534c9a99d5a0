"""Facts of the git room: bytes, hashes and numbers. Object ids are 40 lower-case hexadecimal digits."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

DIRECTORY, FILE, EXECUTABLE, SYMLINK, SUBMODULE = 0o040000, 0o100644, 0o100755, 0o120000, 0o160000

EntryKind = Literal["file", "directory", "commit"]


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack in the blob store: name (`pack-` and its checksum), size of its two files in bytes, number of objects."""

    name: str
    bytes: int
    objects: int


class Written(NamedTuple):
    """A finished pack and its index in the scratch folder, ready for `GitCache.store`."""

    pack: Path
    idx: Path
    objects: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree has at `path` (from the root of the repository). `kind` is "commit" for a submodule."""

    path: str
    kind: EntryKind
    oid: str
    mode: int


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit. `date` is the committer's, `title` the first line of the message, `body` the rest."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: str
    email: str
    date: datetime
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class PointerAt:
    """A pointer to a large file, and one path at which it stands; `oid` is the pointer's blob."""

    oid: str
    path: str
    pointer_sha256: str
    pointer_size: int


@dataclass(frozen=True, slots=True)
class Put:
    """Set a path to the blob `oid`, or with the mode `DIRECTORY` to a whole tree that exists."""

    oid: str
    mode: int = FILE


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a path, a file or a whole folder."""


Edit = Put | Delete
