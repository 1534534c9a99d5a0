"""The `git` command, in a known environment: no user's or machine's configuration, no prompts, no locale."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hubkeep.git.errors import GitFailed

READ_BYTES = 1 << 18


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment that every git process of ours gets."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        **(extra or {}),
    }


def command(directory: Path, *arguments: str, config: Sequence[str] = ()) -> list[str]:
    """Return the argument list for git in a bare repository of ours, whoever owns the folder."""
    settings = [word for setting in ("safe.directory=*", *config) for word in ("-c", setting)]
    return ["git", *settings, f"--git-dir={directory}", *arguments]


def run(
    directory: Path,
    *arguments: str,
    stdin: bytes = b"",
    extra: Mapping[str, str] | None = None,
    config: Sequence[str] = (),
    seconds: float | None = None,
) -> bytes:
    """Run git to its end and return what it printed; it is ended after `seconds`. Raises GitFailed, TimeoutExpired."""
    done = subprocess.run(
        command(directory, *arguments, config=config),
        input=stdin,
        capture_output=True,
        env=environment(extra),
        check=False,
        timeout=seconds,
    )
    if done.returncode != 0:
        raise failed(arguments[0], done.stderr)
    return done.stdout


@contextmanager
def output(
    directory: Path,
    *arguments: str,
    stdin: IO[bytes] | None = None,
    extra: Mapping[str, str] | None = None,
    config: Sequence[str] = (),
) -> Iterator[IO[bytes]]:
    """Start git and give its output to read; the process is gone when the block ends, read or not.

    Raises:
        GitFailed: it failed, and its output was read to the end.
    """
    process = subprocess.Popen(
        command(directory, *arguments, config=config),
        stdin=stdin if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(extra),
    )
    assert process.stdout is not None
    try:
        yield process.stdout
        if process.stdout.read(1) == b"" and process.wait() != 0:
            raise failed(arguments[0], b"see above")
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def lines(stream: IO[bytes], separator: bytes = b"\n") -> Iterator[bytes]:
    """Yield the records of a stream, without their separator."""
    rest = b""
    while chunk := stream.read(READ_BYTES):
        *whole, rest = (rest + chunk).split(separator)
        yield from whole
    if rest:
        yield rest


def failed(name: str, message: bytes) -> GitFailed:
    """Build the error for a git command that failed, from what it complained about."""
    reason = message.decode("utf-8", "replace").strip().splitlines()
    return GitFailed(command=name, reason=(reason or ["it said nothing"])[-1][:500])


def arguments_from(*groups: Sequence[str]) -> bytes:
    """Join revision arguments for `--stdin`."""
    return b"".join(f"{argument}\n".encode() for group in groups for argument in group)
