from dataclasses import dataclass
from pathlib import Path

import pytest

from hubkeep import cas
from hubkeep.kit import Database
from hubkeep.storage import LocalBlobs


@dataclass
class Store:
    """A database and a blob folder without anything above them; repositories and users are numbers."""

    db: Database
    blobs: LocalBlobs
    scratch: Path

    def keep(self, content: bytes, repo_id: int = 1, user_id: int = 1) -> str:
        """Store content as a whole blob, as an LFS upload does; return its sha256."""
        path = self.scratch / "upload"
        path.write_bytes(content)
        sha256, size = cas.keep_whole(self.blobs, path)
        with self.db.write() as tx:
            cas.link_whole(tx, self.blobs, repo_id, user_id, sha256, size)
        return sha256

    def held(self, repo_id: int, *sha256s: str) -> dict[str, cas.StoredObject]:
        with self.db.read() as tx:
            return cas.held(tx, repo_id, sha256s)


@pytest.fixture
def store(tmp_path):
    db = Database(f"sqlite:///{tmp_path}/hub.sqlite3")
    db.create_all()
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    yield Store(db, LocalBlobs(tmp_path / "blobs"), scratch)
    db.close()
