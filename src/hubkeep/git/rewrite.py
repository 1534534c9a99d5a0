"""Write history again as if some blobs had never been in it."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hubkeep.git.command import arguments_from, run
from hubkeep.git.objects import EMPTY_TREE, Tree, dump_tree
from hubkeep.git.types import DIRECTORY, SUBMODULE

if TYPE_CHECKING:
    from hubkeep.git.pack_writer import PackWriter
    from hubkeep.git.reader import Reader

# A signature is over the old bytes, and so are those of merged tags: they would only be wrong.
_SIGNED = re.compile(rb"\n(?:gpgsig|gpgsig-sha256|mergetag) [^\n]*(?:\n [^\n]*)*")


def rewrite(
    reader: "Reader", writer: "PackWriter", tips: Sequence[str], blobs: frozenset[str]
) -> dict[str, str]:
    """Return old to new id of every commit reachable from `tips`; untouched commits keep theirs.

    Commits stay even when nothing is left of them: their messages and dates are history too.
    """
    reader.require(*tips)
    listed = run(
        reader.directory, "rev-list", "--topo-order", "--reverse", "--stdin", stdin=arguments_from(tips)
    )
    trees: dict[str, str] = {}
    renamed: dict[str, str] = {}
    for oid in listed.decode().split():
        commit = reader.commit(oid)
        tree = _tree(reader, writer, commit.tree, blobs, trees) or writer.add("tree", b"")
        parents = [renamed[parent] for parent in commit.parents]
        if tree == commit.tree and tuple(parents) == commit.parents:
            renamed[oid] = oid
        else:
            renamed[oid] = writer.add("commit", _commit(reader.read(oid)[1], tree, parents))
    return renamed


def _tree(
    reader: "Reader", writer: "PackWriter", oid: str, blobs: frozenset[str], done: dict[str, str]
) -> str:
    """Return the tree without the blobs, "" when nothing is left of one that had something.

    With a stack of our own: trees may be thousands deep.
    """
    done.setdefault(EMPTY_TREE, EMPTY_TREE)
    stack = [oid]
    while stack:
        here = stack[-1]
        if here in done:
            stack.pop()
            continue
        before = reader.tree(here)
        below = [raw.hex() for mode, raw in before.values() if mode == DIRECTORY]
        waiting = [folder for folder in below if folder not in done]
        if waiting:
            stack += waiting
            continue
        done[here] = _without(writer, here, before, blobs, done)
        stack.pop()
    return done[oid]


def _without(
    writer: "PackWriter", oid: str, before: Tree, blobs: frozenset[str], done: dict[str, str]
) -> str:
    after = {}
    for name, (mode, raw) in before.items():
        if mode == DIRECTORY:
            if inner := done[raw.hex()]:
                after[name] = (mode, bytes.fromhex(inner))
        elif mode == SUBMODULE or raw.hex() not in blobs:
            after[name] = (mode, raw)
    if after == before:
        return oid
    return writer.add("tree", dump_tree(after)) if after else ""


def _commit(data: bytes, tree: str, parents: Sequence[str]) -> bytes:
    """Write a commit with another tree and other parents; everything else stays, byte for byte."""
    head, separator, message = data.partition(b"\n\n")
    kept = [
        line
        for line in _SIGNED.sub(b"", b"\n" + head).split(b"\n")[1:]
        if not line.startswith((b"tree ", b"parent "))
    ]
    lines = [f"tree {tree}".encode(), *(f"parent {parent}".encode() for parent in parents), *kept]
    return b"\n".join(lines) + separator + message
