"""The history of one file or folder, and who wrote its lines."""

from dataclasses import dataclass

from hubkeep.accounts import Actor
from hubkeep.cas import read_pointer
from hubkeep.git import Commit, Lines, blame, log_of
from hubkeep.repos import queries
from hubkeep.repos.errors import EntryNotFound
from hubkeep.repos.snapshot import snapshot
from hubkeep.repos.types import Kind, Repo, Stores

MAX_BLAMED = 512 << 10  # bytes of a file whose lines are told apart
MAX_LINES = 10_000


@dataclass(frozen=True)
class PathHistory:
    """Commits that changed a path, newest first. `more` when there are older ones."""

    repo: Repo
    oid: str
    commits: list[Commit]
    more: bool


@dataclass(frozen=True)
class Blamed:
    """The text of a file, which commit wrote which lines, and these commits. `why_not` says why nobody was asked."""

    repo: Repo
    oid: str
    text: str
    lines: list[Lines]
    commits: dict[str, Commit]
    why_not: str = ""


def file_history(
    stores: Stores,
    actor: Actor,
    kind: Kind,
    full_name: str,
    revision: str,
    path: str,
    *,
    skip: int,
    limit: int,
) -> PathHistory:
    """Return `limit` commits that changed what is at `path`, after the first `skip`.

    The path need not be there any more. Raises GitSlow, and what `snapshot` raises.
    """
    with (
        stores.db.read() as tx,
        snapshot(tx, actor, stores, kind, full_name, revision, names_only=True) as at,
    ):
        names, repo, oid = queries.pack_names(tx, at.repo.id), at.repo, at.oid
    with stores.git.reader(repo.id, oid, lambda: names) as reader:
        found = log_of(reader, oid, path, skip=skip, limit=limit + 1)
        commits = [reader.commit(one) for one in found[:limit]]
    return PathHistory(repo, oid, commits, len(found) > limit)


def blame_file(stores: Stores, actor: Actor, kind: Kind, full_name: str, revision: str, path: str) -> Blamed:
    """Return who wrote the lines of a file.

    Raises:
        EntryNotFound: no file at that path.
        GitSlow, and what `snapshot` raises.
    """
    with stores.db.read() as tx, snapshot(tx, actor, stores, kind, full_name, revision) as at:
        entry = at.reader.entry(at.oid, path)
        if entry is None or entry.kind != "file":
            raise EntryNotFound(path=path)
        names, repo, oid = queries.pack_names(tx, at.repo.id), at.repo, at.oid
        if at.reader.size(entry.oid) > MAX_BLAMED:
            return Blamed(repo, oid, "", [], {}, "It is too long to ask who wrote each line.")
        data = at.reader.blob(entry.oid)
    why_not = ""
    if b"\0" in data[:8192]:
        why_not = "It is not text, so it has no lines."
    elif read_pointer(data) is not None:
        why_not = "It is a large file: git knows only which one it is."
    elif data.count(b"\n") > MAX_LINES:
        why_not = "It has too many lines to ask who wrote each."
    if why_not or not data:
        return Blamed(repo, oid, "", [], {}, why_not or "It is empty.")
    with stores.git.reader(repo.id, oid, lambda: names) as reader:
        lines = blame(reader, oid, path)
        commits = {one.commit: reader.commit(one.commit) for one in lines}
    return Blamed(repo, oid, data.decode("utf-8", "replace"), lines, commits)
