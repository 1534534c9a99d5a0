"""Files as people mean them: an LFS pointer in git is the large file it points to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hubkeep.cas import Pointer, StoredObject, held, read_pointer, read_range
from hubkeep.git import Entry, Reader
from hubkeep.kit import ReadTx
from hubkeep.repos.errors import EntryNotFound, LfsBytesMissing
from hubkeep.repos.types import Stores

POINTER_BYTES = 1024


@dataclass(frozen=True)
class File:
    """A file or folder of a tree.

    `oid` is the git id (of the pointer, for a large file), `size` the real size in bytes; `pointer` and `pointer_size`
    tell of large files; `stored` is the large object when this repository holds it.
    """

    path: str
    kind: str  # "file", "directory", or "commit" for a submodule
    oid: str
    size: int = 0
    pointer: Pointer | None = None
    pointer_size: int = 0
    stored: StoredObject | None = None

    @property
    def xet_hash(self) -> str | None:
        """Hash by which Xet clients fetch it, when they can."""
        return self.stored.xet_hash if self.stored else None

    @property
    def etag(self) -> str:
        """The content's name in clients' caches: sha256 of a large file, git id of another."""
        return self.pointer.sha256 if self.pointer else self.oid


def describe(tx: ReadTx, repo_id: int, reader: Reader, entries: Sequence[Entry]) -> list[File]:
    """Tell what each entry is, in order; one query for all large files."""
    sniffed = [(entry, *_sniff(reader, entry)) for entry in entries]
    wanted = sorted({pointer.sha256 for _, _, pointer in sniffed if pointer})
    objects = tx.keep(("held", repo_id, *wanted), lambda: held(tx, repo_id, wanted)) if wanted else {}
    return [_file(entry, size, pointer, objects) for entry, size, pointer in sniffed]


def find_file(tx: ReadTx, repo_id: int, reader: Reader, commit_oid: str, path: str) -> File:
    """Return the file at `path`. Raises EntryNotFound, also when a folder is there."""
    entry = reader.entry(commit_oid, path)
    if entry is None or entry.kind != "file":
        raise EntryNotFound(path=path, headers={"X-Repo-Commit": commit_oid})
    return describe(tx, repo_id, reader, [entry])[0]


def read_bytes(
    stores: Stores, reader: Reader, file: File, start: int = 0, length: int | None = None
) -> Iterator[bytes]:
    """Read a slice of a file's real content, wherever it is kept. Raises LfsBytesMissing."""
    length = file.size - start if length is None else length
    if file.pointer is None:
        yield reader.blob(file.oid)[start : start + length]
        return
    if file.stored is None:
        raise LfsBytesMissing(sha256=file.pointer.sha256, path=file.path)
    yield from read_range(stores.db, stores.blobs, file.stored, start, length)


def _file(entry: Entry, size: int, pointer: Pointer | None, objects: dict[str, StoredObject]) -> File:
    if pointer is None:
        return File(entry.path, entry.kind, entry.oid, size)
    return File(entry.path, "file", entry.oid, pointer.size, pointer, size, objects.get(pointer.sha256))


def _sniff(reader: Reader, entry: Entry) -> tuple[int, Pointer | None]:
    """Return the blob's size in git and the pointer that it is."""
    if entry.kind != "file":
        return 0, None
    known = _seen(entry.oid)
    if not known:
        size = reader.size(entry.oid)
        known.append((size, read_pointer(reader.blob(entry.oid)) if size < POINTER_BYTES else None))
    return known[0]


@lru_cache(maxsize=200_000)
def _seen(oid: str) -> list[tuple[int, Pointer | None]]:
    """What a blob turned out to be, by its content's own name: never stale, safe to forget."""
    del oid
    return []
