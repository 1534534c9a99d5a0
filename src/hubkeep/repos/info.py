"""Everything a repository says about itself at a revision."""

from collections.abc import Iterable
from dataclasses import dataclass

from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos.card import card_of, cards_of
from hubkeep.repos.files import File, describe
from hubkeep.repos.metadata import Metadata, read_metadata
from hubkeep.repos.snapshot import Snapshot, snapshot
from hubkeep.repos.types import Kind, Repo, Stores

MAX_SIBLINGS = 100_000


@dataclass(frozen=True)
class Info:
    """A repository at a commit: row, commit, metadata, and its files when they were asked for."""

    repo: Repo
    oid: str | None
    metadata: Metadata
    siblings: list[File] | None = None


def info(
    tx: ReadTx,
    actor: Actor,
    stores: Stores,
    kind: Kind,
    full_name: str,
    revision: str | None,
    *,
    siblings: bool,
    blobs: bool,
) -> Info:
    """Return the facts; `siblings` lists every file, `blobs` with sizes and ids.

    Raises:
        RevisionNotFound, and what `get_for` raises.
    """
    with snapshot(tx, actor, stores, kind, full_name, revision, names_only=True) as at:
        return info_at(tx, stores, at, siblings=siblings, blobs=blobs)


def info_at(tx: ReadTx, stores: Stores, at: Snapshot, *, siblings: bool, blobs: bool) -> Info:
    """Return the facts of an opened snapshot."""
    kept = card_of(tx, at.repo.id, at.oid)
    if kept is None:
        kept = read_metadata(tx, stores, at.repo.id, at.repo.kind, at.reader, at.oid)
    return Info(at.repo, at.oid, kept, siblings_of(tx, at, blobs=blobs) if siblings else None)


def infos(tx: ReadTx, repos: Iterable[Repo]) -> list[Info]:
    """Return the facts of many repositories on their default branches, in two queries, in order."""
    listed = list(repos)
    cards = cards_of(tx, [repo.id for repo in listed])
    nothing = (None, Metadata())
    return [Info(repo, *cards.get(repo.id, nothing)) for repo in listed]


def siblings_of(tx: ReadTx, at: Snapshot, *, blobs: bool) -> list[File]:
    """Return every file of an opened snapshot, with sizes and ids of content if `blobs`."""
    entries = at.reader.walk(at.oid, "", recursive=True, after=None, limit=MAX_SIBLINGS)
    files = [entry for entry in entries if entry.kind == "file"]
    if blobs:
        return describe(tx, at.repo.id, at.reader, files)
    return [File(entry.path, "file", entry.oid) for entry in files]
