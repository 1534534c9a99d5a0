"""Read a repository's objects, in process and without a checkout."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pygit2

from hubkeep.git import last_commits as last
from hubkeep.git import log as history
from hubkeep.git import pointers as pointing
from hubkeep.git import rewrite as rewriting
from hubkeep.git import walk as walking
from hubkeep.git.command import READ_BYTES, output
from hubkeep.git.commit_cache import COMMITS
from hubkeep.git.errors import ObjectMissing
from hubkeep.git.objects import EMPTY_TREE, Tree, parse_commit, parse_tree
from hubkeep.git.pack_writer import PackWriter
from hubkeep.git.tree_cache import TREES
from hubkeep.git.types import Commit, Entry, PointerAt

_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}


class Reader:
    """The objects of one repository. Belongs to one thread; get it from `GitCache.reader`.

    `directory` is the bare repository for the git command. `refresh` fetches packs that are not here yet.
    """

    def __init__(self, odb: pygit2.Odb, directory: Path, refresh: Callable[[], object]) -> None:
        self._odb, self.directory, self._refresh = odb, directory, refresh
        self._refreshes_left = 3

    def read(self, oid: str) -> tuple[str, bytes]:
        """Return an object's kind and bytes. Raises ObjectMissing."""
        try:
            kind, data = self._odb.read(oid)
        except KeyError:
            if not self._more():
                raise ObjectMissing(oid=oid) from None
            return self.read(oid)
        except ValueError:
            raise ObjectMissing(oid=oid) from None
        return _KINDS[int(kind)], data

    def contains(self, oid: str) -> bool:
        """Tell whether the repository has an object."""
        return oid in self._odb

    def is_commit(self, oid: str) -> bool:
        """Tell whether `oid` is a commit of this repository."""
        return self._header(oid)[0] == "commit"

    def require(self, *oids: str) -> None:
        """Make sure that objects are at hand before the git command is sent to look for them. Raises ObjectMissing."""
        for oid in oids:
            self.size(oid)

    def size(self, oid: str) -> int:
        """Return an object's size in bytes. Raises ObjectMissing."""
        kind, size = self._header(oid)
        if not kind:
            raise ObjectMissing(oid=oid)
        return size

    def blob(self, oid: str) -> bytes:
        """Return a blob's bytes. Raises ObjectMissing."""
        kind, data = self.read(oid)
        if kind != "blob":
            raise ObjectMissing(oid=oid)
        return data

    def tree(self, oid: str) -> Tree:
        """Return a parsed tree. Raises ObjectMissing."""
        tree = TREES.get(oid)
        if tree is None:
            kind, data = ("tree", b"") if oid == EMPTY_TREE else self.read(oid)
            if kind != "tree":
                raise ObjectMissing(oid=oid)
            tree = parse_tree(data)
            TREES.put(oid, tree)
        return tree

    def commit(self, oid: str) -> Commit:
        """Return a commit. Raises ObjectMissing."""
        commit = COMMITS.get(oid)
        if commit is None:
            kind, data = self.read(oid)
            if kind != "commit":
                raise ObjectMissing(oid=oid)
            commit = parse_commit(oid, data)
            COMMITS.put(oid, commit)
        return commit

    def expand(self, short: str) -> str | None:
        """Return the commit whose id starts with `short` (hexadecimal); None when there is none, or more than one."""
        return history.expand(self, short) or (history.expand(self, short) if self._more() else None)

    def entry(self, commit_oid: str, path: str) -> Entry | None:
        """Return what is at `path`."""
        return walking.entry(self, commit_oid, path)

    def walk(
        self, commit_oid: str, prefix: str, *, recursive: bool, after: str | None, limit: int
    ) -> list[Entry]:
        """List the folder `prefix` ("" is the root) in git's order, folders before what is in them.

        `limit` entries at most, those after the path `after`. Raises ObjectMissing when `prefix` is no folder.
        """
        return walking.walk(self, commit_oid, prefix, recursive=recursive, after=after, limit=limit)

    def first_places(self, tips: Iterable[str], blobs: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        """Yield (tip, entry) for the first place of each of `blobs` in the trees of `tips`, in the order of these."""
        return walking.first_places(self, tips, blobs)

    def below(self, folder: Entry) -> Iterator[Entry]:
        """Yield everything below a folder, at any depth."""
        return walking.below(self, folder)

    def log(self, oid: str, *, skip: int, limit: int) -> list[Commit]:
        """Return commits reachable from `oid`, newest first."""
        return history.log(self, oid, skip, limit)

    def count(self, oid: str) -> int:
        """Return how many commits are reachable from `oid`, itself included."""
        return history.count(self, oid)

    def last_commits(self, oid: str, paths: Sequence[str]) -> dict[str, Commit]:
        """Return, for every path that exists at the commit `oid`, the commit that last changed it."""
        return last.last_commits(self, oid, paths)

    def diff(self, base: str, head: str, *, raw: bool) -> Iterator[bytes]:
        """Yield what changed from one commit to another as a patch; `raw` as git's raw format, one line per path."""
        self.require(base, head)
        arguments = ["--raw", "--no-abbrev"] if raw else ["--patch", "--full-index"]
        safe = ["--no-ext-diff", "--no-textconv", "--no-color", "--find-renames", "--end-of-options"]
        command = ["diff", *arguments, *safe, base, head]
        with output(self.directory, *command, config=["core.quotePath=false"]) as text:
            while chunk := text.read(READ_BYTES):
                yield chunk

    def pointers(self, tips: Sequence[str], *, tip_only: bool) -> Iterator[PointerAt]:
        """Yield the pointers to large files: in the trees of `tips`, or also anywhere in their history."""
        return pointing.at_tips(self, tips) if tip_only else pointing.in_history(self, tips)

    def rewrite(self, writer: PackWriter, tips: Sequence[str], blobs: Iterable[str]) -> dict[str, str]:
        """Write the history of `tips` again as if `blobs` had never been in it; return old to new id of each tip."""
        return rewriting.rewrite(self, writer, tips, frozenset(blobs))

    def _header(self, oid: str) -> tuple[str, int]:
        """Return kind and size; ("", 0) when there is no such object."""
        try:
            kind, size = self._odb.read_header(oid)
        except KeyError:
            return self._header(oid) if self._more() else ("", 0)
        except ValueError:
            return "", 0
        return _KINDS[int(kind)], size

    def _more(self) -> bool:
        """Fetch packs that were published since, or lost; a few times at most."""
        if not self._refreshes_left:
            return False
        self._refreshes_left -= 1
        self._refresh()
        return True
