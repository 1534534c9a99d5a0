"""The difference between two texts that need not be in any repository."""

import subprocess
import tempfile
from pathlib import Path

from hubkeep.git.command import environment
from hubkeep.git.errors import GitFailed

SECONDS = 20  # two megabytes of lines made to be slow take three


def diff_texts(scratch: Path, old: bytes, new: bytes) -> bytes:
    """Return a patch from `old` to `new` in git's format, empty when they are the same.

    By a process of its own: the library would stop every other thread for as long as it takes.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix="diff-") as folder:
        for name, text in (("a", old), ("b", new)):
            Path(folder, name).write_bytes(text)
        try:
            done = subprocess.run(
                ["git", "diff", "--no-index", "--no-color", "--no-ext-diff", "--text", "a", "b"],
                cwd=folder,
                capture_output=True,
                env=environment({"GIT_CEILING_DIRECTORIES": str(scratch)}),
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GitFailed(command="diff", reason=f"it took over {SECONDS} seconds") from None
    if done.returncode not in (0, 1):
        raise GitFailed(command="diff", reason=done.stderr.decode("utf-8", "replace")[:300])
    return done.stdout
