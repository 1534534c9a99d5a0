"""Merge small packs: every pack is a file to open, and a hundred small ones are slow to read."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hubkeep.git.command import run
from hubkeep.git.types import Pack

# A pack stays as it is when it is this many times as large as all smaller ones together, so that what was merged
# once is seldom written again. Source: `git repack --geometric`.
FACTOR = 2


@dataclass(frozen=True, slots=True)
class Merged:
    """A new pack, and the names of those whose objects it all has."""

    pack: Pack
    gone: tuple[str, ...]


def worth_merging(sizes: Mapping[str, int]) -> list[str]:
    """Return the packs to merge, by their sizes in bytes: the small end, or nothing."""
    ordered = sorted(sizes, key=lambda name: (sizes[name], name))
    below = sum(sizes.values())
    for position in range(len(ordered) - 1, 0, -1):
        below -= sizes[ordered[position]]
        if sizes[ordered[position]] < FACTOR * below:
            return ordered[: position + 1]
    return []


def merge(directory: Path, names: Sequence[str], scratch: Path) -> tuple[Path, Path, Path]:
    """Write one pack with every object of `names`, reachable or not; return (folder to remove, pack, index).

    Raises:
        GitFailed: nothing was written.
    """
    folder = Path(tempfile.mkdtemp(prefix="merge-", dir=scratch))
    try:
        listed = "".join(f"{name}.pack\n" for name in names).encode()
        made = run(
            directory,
            "pack-objects",
            "--stdin-packs",
            "--delta-base-offset",
            "-q",
            str(folder / "pack"),
            stdin=listed,
            config=["pack.threads=1", "pack.windowMemory=128m"],
        )
        stem = folder / f"pack-{made.decode().strip()}"
        return folder, stem.with_suffix(".pack"), stem.with_suffix(".idx")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
