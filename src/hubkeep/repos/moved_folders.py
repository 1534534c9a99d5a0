"""Move whole folders in a commit: the tree of a folder is named from somewhere else, and no file is touched.

That costs a look at the names below it, whatever the files hold: paths may become too long, and a large file may leave the lines
of `.gitattributes` that made it one.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from hubkeep.git import DIRECTORY, MAX_DEPTH, MAX_PATH_BYTES, Attributes, Delete, Edit, Entry, Put, Reader
from hubkeep.repos.errors import EntryNotFound, InvalidCommit, InvalidPath
from hubkeep.repos.preupload import ATTRIBUTES, folders_of, text_at

# In one commit. A few trees that name each other many times over, which anybody may push, have more names than atoms.
MAX_FOLDERS, MAX_NAMES = 100, 500_000
MAX_ATTRIBUTES = 200  # `.gitattributes` inside one folder: each is asked about every file


def move_folders(reader: Reader, base_oid: str, edits: dict[str, Edit], moves: Mapping[str, str]) -> None:
    """Add the edits of `moves` (new path to old path).

    Raises:
        EntryNotFound: there is no such folder. InvalidPath: into itself, or a path would be too long.
        InvalidCommit: the same commit changes what is in it, too, or moves over `MAX_FOLDERS`.
    """
    if len(moves) > MAX_FOLDERS:
        raise InvalidCommit(reason=f"at most {MAX_FOLDERS} folders can be moved in one commit")
    for new, old in moves.items():
        if new == old or new.startswith(f"{old}/"):
            raise InvalidPath(path=new, reason="a folder cannot move into itself")
        if any(
            path in (new, old) or path.startswith(f"{old}/") or old.startswith(f"{path}/") for path in edits
        ):
            raise InvalidCommit(
                reason=f"{old} is moved, so nothing else can be done to it in the same commit"
            )
        entry = reader.entry(base_oid, old)
        if entry is None or entry.kind != "directory":
            raise EntryNotFound(path=f"{old}: A folder with this name doesn't exist")
        edits[old], edits[new] = Delete(), Put(entry.oid, DIRECTORY)


def large_files_to_name(reader: Reader, base_oid: str, text: str, moves: Mapping[str, str]) -> list[str]:
    """Return new paths of large files that `text`, the root's `.gitattributes` after the commit, would make small ones.

    Raises:
        InvalidPath: a path would be too long or too deep, or there are too many of them.
    """
    uncovered: list[str] = []
    left = MAX_NAMES
    for new, old in moves.items():
        folder = reader.entry(base_oid, old)
        assert folder is not None
        below = list(islice(reader.below(folder), left + 1))
        left -= len(below)
        if left < 0:
            raise InvalidPath(
                path=new, reason=f"over {MAX_NAMES:,} files and folders cannot be moved in one commit"
            )
        files = [entry for entry in below if entry.kind != "directory"]
        _check_lengths(files, new, old)
        uncovered += _uncovered(reader, base_oid, text, new, old, files)
    return uncovered


def _uncovered(
    reader: Reader, base_oid: str, text: str, new: str, old: str, files: Sequence[Entry]
) -> Iterator[str]:
    inside = [entry for entry in files if entry.path.endswith(f"/{ATTRIBUTES}")]
    if len(inside) > MAX_ATTRIBUTES:
        raise InvalidPath(path=new, reason=f"more than {MAX_ATTRIBUTES} {ATTRIBUTES} files are in it")
    texts = [(entry.path.rpartition("/")[0], text_at(reader, base_oid, entry.path)) for entry in inside]
    before = _attributes(reader, base_oid, text_at(reader, base_oid, ATTRIBUTES), old, texts)
    moved = [(new + folder.removeprefix(old), inner) for folder, inner in texts]
    after = _attributes(reader, base_oid, text, new, moved)
    for entry in files:
        path = new + entry.path.removeprefix(old)
        if before.is_lfs(entry.path) and not after.is_lfs(path):
            yield path


def _attributes(
    reader: Reader, base_oid: str, root: str, folder: str, inside: Sequence[tuple[str, str]]
) -> Attributes:
    above = [(each, text_at(reader, base_oid, f"{each}/{ATTRIBUTES}")) for each in folders_of(folder)]
    return Attributes.parse([("", root), *((each, text) for each, text in (*above, *inside) if text)])


def _check_lengths(files: Sequence[Entry], new: str, old: str) -> None:
    more = len(new.encode()) - len(old.encode())
    deeper = new.count("/") - old.count("/")
    for entry in files:
        if len(entry.path.encode()) + more > MAX_PATH_BYTES or entry.path.count("/") + deeper >= MAX_DEPTH:
            limits = f"{MAX_PATH_BYTES} bytes and {MAX_DEPTH} segments"
            raise InvalidPath(
                path=new, reason=f"the path of a file in it would be over the limit of {limits}"
            )
