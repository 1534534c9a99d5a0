"""Give whole blobs a Xet hash: cut them into chunks and note xorbs whose content lies in the blob itself.

No byte is copied: the records of such a xorb are made up when somebody fetches it. Source: xet contract 6.4.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa

from hubkeep.cas.chunking import chunks
from hubkeep.cas.hashing import HASH_BYTES, MerkleTree, chunk_hash, file_hash, to_hex, xorb_hash
from hubkeep.cas.queries import insert_new, naming
from hubkeep.cas.recipes import TERM, note_uses
from hubkeep.cas.tables import objects, xet_files, xorbs
from hubkeep.cas.whole import blob_key
from hubkeep.cas.xorb_format import MAX_CHUNKS, MAX_CONTENT, RECORD_HEADER
from hubkeep.kit import Database, now
from hubkeep.storage import Blobs


@dataclass
class _Group:
    """Chunks that make one xorb, and where the first of them lies in the blob."""

    at: int
    hashes: bytearray = field(default_factory=bytearray)
    sizes: list[int] = field(default_factory=list)
    size: int = 0

    def is_full(self, more: int) -> bool:
        """Return whether a chunk of `more` bytes belongs to the next xorb; clients cut the same way."""
        return bool(self.sizes) and (self.size + more > MAX_CONTENT or len(self.sizes) == MAX_CHUNKS)

    def add(self, chunk: bytes) -> None:
        """Append a chunk."""
        self.hashes += chunk_hash(chunk)
        self.sizes.append(len(chunk))
        self.size += len(chunk)

    def ends(self) -> bytes:
        """Pack where records and chunks end, as if the body were there."""
        content = np.cumsum(self.sizes, dtype=np.int64)
        body = content + RECORD_HEADER * np.arange(1, len(self.sizes) + 1)
        return np.stack([body, content], axis=1).astype("<u4").tobytes()


def convert(db: Database, blobs: Blobs, sha256: str) -> str | None:
    """Make the object downloadable by Xet too; return its Xet hash, or None when it has no bytes or no whole blob.

    Idempotent, and the same for everybody: who uploads these bytes by Xet later is told that the chunks are here.
    """
    with db.read() as tx:
        row = tx.sql.execute(sa.select(objects).where(objects.c.sha256 == sha256)).first()
    if row is None or not row.whole or row.xet_hash is not None or not row.size:
        return None if row is None else row.xet_hash
    tree, terms = MerkleTree(), list[tuple[int, int, int, int]]()
    first = None
    for group in _groups(blobs, sha256):
        tree.add(bytes(group.hashes), group.sizes)
        xorb_id = _note_xorb(db, sha256, group)
        first = first or (bytes(group.hashes[:HASH_BYTES]), xorb_id)
        terms.append((xorb_id, 0, len(group.sizes), group.size))
    name = to_hex(file_hash(tree))
    recipe = {"hash": name, "sha256": sha256, "size": row.size, "terms": np.array(terms, TERM).tobytes()}
    with db.write() as tx:
        naming(tx)
        if insert_new(tx, xet_files, [{**recipe, "created_at": now()}]):
            note_uses(tx, name, first)
        here = objects.c.sha256 == sha256
        tx.sql.execute(sa.update(objects).where(here, objects.c.xet_hash.is_(None)).values(xet_hash=name))
    return name


def _groups(blobs: Blobs, sha256: str) -> Iterator[_Group]:
    with blobs.open(blob_key(sha256)) as source:
        group = _Group(0)
        for chunk in chunks(source):
            if group.is_full(len(chunk)):
                yield group
                group = _Group(group.at + group.size)
            group.add(chunk)
        if group.sizes:
            yield group


def _note_xorb(db: Database, sha256: str, group: _Group) -> int:
    """Return the number of the xorb with these chunks, noted now unless the hub has one."""
    hashes, ends = bytes(group.hashes), group.ends()
    name = to_hex(xorb_hash(hashes, group.sizes))
    row = {"hash": name, "source": sha256, "source_at": group.at, "ends": ends, "hashes": hashes}
    sizes = {"bytes": group.size + RECORD_HEADER * len(group.sizes), "size": group.size}
    with db.write() as tx:
        naming(tx)
        insert_new(tx, xorbs, [{**row, **sizes, "created_at": now()}])
        return int(tx.sql.execute(sa.select(xorbs.c.id).where(xorbs.c.hash == name)).scalar_one())
