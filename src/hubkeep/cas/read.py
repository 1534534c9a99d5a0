"""Read a slice of large content, however it is kept."""

from collections.abc import Iterator

from hubkeep.cas.types import StoredObject
from hubkeep.cas.whole import blob_key
from hubkeep.kit import Database
from hubkeep.storage import Blobs

PIECE_BYTES = 256 << 10


def read_range(db: Database, blobs: Blobs, stored: StoredObject, start: int, length: int) -> Iterator[bytes]:
    """Yield `length` bytes of the content from `start`, in pieces of at most 256 KiB; fewer only at its end."""
    del db  # the Xet way reads recipes
    with blobs.open(blob_key(stored.sha256), start, max(0, min(length, stored.size - start))) as body:
        while piece := body.read(PIECE_BYTES):
            yield piece
