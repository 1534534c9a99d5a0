"""Git bundles: every ref and every object of a repository in one file. Source: git's gitformat-bundle documentation."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from hubkeep.git.bare import make_bare
from hubkeep.git.command import run
from hubkeep.git.errors import BadPack
from hubkeep.git.packed_refs import RefLine, text_of
from hubkeep.git.paths import check_ref_name

SIGNATURE = b"# v2 git bundle\n"
MAX_REFS = 1_000_000
MAX_LINE = 1024
PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Bundle:
    """What the head of a bundle says: full ref names and what they hold. The pack follows in `rest`."""

    refs: dict[str, str]
    rest: IO[bytes] = field(repr=False)

    def pieces(self) -> Iterator[bytes]:
        """Yield the pack."""
        while piece := self.rest.read(PIECE_BYTES):
            yield piece


def write_bundle(directory: Path, target: Path, refs: Iterable[RefLine] | None = None) -> dict[str, str]:
    """Write refs of a bare repository, with everything below them; return them. Nothing is written without refs.

    `refs` are those to write, which may be older than what the repository has by now; all of its own without.

    Raises GitFailed.
    """
    if refs is None:
        return _write(directory, target)
    aside = Path(tempfile.mkdtemp(prefix=".refs-", dir=target.parent))
    try:
        borrowed = {
            "packed-refs": text_of(0, refs).decode(),
            "objects/info/alternates": f"{directory.absolute()}/objects\n",
        }
        make_bare(aside / "git", borrowed)
        return _write(aside / "git", target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(directory: Path, target: Path) -> dict[str, str]:
    if not run(directory, "for-each-ref", "--count=1"):
        return {}
    run(directory, "bundle", "create", "--quiet", str(target), "--all")
    with target.open("rb") as file:
        return read_bundle(file).refs


def read_bundle(file: IO[bytes]) -> Bundle:
    """Read the head of a bundle that somebody brought.

    Raises:
        BadPack: it is none, it builds on commits that are not in it, or names refs that git does not allow.
    """
    if file.readline(len(SIGNATURE)) != SIGNATURE:
        raise BadPack(reason="it is not a git bundle of version 2")
    refs: dict[str, str] = {}
    while True:
        line = file.readline(MAX_LINE)
        if line == b"\n":
            return Bundle(refs, file)
        oid, space, name = line.rstrip(b"\n").decode("utf-8", "replace").partition(" ")
        if not line.endswith(b"\n") or not space or len(refs) >= MAX_REFS:
            raise BadPack(reason="the head of the bundle is broken")
        if oid.startswith("-"):
            raise BadPack(reason="it builds on commits that it does not bring")
        if name == "HEAD":
            continue
        if len(oid) != 40 or not set(oid) <= set("0123456789abcdef"):
            raise BadPack(reason="the head of the bundle is broken")
        if not name.startswith("refs/") or not check_ref_name(name) or name in refs:
            raise BadPack(reason=f"{name[:80]!r} is no name for a ref")
        refs[name] = oid
