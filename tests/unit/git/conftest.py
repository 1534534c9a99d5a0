"""A git cache in a temporary folder, and one function that commits."""

import itertools
import os
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hubkeep.git import Delete, GitCache, PackWriter, Put, Reader, Written, edit_tree
from hubkeep.storage import LocalBlobs, MemoryBlobs

ADA = ("ada", "ada@example.org")
START = datetime(2024, 1, 1, tzinfo=UTC)
PLAIN = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


def git(directory: Path, *arguments: str, stdin: bytes = b"", check: bool = True) -> bytes:
    """Run the real git, without anybody's configuration."""
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-C", str(directory), *arguments],
        input=stdin,
        capture_output=True,
        env=PLAIN,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"git {arguments}: {done.stderr.decode()}")
    return done.stdout


@dataclass
class Lab:
    """A cache with one repository (number 1), whose published packs are listed in `names`."""

    cache: GitCache
    names: list[str] = field(default_factory=list)
    clock: itertools.count = field(default_factory=itertools.count)
    repo: int = 1

    def reader(self, need: str | None, pending: list[str] | None = None):
        return self.cache.reader(self.repo, need, lambda: self.names, pending or [])

    def commit(
        self,
        files: dict[str, bytes | None],
        *parents: str,
        message: str = "a change",
        when: datetime | None = None,
        publish: bool = True,
    ) -> str:
        """Commit on top of the first parent; None deletes."""
        moment = when or START + timedelta(minutes=next(self.clock))
        need = parents[0] if parents else None
        with self.reader(need) as reader, PackWriter(self.cache.scratch, reader.contains) as writer:
            base = reader.commit(need).tree if need else None
            edits = {
                path: Delete() if data is None else Put(writer.add("blob", data))
                for path, data in files.items()
            }
            tree = edit_tree(reader, writer, base, edits)
            oid = writer.add_commit(tree, parents, ADA, message, moment)
            written = writer.finish()
            packs = [self.cache.store(self.repo, *written).name] if written else []
        if publish:
            self.names += packs
        self.last_packs = packs
        return oid

    def files(self, oid: str) -> dict[str, bytes]:
        with self.reader(oid) as reader:
            return contents(reader, oid)

    def git(self, *arguments: str, stdin: bytes = b"", check: bool = True) -> bytes:
        """Run git in the cached repository."""
        return git(self.cache.fetch(self.repo, self.names).directory, *arguments, stdin=stdin, check=check)


def contents(reader: Reader, oid: str) -> dict[str, bytes]:
    entries = reader.walk(oid, "", recursive=True, after=None, limit=100_000)
    return {entry.path: reader.blob(entry.oid) for entry in entries if entry.kind == "file"}


def finish(writer: PackWriter) -> Written:
    """Finish a pack that is known to hold something."""
    written = writer.finish()
    assert written is not None
    return written


class NothingOlder:
    """For `PackWriter.written`, when everything asked for is in the pack itself."""

    def blob(self, oid: str) -> bytes:
        raise AssertionError(oid)


def make_cache(folder: Path, kind: str = "local") -> GitCache:
    scratch = folder / "tmp"
    scratch.mkdir(exist_ok=True)
    blobs = LocalBlobs(folder / "blobs") if kind == "local" else MemoryBlobs()
    return GitCache(folder / "git-cache", blobs, scratch)


@pytest.fixture(params=["local", "memory"])
def lab(request, tmp_path):
    """Packs in a folder (linked into the cache) and packs elsewhere (downloaded into it)."""
    return Lab(make_cache(tmp_path, request.param))


@pytest.fixture
def one(tmp_path):
    """Packs in a folder."""
    return Lab(make_cache(tmp_path))
