"""Lend a repository to the git command, and let it answer a client that fetches."""

import fcntl
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from hubkeep.git.command import command, environment, run

SERVICE = b"001e# service=git-upload-pack\n0000"
PIPE_BYTES = 1 << 20  # the most that an ordinary process may ask for


@dataclass
class Lent:
    """A bare repository with current refs, in a folder that stays until `close`. `version` is that of its refs."""

    directory: Path
    version: int
    release: Callable[[], None] = field(repr=False)

    def close(self) -> None:
        """Give it back; a second time does nothing."""
        release, self.release = self.release, lambda: None
        release()


def advertisement(directory: Path, protocol: str) -> bytes:
    """Return what a server says first to a client that wants to fetch: its refs, and what it can do.

    In version 2 of the protocol there are no refs in it: it is the same for every repository. Before it, a line names
    the service. Source: `gitprotocol-http`, "smart server response".
    """
    arguments = ["upload-pack", "--strict", "--stateless-rpc", "--http-backend-info-refs", str(directory)]
    said = run(directory, *arguments, extra=_told(protocol))
    return said if said.startswith(b"000eversion 2\n") else SERVICE + said


def upload_pack(
    directory: Path, protocol: str, asked: IO[bytes], complaints: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start the answer to one request of a fetch, which was read into `asked`.

    The process leads a group of its own, so that its helpers can be stopped with it.
    """
    process = subprocess.Popen(
        command(directory, "upload-pack", "--strict", "--stateless-rpc", str(directory)),
        stdin=asked,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env=environment(_told(protocol)),
        process_group=0,
    )
    assert process.stdout is not None
    with suppress(OSError, AttributeError):  # a larger pipe saves wake-ups, where there is such a thing
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return process


def talk_of_fetch(directory: Path, protocol: str) -> subprocess.Popen[bytes]:
    """Start a fetch with a client that stays connected, over SSH: it speaks through the pipes of the process.

    The process leads a group of its own, so that its helpers can be stopped with it.
    """
    return subprocess.Popen(
        command(directory, "upload-pack", "--strict", str(directory)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(_told(protocol)),
        process_group=0,
    )


def _told(protocol: str) -> Mapping[str, str]:
    return {"GIT_PROTOCOL": protocol} if protocol else {}
