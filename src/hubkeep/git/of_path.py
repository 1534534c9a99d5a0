"""The history of one path: which commits touched it, and which commit wrote each of its lines. Asked of git, within bounds."""

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubkeep.git.command import run
from hubkeep.git.errors import GitSlow

if TYPE_CHECKING:
    from hubkeep.git.reader import Reader

SECONDS = 10.0  # a history that takes longer is not searched on a page
_LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}
_LINE = re.compile(rb"([0-9a-f]{40}) \d+ (\d+)(?: (\d+))?")


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that follow each other and were written by one commit. `first` counts from 1."""

    commit: str
    first: int
    count: int


def log_of(reader: "Reader", oid: str, path: str, *, skip: int, limit: int) -> list[str]:
    """Return the ids of commits that changed what is at `path`, newest first; renames are not followed. Raises GitSlow."""
    reader.require(oid)
    numbers = [f"--skip={skip}", f"--max-count={limit}"]
    return _run(reader, "rev-list", *numbers, "--end-of-options", oid, "--", path).decode().split()


def blame(reader: "Reader", oid: str, path: str) -> list[Lines]:
    """Return who wrote the lines of a file, in order; renames of the whole file are followed. Raises GitSlow, GitFailed."""
    reader.require(oid)
    found: list[Lines] = []
    for line in _run(reader, "blame", "--porcelain", oid, "--", path).split(b"\n"):
        head = _LINE.match(line)
        if (
            head is None or head[3] is None
        ):  # content, what is told of a commit, or a line of a group that began before
            continue
        here = Lines(head[1].decode(), int(head[2]), int(head[3]))
        last = found[-1] if found else None
        if last is not None and last.commit == here.commit and last.first + last.count == here.first:
            found[-1] = Lines(last.commit, last.first, last.count + here.count)
        else:
            found.append(here)
    return found


def between(reader: "Reader", base: str, head: str, *, limit: int) -> list[str]:
    """Return the ids of commits that are behind `head` and not behind `base`, newest first. Raises GitSlow."""
    reader.require(base, head)
    return (
        _run(reader, "rev-list", f"--max-count={limit}", "--end-of-options", head, f"^{base}")
        .decode()
        .split()
    )


def _run(reader: "Reader", *arguments: str) -> bytes:
    try:
        return run(reader.directory, *arguments, extra=_LITERAL, seconds=SECONDS)
    except subprocess.TimeoutExpired:
        raise GitSlow(seconds=int(SECONDS)) from None
