"""Find the commit that last changed each of some paths."""

import heapq
import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from hubkeep.git.command import lines, output
from hubkeep.git.commit_cache import Recent
from hubkeep.git.objects import Tree
from hubkeep.git.types import DIRECTORY, Commit

if TYPE_CHECKING:
    from hubkeep.git.reader import Reader

# After this many commits the git command goes on: it is slower, but does not hold up other threads.
NEAR = 3000
MAX_KEPT = 5000  # answers kept for one commit

# Commit to {path: commit that last changed it}: a walk that comes by such a commit need not go on.
_ANSWERS: Recent[dict[str, str]] = Recent(1000)

# Wanted paths as nested folders; a name that is itself wanted has its whole path under the empty name.
_Wanted = dict[bytes, "_Wanted | str"]


def last_commits(reader: "Reader", oid: str, paths: Sequence[str]) -> dict[str, Commit]:
    """Return path to commit, for the paths that exist at `oid`.

    A path goes back along the first parent in which it is the same, as `git log -1 -- path` does; the commit in which
    it differs from every parent is the answer. Folders that are the same are never opened.
    """
    known = _ANSWERS.get(oid) or {}
    asked = [path for path in dict.fromkeys(paths) if path not in known]
    found = {path: known[path] for path in paths if path in known}
    if asked:
        wanted = _plan(asked)
        here = _differences(reader, wanted, _root(reader, oid), {})
        fresh = _walk(reader, oid, wanted, here)
        found |= fresh
        if len(known) + len(fresh) <= MAX_KEPT:
            _ANSWERS.put(oid, known | fresh)
    return {path: reader.commit(found[path]) for path in paths if path in found}


def _walk(reader: "Reader", tip: str, wanted: _Wanted, start: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    waiting: dict[str, set[str]] = {tip: start}
    counter = itertools.count()
    heap = [(0.0, next(counter), tip)]
    for step in itertools.count():
        if not heap:
            return found
        if step == NEAR:
            break
        oid = heapq.heappop(heap)[2]
        paths = waiting.pop(oid)
        answers = _ANSWERS.get(oid)
        if answers:
            found |= {path: answers[path] for path in paths if path in answers}
            paths -= answers.keys()
        tree = _root(reader, oid)
        for parent in reader.commit(oid).parents:
            if not paths:
                break
            same = paths - _differences(reader, wanted, tree, _root(reader, parent))
            paths -= same
            if same and parent in waiting:
                waiting[parent] |= same
            elif same:
                waiting[parent] = same
                heapq.heappush(heap, (-reader.commit(parent).date.timestamp(), next(counter), parent))
        found |= dict.fromkeys(paths, oid)
    for oid, paths in waiting.items():
        found |= _ask_git(reader, oid, paths)
    return found


def _plan(paths: Iterable[str]) -> _Wanted:
    root: _Wanted = {}
    for path in paths:
        folder = root
        for part in path.encode("utf-8", "surrogateescape").split(b"/"):
            inner = folder.setdefault(part, {})
            assert isinstance(inner, dict)
            folder = inner
        folder[b""] = path
    return root


def _root(reader: "Reader", oid: str) -> Tree:
    return reader.tree(reader.commit(oid).tree)


def _differences(reader: "Reader", wanted: _Wanted, new: Tree, old: Tree) -> set[str]:
    """Return the wanted paths that exist in `new` and are not the same in `old`."""
    found: set[str] = set()
    stack = [(wanted, new, old)]
    while stack:
        plan, after, before = stack.pop()
        if after is before:
            continue
        for name, below in plan.items():
            mine, other = after.get(name), before.get(name)
            if mine is None or mine == other or isinstance(below, str):
                continue
            path = below.get(b"")
            if isinstance(path, str):
                found.add(path)
            if mine[0] == DIRECTORY and len(below) > (path is not None):
                theirs = reader.tree(other[1].hex()) if other and other[0] == DIRECTORY else {}
                stack.append((below, reader.tree(mine[1].hex()), theirs))
    return found


def _ask_git(reader: "Reader", oid: str, paths: set[str]) -> dict[str, str]:
    """Let git read on from `oid`; stop it as soon as every path was seen."""
    found: dict[str, str] = {}
    arguments = ["log", "--format=%x01%H", "--name-only", "-z", "--no-renames", oid, "--"]
    literal = [f":(literal,top){path}" for path in sorted(paths)]
    with output(reader.directory, *arguments, *literal) as stream:
        commit = oid
        for record in lines(stream, b"\0"):
            text = record.lstrip(b"\n").decode("utf-8", "surrogateescape")
            if text.startswith("\x01"):
                commit = text[1:41]
                continue
            for path in _above(text):
                if path in paths:
                    found.setdefault(path, commit)
            if found.keys() >= paths:
                break
    return found | dict.fromkeys(paths - found.keys(), oid)


def _above(path: str) -> Iterable[str]:
    """Yield a path and the folders that it is in."""
    while path:
        yield path
        path = path.rpartition("/")[0]
