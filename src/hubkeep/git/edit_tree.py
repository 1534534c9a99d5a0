"""Apply edits to a tree: only the folders on the way to an edit are read, and written again once."""

from collections.abc import Mapping
from typing import Protocol

from hubkeep.git.errors import PathConflict, PathNotFound
from hubkeep.git.objects import Tree, dump_tree
from hubkeep.git.types import DIRECTORY, Delete, Edit, Put


class Trees(Protocol):
    """Where existing trees are read."""

    def tree(self, oid: str) -> Tree:
        """Return a parsed tree."""


class Objects(Protocol):
    """Where new trees are written."""

    def add(self, kind: str, data: bytes) -> str:
        """Write an object; return its id."""


def edit_tree(reader: Trees | None, writer: Objects, base: str | None, edits: Mapping[str, Edit]) -> str:
    """Return the tree that `base` (None: the empty tree) becomes.

    Deletions happen first, in whatever order the edits stand, so that a file may take the place of a folder that
    goes. A folder that loses its last file goes too.

    Raises:
        PathNotFound: nothing there to delete.
        PathConflict: a file would stand where a folder is, or the other way round.
    """
    root = _Folder(reader, base)
    # The deepest first: a folder may be deleted along with files in it, each named.
    for path in sorted(edits, key=lambda path: -path.count("/")):
        if isinstance(edits[path], Delete):
            root.delete(path)
    puts = [(path, edit) for path, edit in edits.items() if isinstance(edit, Put)]
    for path, edit in sorted(
        puts, key=lambda put: put[1].mode != DIRECTORY
    ):  # whole folders before files in them
        root.put(path, edit)
    return root.write(writer)


class _Folder:
    """A folder being edited: folders inside it that were gone into are `_Folder`s, the rest is as it was read."""

    def __init__(self, reader: Trees | None, oid: str | None) -> None:
        self._reader = reader
        self.entries: dict[bytes, tuple[int, bytes]] = {}
        self.opened: dict[bytes, _Folder] = {}
        if reader is not None and oid is not None:
            self.entries.update(reader.tree(oid))

    def delete(self, path: str) -> None:
        """Remove a file or a folder. Raises PathNotFound."""
        *parents, name = path.encode().split(b"/")
        folder = self
        for part in parents:
            inner = folder.open(part)
            if inner is None:
                raise PathNotFound(path=path)
            folder = inner
        if folder.opened.pop(name, None) is None and name not in folder.entries:
            raise PathNotFound(path=path)
        folder.entries.pop(name, None)

    def put(self, path: str, edit: Put) -> None:
        """Set a file, or a whole folder where nothing is. Raises PathConflict."""
        *parents, name = path.encode().split(b"/")
        folder = self
        for depth, part in enumerate(parents, 1):
            inner = folder.open(part)
            if inner is None:
                if part in folder.entries:
                    taken = b"/".join(parents[:depth]).decode()
                    raise PathConflict(path=taken, reason="it is a file, not a folder")
                inner = folder.opened[part] = _Folder(self._reader, None)
            folder = inner
        if edit.mode == DIRECTORY and (name in folder.entries or folder.has_folder(name)):
            raise PathConflict(path=path, reason="it is there already")
        if folder.has_folder(name):
            raise PathConflict(path=path, reason="it is a folder, not a file")
        folder.opened.pop(name, None)
        folder.entries[name] = (edit.mode, bytes.fromhex(edit.oid))

    def open(self, name: bytes) -> "_Folder | None":
        """Go into a folder; None when there is none of that name."""
        if name not in self.opened:
            found = self.entries.get(name)
            if found is None or found[0] != DIRECTORY:
                return None
            self.opened[name] = _Folder(self._reader, found[1].hex())
            del self.entries[name]
        return self.opened[name]

    def has_folder(self, name: bytes) -> bool:
        """Tell whether a folder of that name will remain."""
        opened = self.opened.get(name)
        if opened is not None:
            return not opened.empty()
        return name in self.entries and self.entries[name][0] == DIRECTORY

    def empty(self) -> bool:
        """Tell whether no file is left below."""
        return not self.entries and all(folder.empty() for folder in self.opened.values())

    def write(self, writer: Objects) -> str:
        """Write this folder and those opened in it; return its tree's id."""
        entries = dict(self.entries)
        for name, folder in self.opened.items():
            if not folder.empty():
                entries[name] = (DIRECTORY, bytes.fromhex(folder.write(writer)))
        return writer.add("tree", dump_tree(entries))
