"""Register the files that a shard tells of: nothing in it is believed, everything is recomputed.

The order is from cheap to dear: limits, terms and hashes, then the sha256 of the rebuilt content; rows come last, in one
short transaction. Whatever fails, nothing was changed. Source: xet contract section 7.2.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from hubkeep.cas.ahead import ahead
from hubkeep.cas.check_file import CheckedFile, check_file
from hubkeep.cas.content import read_content
from hubkeep.cas.errors import BadShard
from hubkeep.cas.link import link
from hubkeep.cas.queries import insert_new, naming
from hubkeep.cas.reach import Readable
from hubkeep.cas.recipes import Recipe, note_uses
from hubkeep.cas.shard_format import ShardFile
from hubkeep.cas.tables import xet_files
from hubkeep.kit import Database, TooLarge, WriteTx, now
from hubkeep.storage import Blobs

Progress = Callable[[int, int], None]  # bytes verified, bytes in all; raises to give up
_WORTH_A_THREAD = 16 << 20  # bytes
_STEP = 4 << 20  # bytes between two calls of it


@dataclass(frozen=True)
class ProvenFile:
    """A file of which everything is true, and the sha256 that its content was found to have."""

    checked: CheckedFile
    sha256: str


def prove_files(
    db: Database,
    blobs: Blobs,
    files: Sequence[ShardFile],
    user_id: int,
    readable: Readable,
    max_bytes: int,
    progress: Progress,
) -> list[ProvenFile]:
    """Check files against the xorbs that the user sent or could have been told of through `readable` repositories.

    Raises:
        TooLarge: the terms announce over `max_bytes`, told before anything is hashed: terms may repeat, so a small shard
            can announce terabytes.
        UnknownXorb, BadShard: a claim does not hold.
    """
    total = sum(file.size for file in files)
    if total > max_bytes:
        raise TooLarge(field="The upload", limit=f"{max_bytes:,} bytes")
    alive = partial(progress, 0, total)
    checked = [check_file(db, file, user_id, readable, alive) for file in files]
    proven, verified = [], 0
    for file, claim in zip(checked, files, strict=True):
        sha256 = _proven_before(db, file) or _sha256(db, blobs, file, _shifted(progress, verified, total))
        if claim.sha256 not in (None, sha256):
            raise BadShard(reason=f"file {file.hash} has the sha256 {sha256}, not {claim.sha256}")
        verified += file.size
        progress(verified, total)
        proven.append(ProvenFile(file, sha256))
    return proven


def register_files(tx: WriteTx, repo_id: int, user_id: int, files: Sequence[ProvenFile]) -> bool:
    """Keep the recipes and let the repository hold the files; True when one of the recipes is new.

    A file that is known by other terms keeps those: its content is the same.
    """
    naming(tx)
    fresh = False
    for file in files:
        made = file.checked
        row = {"hash": made.hash, "sha256": file.sha256, "size": made.size, "terms": made.terms}
        if insert_new(tx, xet_files, [{**row, "created_at": now()}]):
            fresh = True
            note_uses(tx, made.hash, made.first_chunk)
        link(tx, repo_id, user_id, file.sha256, made.size, xet_hash=made.hash)
    return fresh


def _proven_before(db: Database, file: CheckedFile) -> str | None:
    """Return the sha256 that this very content was found to have earlier: no need to hash it again."""
    with db.read() as tx:
        return tx.sql.execute(sa.select(xet_files.c.sha256).where(xet_files.c.hash == file.hash)).scalar()


def _sha256(db: Database, blobs: Blobs, file: CheckedFile, progress: Callable[[int], None]) -> str:
    """Rebuild the content and hash it: a client cannot bind somebody else's sha256 to bytes of its own."""
    digest, done, told = hashlib.sha256(), 0, 0
    content = read_content(db, blobs, Recipe(file.terms), 0, file.size)
    for piece in ahead(content) if file.size > _WORTH_A_THREAD else content:
        digest.update(piece)
        done += len(piece)
        if done - told >= _STEP:
            progress(done)
            told = done
    return digest.hexdigest()


def _shifted(progress: Progress, base: int, total: int) -> Callable[[int], None]:
    return lambda done: progress(base + done, total)
