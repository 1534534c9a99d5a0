from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.tools.schema import with_tables
from tests.unit.cas.build import Cut, File, shard

from hubkeep import cas
from hubkeep.kit import Database
from hubkeep.storage import LocalBlobs

ADA, EVE = 1, 2


@dataclass
class Store:
    """A database and a blob folder without anything above them; repositories and users are numbers."""

    db: Database
    blobs: LocalBlobs
    scratch: Path

    def keep(self, content: bytes, repo_id: int = 1, user_id: int = ADA) -> str:
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

    def send_xorb(self, name: str, body: bytes, user_id: int = ADA, piece: int = 100_000) -> bool:
        """Upload a xorb, in pieces, as it arrives from the network."""
        with cas.XorbUpload(self.scratch, name) as upload:
            for start in range(0, len(body), piece):
                upload.write([body[start : start + piece]])
            table = upload.finish()
            cas.keep_xorb(self.db, self.blobs, upload.path, table)
            with self.db.write() as tx:
                return cas.note_xorb(tx, self.blobs, user_id, table)

    def register(
        self,
        body: bytes,
        repo_id: int = 1,
        user_id: int = ADA,
        reads: tuple[int, ...] = (),
        limit: int = 1 << 40,
    ) -> bool:
        """Register a shard; `reads` are the repositories that the user may read."""
        files = cas.read_shard(body)
        proven = cas.prove_files(
            self.db, self.blobs, files, user_id, readable(*reads), limit, lambda *_: None
        )
        with self.db.write() as tx:
            return cas.register_files(tx, repo_id, user_id, proven)

    def upload(
        self, data: bytes, repo_id: int = 1, user_id: int = ADA, schemes: tuple[int, ...] = (0, 1, 2)
    ) -> Cut:
        """Upload content as a Xet client does, as one xorb."""
        cut = Cut(data)
        self.send_xorb(cut.xorb, cut.body(schemes), user_id)
        self.register(shard(File.of(cut)), repo_id, user_id)
        return cut

    def read(self, repo_id: int, sha256: str, start: int = 0, length: int | None = None) -> bytes:
        stored = self.held(repo_id, sha256)[sha256]
        length = stored.size if length is None else length
        return b"".join(cas.read_range(self.db, self.blobs, stored, start, length))

    def dedup(self, chunk: bytes, *reads: int) -> bytes | None:
        with self.db.read() as tx:
            return cas.dedup_shard(tx, "secret", chunk, readable(*reads), 1_800_000_000, 3600)

    def count(self, table: str) -> int:
        with self.db.read() as tx:
            return int(tx.sql.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())

    def rows(self) -> dict[str, int]:
        """How many rows every table of the room has: a refusal must not change it."""
        tables = ("objects", "repo_objects", "xorbs", "xorb_uploads", "xet_files", "xorb_uses", "xet_dedup")
        return {table: self.count(table) for table in tables}


def readable(*repo_ids: int) -> sa.Select[tuple[int]]:
    """The sub-query by which the repos room tells what somebody may read."""
    if not repo_ids:
        return sa.select(sa.literal(-1))
    return (
        sa.union_all(*(sa.select(sa.literal(number).label("id")) for number in repo_ids)).subquery().select()
    )


@pytest.fixture
def store(tmp_path):
    db = Database(with_tables(f"sqlite:///{tmp_path}/hub.sqlite3"))
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    yield Store(db, LocalBlobs(tmp_path / "blobs"), scratch)
    db.close()
