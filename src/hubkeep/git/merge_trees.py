"""Merge two trees that come from a third: only folders that one side changed are read, only files that both changed are opened.

Whatever this finds no answer for, the git command is asked: it also follows renames. It has the last word on conflicts.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pygit2

from hubkeep.git.command import command, environment, failed
from hubkeep.git.edit_tree import Objects
from hubkeep.git.errors import ObjectMissing
from hubkeep.git.merge_base import merge_base
from hubkeep.git.objects import EMPTY_TREE, dump_tree, oid_of
from hubkeep.git.reader import Reader
from hubkeep.git.types import DIRECTORY, EXECUTABLE, FILE

MAX_MERGED = 16 << 20  # bytes of a file whose two new versions are merged line by line
_PLAIN = (FILE, EXECUTABLE)
_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}

Item = tuple[int, bytes]


@dataclass(frozen=True)
class Merge:
    """What came of a merge: a tree, or the paths that both sides changed in different ways.

    `related` is False when the two have no commit in common: nothing can be said about their files.
    """

    base: str | None
    tree: str | None
    conflicts: tuple[str, ...] = ()
    related: bool = True


class Nowhere:
    """Takes new objects and keeps none: for looking whether a merge would work."""

    def add(self, kind: str, data: bytes) -> str:
        """Return the object's id."""
        return oid_of(kind, data)


def merge_commits(reader: Reader, writer: Objects, ours: str, theirs: str, scratch: Path) -> Merge:
    """Merge the trees of two commits of a repository; new trees and files go to `writer`.

    Raises:
        ObjectMissing: no such commit.
        GitFailed: only for reasons that are ours.
    """
    for oid in (ours, theirs):  # not from memory: the git command has to find them, too
        if not reader.is_commit(oid):
            raise ObjectMissing(oid=oid)
    base = merge_base(reader, ours, theirs)
    if base is None:
        return Merge(None, None, related=False)
    state = _State(reader, writer, scratch)
    trees = [reader.commit(oid).tree for oid in (base, ours, theirs)]
    merged = state.folder(b"", *trees)
    if not state.conflicts:
        return Merge(base, merged)
    return _by_git(reader, writer, base, ours, theirs, scratch)


@dataclass
class _State:
    """One merge, and the conflicts found so far."""

    reader: Reader
    writer: Objects
    scratch: Path
    conflicts: list[str] = field(default_factory=list)

    def folder(self, path: bytes, base: str, ours: str, theirs: str) -> str:
        """Merge a folder; return its tree's id."""
        if theirs in (base, ours):
            return ours
        if base == ours:
            return theirs
        old, mine, other = (self.reader.tree(oid) for oid in (base, ours, theirs))
        merged = dict(mine)
        for name in {name for name, _ in old.items() ^ other.items()}:
            item = self.item(path + name, old.get(name), mine.get(name), other.get(name))
            if item is None or (item[0] == DIRECTORY and item[1].hex() == EMPTY_TREE):
                merged.pop(name, None)
            else:
                merged[name] = item
        return self.writer.add("tree", dump_tree(merged))

    def item(self, path: bytes, old: Item | None, mine: Item | None, other: Item | None) -> Item | None:
        """Merge what three trees have under one name, which `other` changed."""
        if mine in (old, other):
            return other
        if _is_folder(old, mine, other):
            tree = self.folder(path + b"/", *(_tree_of(item) for item in (old, mine, other)))
            return DIRECTORY, bytes.fromhex(tree)
        if mine is None or other is None or mine[0] not in _PLAIN or other[0] not in _PLAIN:
            return self.conflict(path, mine)
        mode = _mode(old, mine, other)
        oid = mine[1] if mine[1] == other[1] else self.file(path, old, mine, other)
        return (mode, oid) if mode is not None and oid is not None else self.conflict(path, mine)

    def file(self, path: bytes, old: Item | None, mine: Item, other: Item) -> bytes | None:
        """Merge two versions of a file line by line; None where they cannot be."""
        if old is None or old[0] not in _PLAIN:
            return None
        if mine[1] == old[1] or other[1] == old[1]:
            return mine[1] if other[1] == old[1] else other[1]
        oids = [item[1].hex() for item in (mine, old, other)]
        if any(self.reader.size(oid) > MAX_MERGED for oid in oids):
            return None
        texts = [self.reader.blob(oid) for oid in oids]
        if any(text.startswith(_POINTER) for text in texts):
            return None
        merged = _merge_lines(self.scratch, *texts, union=_only_adds(path, *texts))
        return bytes.fromhex(self.writer.add("blob", merged)) if merged is not None else None

    def conflict(self, path: bytes, mine: Item | None) -> Item | None:
        """Note the path; what is returned is of no use to anybody."""
        self.conflicts.append(path.decode("utf-8", "replace"))
        return mine


def _is_folder(*items: Item | None) -> bool:
    """Tell whether all that is there are folders."""
    return all(item is None or item[0] == DIRECTORY for item in items)


def _tree_of(item: Item | None) -> str:
    return item[1].hex() if item is not None else EMPTY_TREE


def _mode(old: Item | None, mine: Item, other: Item) -> int | None:
    """Return the mode that both sides lead to; None when they differ."""
    if mine[0] == other[0]:
        return mine[0]
    if old is None:
        return None
    return other[0] if mine[0] == old[0] else mine[0]


def _only_adds(path: bytes, mine: bytes, old: bytes, other: bytes) -> bool:
    """Tell whether both sides only added lines to a `.gitattributes`: as every upload of a new kind of large file does."""
    if path.rpartition(b"/")[2] != b".gitattributes":
        return False
    kept = set(old.splitlines())
    return kept <= set(mine.splitlines()) and kept <= set(other.splitlines())


def _merge_lines(scratch: Path, mine: bytes, old: bytes, other: bytes, *, union: bool) -> bytes | None:
    """Return the merged text; None for a conflict, and for what is not text."""
    folder = Path(tempfile.mkdtemp(dir=scratch, prefix="merge-"))
    try:
        names = ("mine", "old", "other")
        for name, text in zip(names, (mine, old, other), strict=True):
            (folder / name).write_bytes(text)
        how = ["--union"] if union else []
        done = subprocess.run(
            ["git", "merge-file", "-p", "-q", *how, *names],
            cwd=folder,
            env=environment({"GIT_DIR": os.devnull}),
            capture_output=True,
            check=False,
        )
        return done.stdout if done.returncode == 0 else None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _by_git(reader: Reader, writer: Objects, base: str, ours: str, theirs: str, scratch: Path) -> Merge:
    """Let git merge; its new objects are written to a folder of their own, and taken over from there."""
    folder = Path(tempfile.mkdtemp(dir=scratch, prefix="merge-"))
    try:
        new_objects = {
            "GIT_OBJECT_DIRECTORY": str(folder),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(reader.directory / "objects"),
        }
        done = subprocess.run(
            command(
                reader.directory,
                "merge-tree",
                "--write-tree",
                "--name-only",
                "--no-messages",
                "-z",
                ours,
                theirs,
            ),
            capture_output=True,
            env=environment(new_objects),
            check=False,
        )
        if done.returncode not in (0, 1) or not done.stdout:
            raise failed("merge-tree", done.stderr)
        tree, *names = [part for part in done.stdout.split(b"\0") if part]
        if done.returncode == 1:
            paths = sorted({name.decode("utf-8", "replace") for name in names})
            return Merge(base, None, tuple(paths))
        new = pygit2.Odb(str(folder))
        for oid in new:
            kind, data = new.read(oid)
            writer.add(_KINDS[int(kind)], data)
        return Merge(base, tree.decode())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
