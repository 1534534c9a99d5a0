"""The refs of a repository as git reads them: one sorted file, written whole whenever the database says they moved.

Source: git's `packed-refs` format; words in its header that git does not know are ignored by it, ours is the version.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_VERSION = re.compile(rb"# pack-refs with: [^\n]* refs-version=(\d+) ")


class RefLine(NamedTuple):
    """A ref: full name, what it holds, and the commit that leads to (another one for an annotated tag)."""

    name: str
    oid: str
    commit_oid: str


def version_in(path: Path) -> int:
    """Return the version of the refs that the file was written for, -1 when there is none."""
    try:
        with path.open("rb") as file:
            found = _VERSION.match(file.read(200))
    except FileNotFoundError:
        return -1
    return int(found[1]) if found else -1


def text_of(version: int, refs: Iterable[RefLine]) -> bytes:
    """Return the file's content."""
    lines = [b"# pack-refs with: peeled fully-peeled sorted refs-version=%d \n" % version]
    for ref in sorted(refs, key=lambda ref: ref.name.encode()):
        lines.append(f"{ref.oid} {ref.name}\n".encode())
        if ref.commit_oid != ref.oid:
            lines.append(f"^{ref.commit_oid}\n".encode())
    return b"".join(lines)
