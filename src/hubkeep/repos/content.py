"""Find the bytes behind a path: what `resolve` sends."""

from dataclasses import dataclass
from pathlib import Path

from hubkeep.accounts import Actor
from hubkeep.cas import StoredObject, blob_key
from hubkeep.kit import ReadTx
from hubkeep.repos.errors import LfsBytesMissing
from hubkeep.repos.files import File, find_file
from hubkeep.repos.snapshot import snapshot
from hubkeep.repos.types import Kind, Repo, Stores


@dataclass(frozen=True)
class Content:
    """A file at a commit, and where its bytes are: in hand, in a file, behind a link, or only as xorbs."""

    repo: Repo
    commit_oid: str
    file: File
    data: bytes | None = None
    local: Path | None = None
    link: str | None = None


def resolve(
    tx: ReadTx,
    actor: Actor,
    stores: Stores,
    kind: Kind,
    full_name: str,
    revision: str,
    path: str,
    *,
    body: bool,
) -> Content:
    """Return what is at `path`, following LFS pointers. With `body` False, bytes are not fetched.

    Raises:
        EntryNotFound, LfsBytesMissing, and what `snapshot` raises.
    """
    with snapshot(tx, actor, stores, kind, full_name, revision) as at:
        file = find_file(tx, at.repo.id, at.reader, at.oid, path)
        if file.pointer is None:
            return Content(at.repo, at.oid, file, data=at.reader.blob(file.oid) if body else None)
        if file.stored is None:
            raise LfsBytesMissing(sha256=file.pointer.sha256, path=path)
        local, link = place(stores, file.stored, path.rpartition("/")[2], body=body)
        return Content(at.repo, at.oid, file, local=local, link=link)


def place(
    stores: Stores, stored: StoredObject, name: str | None, *, body: bool
) -> tuple[Path | None, str | None]:
    """Return the file that holds a large object, and, if its bytes are wanted, a link that downloads it as `name`.

    Neither is there for what has to be rebuilt or streamed.
    """
    if not stored.whole:
        return None, None
    key = blob_key(stored.sha256)
    link = stores.blobs.link(key, stores.settings.storage.link_seconds, name) if body else None
    return stores.blobs.local_path(key), link


def raw(
    tx: ReadTx, actor: Actor, stores: Stores, kind: Kind, full_name: str, revision: str, path: str
) -> Content:
    """Return the git blob itself: for a large file its pointer's text."""
    with snapshot(tx, actor, stores, kind, full_name, revision) as at:
        file = find_file(tx, at.repo.id, at.reader, at.oid, path)
        data = at.reader.blob(file.oid)
        return Content(at.repo, at.oid, File(file.path, "file", file.oid, len(data)), data=data)
