"""Global deduplication: a client asks for a chunk and learns of a xorb that has it, by keyed hashes only.

Source: xet contract sections 4, 5.1 and 7.3.
"""

import hashlib
import hmac
from collections.abc import Collection

import sqlalchemy as sa

from hubkeep.cas.hashing import askable
from hubkeep.cas.queries import batches, insert_new
from hubkeep.cas.reach import Readable, reachable
from hubkeep.cas.shard_format import write_dedup_shard
from hubkeep.cas.tables import xet_dedup, xorbs
from hubkeep.cas.xorb_format import Ends
from hubkeep.kit import ReadTx, WriteTx

_CANDIDATES = 64  # xorbs with the same chunk that are looked at, the newest first
_KEY_SECONDS = 7 * 24 * 3600  # clients keep one look-up table per key: few keys, and none for ever


def dedup_shard(
    tx: ReadTx, secret: str, chunk: bytes, readable: Readable, moment: int, seconds: int
) -> bytes | None:
    """Return a shard that tells of a xorb with this chunk, or None: no such xorb, or none that the user may know of.

    `moment` is now in Unix seconds; the client may rely on the answer for `seconds`.
    """
    newest = (
        sa.select(xet_dedup.c.xorb_id)
        .where(xet_dedup.c.chunk == chunk)
        .order_by(xet_dedup.c.xorb_id.desc())
        .limit(_CANDIDATES)
    )
    columns = (xorbs.c.hash, xorbs.c.hashes, xorbs.c.ends, xorbs.c.bytes)
    query = sa.select(*columns).where(xorbs.c.id.in_(newest), reachable(readable)).limit(1)
    row = tx.sql.execute(query).first()
    if row is None:
        return None
    ends = Ends(row.ends)
    sizes = ends.sizes(0, len(ends))
    return write_dedup_shard(
        row.hash, row.hashes, sizes, row.bytes, dedup_key(secret, moment), moment, moment + seconds
    )


def dedup_key(secret: str, moment: int) -> bytes:
    """Return the key of the week: the same for everybody, and nobody's to guess."""
    week = moment // _KEY_SECONDS
    return hmac.digest(secret.encode(), f"xet-dedup {week}".encode(), hashlib.sha256)


def note_askable(tx: WriteTx, xorb_ids: Collection[int], first_chunk: tuple[bytes, int] | None) -> None:
    """Let clients find these xorbs by the chunks they ask for: one in 1,024, and the first of each file."""
    rows = [] if first_chunk is None else [{"chunk": first_chunk[0], "xorb_id": first_chunk[1]}]
    for batch in batches(xorb_ids):
        for row in tx.sql.execute(sa.select(xorbs.c.id, xorbs.c.hashes).where(xorbs.c.id.in_(batch))):
            rows += [{"chunk": chunk, "xorb_id": row.id} for chunk in askable(row.hashes)]
    insert_new(tx, xet_dedup, rows)
