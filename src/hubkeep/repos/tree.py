"""List what is in a repository at a revision."""

from collections.abc import Sequence
from dataclasses import dataclass

from hubkeep.accounts import Actor
from hubkeep.git import Commit, Entry
from hubkeep.kit import ReadTx, TooLarge
from hubkeep.repos.errors import EntryNotFound
from hubkeep.repos.files import File, describe
from hubkeep.repos.snapshot import snapshot
from hubkeep.repos.types import Kind, Stores

MAX_PATHS = 2000


@dataclass(frozen=True)
class Listed:
    """An entry, and the commit that last touched it when that was asked for."""

    file: File
    last_commit: Commit | None = None


@dataclass(frozen=True)
class Page:
    """A page of a listing; `next` is the path to go on after, None at the end."""

    commit_oid: str
    entries: list[Listed]
    next: str | None


def tree(
    tx: ReadTx,
    actor: Actor,
    stores: Stores,
    kind: Kind,
    full_name: str,
    revision: str | None,
    path: str,
    *,
    recursive: bool = False,
    expand: bool = False,
    after: str | None = None,
    limit: int = 1000,
) -> Page:
    """List the folder `path` ("" is the root) in git's order, `limit` entries after `after`; directories are entries too.

    Raises:
        EntryNotFound: nothing there, or a file.
    """
    with snapshot(tx, actor, stores, kind, full_name, revision, names_only=True) as at:
        prefix = path.strip("/")
        if prefix:
            folder = at.reader.entry(at.oid, prefix)
            if folder is None or folder.kind != "directory":
                raise EntryNotFound(path=prefix, headers={"X-Repo-Commit": at.oid})
        found = at.reader.walk(at.oid, prefix, recursive=recursive, after=after, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        files = describe(tx, at.repo.id, at.reader, page)
        touched = at.reader.last_commits(at.oid, [file.path for file in files]) if expand else {}
        listed = [Listed(file, touched.get(file.path)) for file in files]
        return Page(at.oid, listed, page[-1].path if more else None)


def paths_info(
    tx: ReadTx,
    actor: Actor,
    stores: Stores,
    kind: Kind,
    full_name: str,
    revision: str,
    paths: Sequence[str],
    *,
    expand: bool,
) -> list[Listed]:
    """Return the entries at `paths`, in that order; paths that do not exist are left out. Raises TooLarge."""
    if len(paths) > MAX_PATHS:
        raise TooLarge(field="paths", limit=f"{MAX_PATHS} paths")
    with snapshot(tx, actor, stores, kind, full_name, revision, names_only=True) as at:
        entries: list[Entry] = []
        for path in paths:
            entry = at.reader.entry(at.oid, path.strip("/")) if path.strip("/") else None
            if entry is not None:
                entries.append(entry)
        files = describe(tx, at.repo.id, at.reader, entries)
        touched = at.reader.last_commits(at.oid, [file.path for file in files]) if expand else {}
        return [Listed(file, touched.get(file.path)) for file in files]


def tree_size(
    tx: ReadTx, actor: Actor, stores: Stores, kind: Kind, full_name: str, revision: str, path: str
) -> int:
    """Add up the real sizes of all files below `path`, in bytes. Raises EntryNotFound."""
    total, after = 0, None
    while True:
        page = tree(
            tx, actor, stores, kind, full_name, revision, path, recursive=True, after=after, limit=5000
        )
        total += sum(listed.file.size for listed in page.entries)
        if page.next is None:
            return total
        after = page.next
