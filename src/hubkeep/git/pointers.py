"""Find pointers to large files in trees and in history."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from hubkeep.git.command import arguments_from, output
from hubkeep.git.types import SYMLINK, PointerAt
from hubkeep.git.walk import everything

if TYPE_CHECKING:
    from hubkeep.git.reader import Reader

MAX_POINTER_BYTES = 1023
# The same text that `hubkeep.cas.read_pointer` reads (a test holds them together: the two rooms do not know each other).
# Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n"
    rb"(?:ext-[0-9]-[A-Za-z0-9_-]+ sha256:[0-9a-f]{64}\n)*"
    rb"oid sha256:([0-9a-f]{64})\n"
    rb"size (0|[1-9][0-9]{0,18})\n"
)


def place_of(oid: str, path: str, blob: bytes) -> PointerAt | None:
    """Return where a pointer stands, or None when the blob is an ordinary file."""
    found = _POINTER.fullmatch(blob) if len(blob) <= MAX_POINTER_BYTES else None
    return PointerAt(oid, path, found[1].decode(), int(found[2])) if found else None


def at_tips(reader: "Reader", tips: Sequence[str]) -> Iterator[PointerAt]:
    """Yield the pointers in the trees of commits, in path order."""
    seen: dict[str, PointerAt | None] = {}
    for tip in dict.fromkeys(tips):
        for entry in everything(reader, tip):
            if entry.kind != "file" or entry.mode == SYMLINK:
                continue
            if entry.oid not in seen:
                small = reader.size(entry.oid) <= MAX_POINTER_BYTES
                seen[entry.oid] = place_of(entry.oid, entry.path, reader.blob(entry.oid)) if small else None
            found = seen[entry.oid]
            if found is not None:
                yield PointerAt(found.oid, entry.path, found.pointer_sha256, found.pointer_size)


def in_history(reader: "Reader", tips: Sequence[str]) -> Iterator[PointerAt]:
    """Yield every pointer reachable from commits, once per blob, with one path at which it stood."""
    reader.require(*tips)
    smalls = f"--filter=combine:object:type=blob+blob:limit={MAX_POINTER_BYTES + 1}"
    with ExitStack() as stack:
        wanted = stack.enter_context(TemporaryFile())
        wanted.write(arguments_from(tips))
        wanted.seek(0)
        listing = stack.enter_context(
            output(reader.directory, "rev-list", "--objects", smalls, "--stdin", stdin=wanted)
        )
        batch = stack.enter_context(
            output(
                reader.directory,
                "cat-file",
                "--batch=%(objectname) %(objecttype) %(objectsize) %(rest)",
                stdin=listing,
            )
        )
        yield from pointers_of(batch)


def pointers_of(batch: IO[bytes]) -> Iterator[PointerAt]:
    """Read the output of `git cat-file --batch`, records of `oid type size path`."""
    while header := batch.readline():
        oid, kind, size, path = [*header.rstrip(b"\n").split(b" ", 3), b"", b"", b""][:4]
        if not size.isdigit():
            continue  # `oid missing`: cannot be, rev-list found it
        data = batch.read(int(size) + 1)[:-1]
        if kind == b"blob":
            found = place_of(oid.decode(), path.decode("utf-8", "replace"), data)
            if found is not None:
                yield found
