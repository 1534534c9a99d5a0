"""Check what a shard says of a file against the hub's own xorb tables: terms, range hashes, the file's hash.

Source: xet contract section 7.2.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from hubkeep.cas.chunking import MIN_CHUNK
from hubkeep.cas.errors import BadShard, BytesGone, UnknownXorb
from hubkeep.cas.hashing import HASH_BYTES, MerkleTree, file_hash, range_hash, to_hex
from hubkeep.cas.reach import Readable, usable_xorbs
from hubkeep.cas.recipes import TERM
from hubkeep.cas.shard_format import ShardFile
from hubkeep.cas.tables import xorbs
from hubkeep.cas.xorb_format import Ends
from hubkeep.kit import Database

_BREATH = 1000  # terms
_TABLES = 64  # xorb tables in memory at once, 330 KB each at most


@dataclass(frozen=True)
class CheckedFile:
    """A file whose terms make the hash it claims. `terms` are packed with the numbers of our xorbs."""

    hash: str
    size: int
    terms: bytes
    first_chunk: tuple[bytes, int] | None  # raw hash, and the number of the xorb that has it


def check_file(
    db: Database, file: ShardFile, user_id: int, readable: Readable, alive: Callable[[], None]
) -> CheckedFile:
    """Check one file; `alive` is called now and then and raises to give up.

    Raises:
        UnknownXorb: a term names a xorb that the user neither sent nor could have been told of.
        BadShard: a term, a range hash or the file's hash is not true.
    """
    _check_work(file)
    names = [to_hex(raw.tobytes()) for raw in np.unique(file.terms["xorb"])]
    with db.read() as tx:
        ids = usable_xorbs(tx, names, user_id, readable)
    tables, tree, first = _Tables(db), MerkleTree(), None
    for at, term in enumerate(file.terms):
        if at % _BREATH == 0:
            alive()
        name = to_hex(term["xorb"].tobytes())
        if name not in ids:
            raise UnknownXorb(hash=name)
        hashes, sizes = _check_term(tables, ids[name], at, term, file.proofs[at].tobytes())
        tree.add(hashes, sizes)
        first = first or (hashes[:HASH_BYTES], ids[name])
    claimed, made = to_hex(file.hash), to_hex(file_hash(tree))
    if made != claimed:
        raise BadShard(reason=f"the terms of file {claimed} make the file {made}")
    return CheckedFile(made, file.size, _packed(file, ids), first)


def _check_work(file: ShardFile) -> None:
    """Refuse far more chunks than the content can have: each takes work, and terms may name the same ones many times.

    Only the last chunk of a file, and of what was once a file, is shorter than the minimum.
    """
    chunks = int((file.terms["end"].astype(np.int64) - file.terms["start"]).clip(0).sum())
    if chunks > file.size // MIN_CHUNK + len(file.terms) + 1:
        raise BadShard(reason=f"file {to_hex(file.hash)} has {chunks:,} chunks for {file.size:,} bytes")


def _check_term(
    tables: "_Tables", xorb_id: int, at: int, term: np.void, proof: bytes
) -> tuple[bytes, list[int]]:
    """Return hashes and sizes of the term's chunks."""
    start, end, size = int(term["start"]), int(term["end"]), int(term["size"])
    ends, table = tables.get(xorb_id)
    if not start < end <= len(ends):
        raise BadShard(reason=f"term {at} names chunks {start} to {end} of a xorb with {len(ends)}")
    low, high = ends.content(start, end)
    if high - low != size:
        raise BadShard(reason=f"term {at} announces {size:,} bytes, its chunks have {high - low:,}")
    hashes = table[HASH_BYTES * start : HASH_BYTES * end]
    if range_hash(hashes) != proof:
        raise BadShard(reason=f"the verification hash of term {at} is wrong")
    return hashes, ends.sizes(start, end)


def _packed(file: ShardFile, ids: dict[str, int]) -> bytes:
    packed = np.empty(len(file.terms), TERM)
    names, inverse = np.unique(file.terms["xorb"], return_inverse=True)
    numbers = np.array([ids[to_hex(raw.tobytes())] for raw in names], np.int64)
    packed["xorb"] = numbers[inverse] if len(numbers) else 0
    for column in ("start", "end", "size"):
        packed[column] = file.terms[column]
    return packed.tobytes()


class _Tables:
    """Chunk tables of xorbs, the last ones used kept."""

    def __init__(self, db: Database) -> None:
        self._db, self._kept = db, OrderedDict[int, tuple[Ends, bytes]]()

    def get(self, xorb_id: int) -> tuple[Ends, bytes]:
        """Return ends and packed hashes of the xorb. Raises BytesGone."""
        if xorb_id in self._kept:
            self._kept.move_to_end(xorb_id)
            return self._kept[xorb_id]
        with self._db.read() as tx:
            row = tx.sql.execute(sa.select(xorbs.c.ends, xorbs.c.hashes).where(xorbs.c.id == xorb_id)).first()
        if row is None:
            raise BytesGone(what=f"xorb {xorb_id}")
        self._kept[xorb_id] = Ends(row.ends), row.hashes
        if len(self._kept) > _TABLES:
            self._kept.popitem(last=False)
        return self._kept[xorb_id]
