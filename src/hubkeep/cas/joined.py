"""A large file that arrives in parts in the store itself: joined there, checked here, then a blob without being moved."""

import hashlib
from collections.abc import Mapping
from typing import IO

from hubkeep.cas.multipart import Plan
from hubkeep.cas.whole import blob_key
from hubkeep.storage import DigestMismatch, Parts

_READ = 1 << 20  # bytes


def keep_joined(parts: Parts, upload: str, plan: Plan, tags: Mapping[int, str], sha256: str) -> None:
    """Join the parts (number to tag) and keep the file, if it is what was announced. The upload is over then.

    The store's word for the bytes is not theirs: they are read once and hashed. Hold no transaction meanwhile.

    Raises:
        BlobNotFound: the upload is over already. PartsMissing, PartsRefused: `tags` is not what was received; the upload goes on.
        DigestMismatch: other bytes than announced; nothing was kept, and the upload is over.
    """
    plan.require_all(tags)
    stat = parts.join(upload, tags)
    got = _sha256(parts.read(upload)) if stat.size == plan.size else f"{stat.size:,} bytes"
    if got != sha256:
        parts.drop(upload)
        raise DigestMismatch(want=sha256, got=got)
    parts.settle(upload, blob_key(sha256))


def _sha256(body: IO[bytes]) -> str:
    digest = hashlib.sha256()
    with body:
        while chunk := body.read(_READ):
            digest.update(chunk)
    return digest.hexdigest()
