"""Check what the blob store holds of a repository: every pack whole, every object sound, nothing missing below a ref."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hubkeep.git.bare import link_or_copy, make_bare
from hubkeep.git.cache import key
from hubkeep.git.command import command, environment
from hubkeep.storage import BlobNotFound, Blobs

MAX_COMPLAINTS = 20
COPY_BYTES = 1 << 20
# Opinions about how objects are written, and what git says when all is well: no damage.
_HARMLESS = re.compile(r"(?:error|warning) in \w+ [0-9a-f]{40}:|notice:|dangling |unreachable |warning: ")


def fsck(
    blobs: Blobs, scratch: Path, repo_id: int, packs: Mapping[str, int], refs: Mapping[str, str]
) -> Iterator[str]:
    """Yield what is wrong with a repository, in git's words where git found it; nothing when all is well.

    `packs` maps the published packs to the bytes of their two files, `refs` full names to ids. The cache is not looked at:
    the blobs are what counts.
    """
    here = []
    for name, size in packs.items():
        try:
            found = sum(blobs.stat(key(repo_id, name, suffix)).size for suffix in ("pack", "idx"))
        except BlobNotFound as missing:
            yield f"pack {name} is missing: {missing}"
            continue
        if found != size:
            yield f"pack {name} has {found} bytes instead of {size}"
        here.append(name)
    folder = Path(tempfile.mkdtemp(prefix="fsck-", dir=scratch))
    try:
        yield from _ask_git(_assemble(blobs, folder, repo_id, here, refs))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _assemble(
    blobs: Blobs, folder: Path, repo_id: int, packs: Sequence[str], refs: Mapping[str, str]
) -> Path:
    """Make a repository of exactly the published packs and refs."""
    directory = folder / "repo.git"
    make_bare(directory)
    for name in packs:
        for suffix in ("pack", "idx"):
            target = directory / "objects" / "pack" / f"{name}.{suffix}"
            local = blobs.local_path(key(repo_id, name, suffix))
            if local is not None:
                link_or_copy(local, target)
                continue
            with blobs.open(key(repo_id, name, suffix)) as body, target.open("wb") as file:
                shutil.copyfileobj(body, file, COPY_BYTES)
    lines = "".join(f"{oid} {name}\n" for name, oid in sorted(refs.items()))
    (directory / "packed-refs").write_text(f"# pack-refs with: sorted \n{lines}")
    return directory


def _ask_git(directory: Path) -> Iterator[str]:
    asked = command(directory, "fsck", "--full", "--no-dangling", "--no-progress")
    said = subprocess.run(
        asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(), check=False
    ).stdout.decode("utf-8", "replace")
    complaints = [
        line.replace(f"{directory}/", "") for line in said.splitlines() if not _HARMLESS.match(line)
    ]
    yield from complaints[:MAX_COMPLAINTS]
    if len(complaints) > MAX_COMPLAINTS:
        yield f"and {len(complaints) - MAX_COMPLAINTS} more complaints of git"
