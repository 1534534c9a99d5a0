"""Where one repository lives in the cache: paths, the lock, and the moment at which packs become visible."""

import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from hubkeep.git.bare import link_or_copy, make_bare
from hubkeep.git.handle import lock_folder
from hubkeep.git.packed_refs import version_in

_ARRIVING = "arriving"


class Place:
    """The folder of a repository, `{parent}/{id}`, and its neighbours `{id}.lock` and `{id}.pending`."""

    def __init__(self, parent: Path, repo_id: int) -> None:
        self.repo_id = repo_id
        self._parent = parent
        self.directory = parent / str(repo_id)
        self.objects = self.directory / "objects"
        self._pending = parent / f"{repo_id}.pending"
        self._mark = str(self.directory / _ARRIVING)

    def ready(self) -> bool:
        """Tell whether the folder is there."""
        return os.path.exists(self.objects)  # noqa: PTH110  on every read of every file: a third of the time

    def arriving(self) -> bool:
        """Tell whether packs are becoming visible right now, or were when a process died."""
        return os.path.exists(self._mark)  # noqa: PTH110  as above

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be alone in changing this repository, among threads and processes; waits."""
        self._parent.mkdir(exist_ok=True)
        while True:
            with (self._parent / f"{self.repo_id}.lock").open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if _same(file.fileno(), self._parent / f"{self.repo_id}.lock"):
                    yield
                    return

    def make(self) -> None:
        """Create the bare repository, marked as incomplete until packs were taken in."""
        if not self.ready():
            make_bare(self.directory, {_ARRIVING: ""})

    def has(self, name: str) -> bool:
        """Tell whether a pack is in."""
        return (self.objects / "pack" / f"{name}.idx").exists()

    def pack_bytes(self, name: str) -> int:
        """Return the size of a pack that is in."""
        return (self.objects / "pack" / f"{name}.pack").stat().st_size

    def aside(self, name: str) -> Path:
        """Return the folder, laid out as git objects, of a pack that is not in."""
        return self._pending / name

    def is_aside(self, name: str) -> bool:
        """Tell whether a pack was set aside completely."""
        return (self.aside(name) / "pack" / f"{name}.idx").exists()

    def set_aside(self, name: str, pack: Path, idx: Path) -> None:
        """Keep a link to a new pack's files, so that they need not be fetched."""
        folder = self.aside(name) / "pack"
        folder.mkdir(parents=True, exist_ok=True)
        link_or_copy(pack, folder / f"{name}.pack")
        link_or_copy(idx, folder / f"{name}.idx")

    def take_in(self, names: Sequence[str]) -> None:
        """Make packs that were set aside visible, all together. Call it with the lock held."""
        if names:
            Path(self._mark).touch()
        for name in names:
            # The index last: git looks for packs by their index.
            for suffix in ("pack", "idx"):
                (self.aside(name) / "pack" / f"{name}.{suffix}").replace(
                    self.objects / "pack" / f"{name}.{suffix}"
                )
            shutil.rmtree(self.aside(name), ignore_errors=True)
        Path(self._mark).unlink(missing_ok=True)

    def refs_version(self) -> int:
        """Return the version of the refs that git finds here, -1 when there are none."""
        return version_in(self.directory / "packed-refs")

    def write_refs(self, text: bytes, head: str) -> None:
        """Replace the refs, all at once, and say which branch is the default. Call it with the lock held."""
        wanted = f"ref: {head}\n"
        if (self.directory / "HEAD").read_text() != wanted:
            self._replace("HEAD", wanted.encode())
        self._replace("packed-refs", text)

    def _replace(self, name: str, content: bytes) -> None:
        aside = self.directory / f".{name}-new"
        aside.write_bytes(content)
        aside.replace(self.directory / name)

    def drop(self, name: str) -> None:
        """Remove a pack, its index first. Call it with the lock held."""
        for suffix in ("idx", "pack"):
            (self.objects / "pack" / f"{name}.{suffix}").unlink(missing_ok=True)

    def sweep(self, seconds: float) -> None:
        """Remove packs that were set aside long ago and never published."""
        with suppress(FileNotFoundError):  # nothing was ever set aside, or it was taken in while we look
            for folder in self._pending.iterdir():
                if folder.stat().st_mtime < time.time() - seconds:
                    shutil.rmtree(folder, ignore_errors=True)

    def opened_at(self) -> float:
        """Return when somebody last opened it, in seconds."""
        try:
            return self.directory.stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def own_bytes(self) -> int:
        """Add up the files that have no other name: copies, not links to blobs."""
        total = 0
        with suppress(FileNotFoundError):
            for entry in os.scandir(self.objects / "pack"):
                found = entry.stat(follow_symlinks=False)
                total += found.st_size if found.st_nlink == 1 else 0
        return total

    def remove(self) -> None:
        """Remove everything, in use or not."""
        if not self._parent.exists():
            return
        with self.locked():
            _rename_and_remove(self.directory)
            _rename_and_remove(self._pending)
            (self._parent / f"{self.repo_id}.lock").unlink(missing_ok=True)

    def remove_unused(self) -> bool:
        """Remove the local copy unless somebody has it open; tell whether it was removed."""
        with self.locked():
            lock = lock_folder(self.directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if lock is None:
                return False
            _rename_and_remove(self.directory)
            os.close(lock)
            return True


def _rename_and_remove(folder: Path) -> None:
    """Make a folder disappear at once, then delete it."""
    trash = folder.with_name(f".trash-{uuid.uuid4().hex}")
    try:
        folder.rename(trash)
    except FileNotFoundError:
        return
    shutil.rmtree(trash, ignore_errors=True)


def _same(handle: int, path: Path) -> bool:
    """Tell whether the locked file is still the one at `path`: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
