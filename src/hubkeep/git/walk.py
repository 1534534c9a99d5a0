"""Find and list the entries of trees."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

from hubkeep.git.objects import Tree, sort_key
from hubkeep.git.types import DIRECTORY, SUBMODULE, Commit, Entry, EntryKind


class Trees(Protocol):
    """Where trees and commits are read."""

    def tree(self, oid: str) -> Tree:
        """Return a parsed tree."""

    def commit(self, oid: str) -> Commit:
        """Return a commit."""


def entry(source: Trees, commit_oid: str, path: str) -> Entry | None:
    """Return what is at `path`, None when there is nothing."""
    tree = source.tree(source.commit(commit_oid).tree)
    *folders, name = _parts(path)
    for part in folders:
        found = tree.get(part)
        if found is None or found[0] != DIRECTORY:
            return None
        tree = source.tree(found[1].hex())
    found = tree.get(name)
    return None if found is None else _entry(path, *found)


def walk(
    source: Trees, commit_oid: str, prefix: str, *, recursive: bool, after: str | None, limit: int
) -> list[Entry]:
    """List a folder; see `Reader.walk`."""
    tree = source.commit(commit_oid).tree
    if prefix:
        folder = entry(source, commit_oid, prefix)
        if folder is None or folder.kind != "directory":
            return []
        tree = folder.oid
    base = f"{prefix}/".encode() if prefix else b""
    start = _parts(after[len(prefix) + 1 if prefix else 0 :]) if after is not None else []
    return list(islice(_below(source, tree, base, start, recursive=recursive), limit))


def everything(source: Trees, commit_oid: str) -> Iterator[Entry]:
    """Yield every entry of a commit, at any depth."""
    return _below(source, source.commit(commit_oid).tree, b"", [], recursive=True)


def first_places(source: Trees, tips: Iterable[str], blobs: Iterable[str]) -> Iterator[tuple[str, Entry]]:
    """Yield (tip, entry) for the first place of each of `blobs` in the trees of commits, in the order of the commits.

    A folder that an earlier commit has too is not looked into again: ten thousand branches of one history cost little more than one.
    """
    wanted = {bytes.fromhex(oid) for oid in blobs}
    seen: set[bytes] = set()
    for tip in dict.fromkeys(tips):
        stack = [(b"", bytes.fromhex(source.commit(tip).tree))]
        while stack and wanted:
            folder, tree = stack.pop()
            if tree in seen:
                continue
            seen.add(tree)
            for name, (mode, oid) in source.tree(tree.hex()).items():
                if mode == DIRECTORY:
                    stack.append((folder + name + b"/", oid))
                elif oid in wanted:
                    wanted.discard(oid)
                    yield tip, _entry((folder + name).decode("utf-8", "replace"), mode, oid)
        if not wanted:
            return


def below(source: Trees, folder: Entry) -> Iterator[Entry]:
    """Yield every entry below a folder, at any depth."""
    return _below(source, folder.oid, f"{folder.path}/".encode(), [], recursive=True)


def _below(
    source: Trees, tree_oid: str, base: bytes, after: list[bytes], *, recursive: bool
) -> Iterator[Entry]:
    """Yield entries depth first, folders before their content, with a stack of our own: trees may be thousands deep."""
    stack = [(base, _rest(source.tree(tree_oid), after), after[1:])]
    while stack:
        folder, entries, below = stack[-1]
        step = next(entries, None)
        if step is None:
            stack.pop()
            continue
        name, mode, oid, seen = step
        path = folder + name
        if not seen:
            yield _entry(path.decode("utf-8", "replace"), mode, oid)
        if recursive and mode == DIRECTORY:
            inner = below if seen else []
            stack.append((path + b"/", _rest(source.tree(oid.hex()), inner), inner[1:]))


def _rest(tree: Tree, after: list[bytes]) -> Iterator[tuple[bytes, int, bytes, bool]]:
    """Yield (name, mode, oid, already listed) from where a page stopped; `after` are the segments still to go."""
    if not after:
        for name, (mode, oid) in tree.items():
            yield name, mode, oid, False
        return
    wanted = after[0]
    found = tree.get(wanted)
    is_folder = len(after) > 1 or (found is not None and found[0] == DIRECTORY)
    stop = wanted + b"/" if is_folder else wanted
    for name, (mode, oid) in tree.items():
        key = sort_key(name, mode)
        if key == stop and is_folder:
            yield name, mode, oid, True
        elif key > stop:
            yield name, mode, oid, False


def _parts(path: str) -> list[bytes]:
    return path.encode("utf-8", "surrogateescape").split(b"/")


def _entry(path: str, mode: int, oid: bytes) -> Entry:
    kind: EntryKind = "directory" if mode == DIRECTORY else "commit" if mode == SUBMODULE else "file"
    return Entry(path, kind, oid.hex(), mode)
