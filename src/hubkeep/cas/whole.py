"""Large files kept as one blob, byte for byte."""

import hashlib
from pathlib import Path

import sqlalchemy as sa

from hubkeep.cas.errors import BytesGone
from hubkeep.cas.link import link
from hubkeep.cas.queries import naming
from hubkeep.cas.tables import objects
from hubkeep.kit import Job, WriteTx
from hubkeep.storage import BlobNotFound, Blobs, DigestMismatch

CONVERT_AFTER = 60.0  # seconds: whoever uploads many files has the cores and the disk to themselves


def blob_key(sha256: str) -> str:
    """Return the key of the blob that holds the whole content."""
    return f"lfs/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def keep_whole(blobs: Blobs, path: Path, sha256: str | None = None) -> tuple[str, int]:
    """Move a finished file into the store; return its sha256 and size in bytes. Nothing names it yet: `link_whole` does.

    Hold no transaction meanwhile: it reads the file (unless `sha256` was computed while receiving it) and syncs it.
    """
    size = path.stat().st_size
    sha256 = sha256 or _sha256(path)
    stat = blobs.adopt(blob_key(sha256), path)
    if stat.size != size:
        raise DigestMismatch(want=f"{size} bytes", got=f"{stat.size} bytes")
    return sha256, size


def link_whole(tx: WriteTx, blobs: Blobs, repo_id: int, user_id: int | None, sha256: str, size: int) -> None:
    """Let the repository hold the stored blob. Raises BytesGone when it was collected since `keep_whole`."""
    naming(tx)
    try:
        blobs.stat(blob_key(sha256))
    except BlobNotFound:
        raise BytesGone(what=sha256) from None
    link(tx, repo_id, user_id, sha256, size, whole=True)
    if tx.sql.execute(sa.select(objects.c.xet_hash).where(objects.c.sha256 == sha256)).scalar() is None:
        tx.enqueue(Job("cas.convert", {"sha256": sha256}, CONVERT_AFTER))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
