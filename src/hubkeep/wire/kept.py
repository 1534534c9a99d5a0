"""A file that is kept under a key of its own, as what an answer is made of."""

from collections.abc import Iterator
from functools import partial

from hubkeep.storage import Blobs
from hubkeep.wire.bytes import FileSlice, Stream

CHUNK = 256 << 10


def kept_source(blobs: Blobs, key: str, size: int) -> FileSlice | Stream:
    """Return the bytes of a blob: the file itself where there is one, else read in pieces as the client takes them."""
    local = blobs.local_path(key)
    return FileSlice(local, 0, size) if local is not None else Stream(partial(_pieces, blobs, key))


def _pieces(blobs: Blobs, key: str, start: int, length: int) -> Iterator[bytes]:
    with blobs.open(key, start, length) as body:
        while piece := body.read(CHUNK):
            yield piece
