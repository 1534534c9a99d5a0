"""Commit through the API: operations onto a branch, one new commit, one pack."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hubkeep.accounts import Actor
from hubkeep.cas import held, write_pointer
from hubkeep.git import (
    DIRECTORY,
    Delete,
    Edit,
    Pack,
    PackWriter,
    PathConflict,
    PathNotFound,
    Put,
    Reader,
    add_lfs_pattern,
    edit_tree,
)
from hubkeep.kit import now
from hubkeep.repos import queries
from hubkeep.repos.author import signature
from hubkeep.repos.commit_payload import (
    AddFile,
    AddLargeFile,
    DeleteFile,
    DeleteFolder,
    Header,
    MoveFolder,
    Operation,
    read_payload,
)
from hubkeep.repos.errors import EntryNotFound, InvalidCommit, InvalidPath, LfsObjectMissing, RefMoved
from hubkeep.repos.kept_refs import get_for_landing
from hubkeep.repos.moved_folders import large_files_to_name, move_folders
from hubkeep.repos.preupload import attributes_at, text_at
from hubkeep.repos.publish import publish
from hubkeep.repos.snapshot import branch_of, open_at
from hubkeep.repos.types import Kind, Ref, RefUpdate, Repo, Stores
from hubkeep.repos.validate_yaml import validate_yaml

ATTEMPTS = 20  # each one lost means that somebody else got through
FILE_MODE, EXECUTABLE = 0o100644, 0o100755


@dataclass(frozen=True)
class Committed:
    """What came of it: the repository, the commit's id (the old tip's when nothing changed) and its title."""

    repo: Repo
    oid: str
    title: str


@dataclass(frozen=True)
class Prepared:
    """A commit whose pack is stored, and that no ref names yet: `base` is what it was built on."""

    repo: Repo
    base: Ref
    oid: str
    title: str
    description: str
    packs: tuple[Pack, ...]


def commit(stores: Stores, actor: Actor, kind: Kind, full_name: str, revision: str, body: Path) -> Committed:
    """Apply the NDJSON payload in `body` to the branch `revision`, or to a pull request's ref (`refs/pr/N`).

    Without `parentCommit` a lost race is tried again on the new tip; with it, the caller is told.

    Raises:
        RefMoved: `parentCommit` is not the tip.
        RefProtected: the pull request is closed, or there is none.
        InvalidCommit, InvalidPath, TooLarge, EntryNotFound, LfsObjectMissing: nothing was changed.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _commit_once(stores, actor, kind, full_name, revision, body)
        except _LostRace:
            if attempt == ATTEMPTS - 1:
                raise RefMoved from None
    raise AssertionError("unreachable")


def prepare_commit(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, revision: str, body: Path
) -> Prepared:
    """Build the commit that the payload describes for a pull request to the branch `revision`, and move nothing.

    It is built on `parentCommit` when that is named, else on the branch's tip. Whoever may open a pull request may ask.

    Raises:
        RevisionNotFound: no such branch, or no such parent in this repository.
        And what `commit` raises for a bad payload.
    """
    header, operations = read_payload(body, stores.settings.git.max_plain_bytes)
    with stores.db.read() as tx:
        repo = get_for_landing(tx, actor, kind, full_name, revision, create_pr=True)
        branch = branch_of(tx, repo.id, revision)
        if header.parent is not None:
            with open_at(tx, stores, repo, header.parent) as at:
                branch = replace(branch, oid=at.oid, commit_oid=at.oid)
        names = queries.pack_names(tx, repo.id)
    with stores.git.reader(repo.id, branch.oid, lambda: names) as reader:
        made = _build(stores, actor, repo, branch, reader, header, operations, even_if_same=True)
    assert made is not None
    return Prepared(repo, branch, made[0], header.summary, header.description, tuple(made[1]))


class _LostRace(Exception):
    """The tip moved between reading and publishing."""


def _commit_once(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, revision: str, body: Path
) -> Committed:
    with stores.db.read() as tx:
        repo = get_for_landing(tx, actor, kind, full_name, revision)
        branch = branch_of(tx, repo.id, revision)
        names = queries.pack_names(tx, repo.id)
    header, operations = read_payload(body, stores.settings.git.max_plain_bytes)
    with stores.git.reader(repo.id, branch.oid, lambda: names) as reader:
        if header.parent is not None and not branch.oid.startswith(header.parent):
            raise RefMoved
        made = _build(stores, actor, repo, branch, reader, header, operations)
    if made is None:
        return Committed(repo, branch.oid, header.summary)
    oid, packs = made
    try:
        after = publish(stores, actor, repo, packs, [RefUpdate(branch.name, branch.oid, oid)])
    except RefMoved:
        if header.parent is not None:
            raise
        raise _LostRace from None
    return Committed(after, oid, header.summary)


def _build(
    stores: Stores,
    actor: Actor,
    repo: Repo,
    branch: Ref,
    reader: Reader,
    header: Header,
    operations: Iterator[Operation],
    *,
    even_if_same: bool = False,
) -> tuple[str, list[Pack]] | None:
    """Store a pack with the new commit; None when the tree would be the same: a repeated request is no error.

    There is no pack when the very same commit exists: the same change to two branches within a second.
    """
    base = reader.commit(branch.oid)
    with PackWriter(stores.scratch, reader.contains) as writer:
        edits, large, moved, folders = _edits(writer, repo, operations)
        move_folders(reader, branch.oid, edits, folders)
        if not edits:
            raise InvalidCommit(
                reason="Empty commit. Add a line with the key `lfsFile`, `file` or `deletedFile`"
            )
        _point_at(stores, repo, writer, edits, large)
        _track(reader, writer, branch.oid, edits, large, folders)
        _stay_executable(reader, branch.oid, edits, moved)
        try:
            tree = edit_tree(reader, writer, base.tree, edits)
        except PathNotFound as error:
            raise EntryNotFound(path=f"{error.facts['path']}: A file with this name doesn't exist") from None
        except PathConflict as error:
            raise InvalidPath(path=error.facts["path"], reason=error.facts["reason"]) from None
        if tree == base.tree and not even_if_same:
            return None
        oid = writer.add_commit(tree, [branch.oid], signature(actor, stores.settings), header.message, now())
        written = writer.finish()
        return oid, [stores.git.store(repo.id, *written)] if written else []


def _edits(
    writer: PackWriter, repo: Repo, operations: Iterator[Operation]
) -> tuple[dict[str, Edit], dict[str, AddLargeFile], dict[str, str], dict[str, str]]:
    """Write the small files into the pack as they are read; gather the large ones for one look-up, and new to old paths.

    Of files, whose content is among the edits, and of folders, which the caller moves.
    """
    edits: dict[str, Edit] = {}
    large: dict[str, AddLargeFile] = {}
    moved: dict[str, str] = {}
    folders: dict[str, str] = {}
    for operation in operations:
        match operation:
            case AddFile():
                if operation.path == "README.md":
                    _check_card(repo.kind, operation.content)
                edits[operation.path] = Put(writer.add("blob", operation.content), FILE_MODE)
                large.pop(operation.path, None)
            case AddLargeFile():
                large[operation.path] = operation
                edits[operation.path] = Put("", FILE_MODE)
            case DeleteFile() | DeleteFolder():
                edits[operation.path] = Delete()
                large.pop(operation.path, None)
            case MoveFolder():
                if operation.path in folders:
                    raise InvalidCommit(reason=f"two folders are moved to {operation.path}")
                folders[operation.path] = operation.old_path
        if isinstance(operation, AddFile | AddLargeFile) and operation.old_path not in (None, operation.path):
            edits[str(operation.old_path)] = Delete()
            moved[operation.path] = str(operation.old_path)
    return edits, large, moved, folders


def _check_card(kind: Kind, content: bytes) -> None:
    found = validate_yaml(content.decode("utf-8", "replace"), kind)
    if found.errors:
        raise InvalidCommit(reason=f"Invalid metadata in README.md: {'; '.join(found.errors)}")


def _stay_executable(reader: Reader, base_oid: str, edits: dict[str, Edit], moved: dict[str, str]) -> None:
    """Let what could be executed stay so, also under another name: a payload has no word for it."""
    for path, edit in edits.items():
        if isinstance(edit, Put) and edit.mode != DIRECTORY:
            before = reader.entry(base_oid, moved.get(path, path))
            if before is not None and before.mode == EXECUTABLE:
                edits[path] = replace(edit, mode=EXECUTABLE)


def _point_at(
    stores: Stores, repo: Repo, writer: PackWriter, edits: dict[str, Edit], large: dict[str, AddLargeFile]
) -> None:
    """Write the pointers of large files that this repository holds. Raises LfsObjectMissing, InvalidCommit."""
    if not large:
        return
    with stores.db.read() as tx:
        objects = held(tx, repo.id, {operation.sha256 for operation in large.values()})
    for path, operation in large.items():
        stored = objects.get(operation.sha256)
        if stored is None:
            raise LfsObjectMissing(sha256=operation.sha256, path=path)
        if operation.size is not None and operation.size != stored.size:
            raise InvalidCommit(
                reason=f"{path}: size is {operation.size} but the object {stored.sha256} has {stored.size} bytes"
            )
        edits[path] = Put(writer.add("blob", write_pointer(stored.sha256, stored.size)), FILE_MODE)


def _track(
    reader: Reader,
    writer: PackWriter,
    base_oid: str,
    edits: dict[str, Edit],
    large: dict[str, AddLargeFile],
    folders: dict[str, str],
) -> None:
    """Add a `.gitattributes` line for every large file that no pattern covers, or git would show its pointer.

    Source: hub-core contract 9.3.
    """
    if not large and not folders:
        return
    change = edits.get(".gitattributes")
    text = "" if isinstance(change, Delete) else text_at(reader, base_oid, ".gitattributes")
    if isinstance(change, Put):
        text = writer.written(change.oid, reader).decode("utf-8", "replace")
    attributes = attributes_at(reader, base_oid, text, large)
    missing = [path for path in large if not attributes.is_lfs(path)]
    missing += large_files_to_name(reader, base_oid, text, folders)
    for path in missing:
        text = add_lfs_pattern(text, path)
    if missing:
        edits[".gitattributes"] = Put(writer.add("blob", text.encode()), FILE_MODE)
