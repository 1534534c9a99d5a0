"""An open repository: its object database, and a shared lock on its folder, so that nobody tidies it away meanwhile."""

import fcntl
import os
from pathlib import Path

import pygit2


class Handle:
    """Open handles may be kept: a second use costs nothing. `lock` is a file descriptor that child processes may hold."""

    def __init__(self, odb: pygit2.Odb, lock: int) -> None:
        self.odb, self.lock = odb, lock

    def close(self) -> None:
        """Let go of the folder."""
        if self.lock >= 0:
            os.close(self.lock)
            self.lock = -1

    def __del__(self) -> None:
        """Let go of the folder when nobody did."""
        self.close()


def open_handle(directory: Path) -> Handle | None:
    """Open the bare repository at `directory`; None when it is not there, or was tidied away while we looked."""
    lock = lock_folder(directory, fcntl.LOCK_SH)
    if lock is None:
        return None
    try:
        os.utime(lock)  # the least recently opened is tidied away first
        return Handle(pygit2.Odb(str(directory / "objects")), lock)
    except (pygit2.GitError, OSError):
        os.close(lock)
        return None


def lock_folder(directory: Path, how: int) -> int | None:
    """Lock a folder and return its descriptor; None when it is gone, or (with LOCK_NB) in use."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, how)
        if os.path.samestat(os.fstat(descriptor), directory.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None
