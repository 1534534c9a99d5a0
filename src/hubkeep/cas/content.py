"""The content of a recipe as a stream of bytes: what the bridge sends to clients without Xet, and what is hashed."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice

from hubkeep.cas.errors import BytesGone
from hubkeep.cas.recipes import Recipe, Term
from hubkeep.cas.xorbs import Xorb, read_chunks, xorbs_by_id
from hubkeep.kit import Database
from hubkeep.storage import Blobs

_LOOK_AHEAD = 64  # terms whose xorb tables are read by one query
_FEW = 4  # chunks: a slice of this many is kept, somebody reads a file bit by bit
_KEPT = 64  # chunks kept, 8 MiB at most


def read_content(
    db: Database, blobs: Blobs, recipe: Recipe, start: int, length: int
) -> Iterator[bytes | memoryview]:
    """Yield `length` bytes of the content from `start`, less at its end; one chunk in memory, and a few kept."""
    end = min(start + length, recipe.size)
    terms = recipe.covering(start, end - start)
    while some := list(islice(terms, _LOOK_AHEAD)):
        with db.read() as tx:
            known = xorbs_by_id(tx, {term.xorb_id for term in some})
        for term in some:
            if term.xorb_id not in known:
                raise BytesGone(what=f"xorb {term.xorb_id}")
            low, high = max(start - term.begin, 0), min(end - term.begin, term.size)
            yield from _slice(blobs, known[term.xorb_id], term, low, high)


def _slice(blobs: Blobs, xorb: Xorb, term: Term, low: int, high: int) -> Iterator[bytes | memoryview]:
    """Yield bytes [low, high) of a term."""
    base = xorb.ends.content(0, term.start)[1]
    first, last = xorb.ends.chunk_at(base + low), xorb.ends.chunk_at(base + high - 1) + 1
    at = xorb.ends.content(0, first)[1] - base  # where the next chunk begins, in bytes of the term
    for chunk in _chunks(blobs, xorb, first, last):
        begin, end = max(low - at, 0), min(high - at, len(chunk))
        yield chunk if end - begin == len(chunk) else memoryview(chunk)[begin:end]
        at += len(chunk)


def _chunks(blobs: Blobs, xorb: Xorb, first: int, last: int) -> Iterator[bytes | memoryview]:
    if last - first > _FEW:
        yield from read_chunks(blobs, xorb, first, last)
        return
    for at in range(first, last):
        yield _kept.get(blobs, xorb, at)


class _Kept:
    """The last chunks read, under their xorb's hash and their number: these two name the bytes, wherever they are."""

    def __init__(self) -> None:
        self._chunks: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, blobs: Blobs, xorb: Xorb, at: int) -> bytes:
        """Return the chunk, read if it is not kept."""
        with self._lock:
            if (known := self._chunks.get((xorb.hash, at))) is not None:
                self._chunks.move_to_end((xorb.hash, at))
                return known
        (chunk,) = read_chunks(blobs, xorb, at, at + 1)
        with self._lock:
            self._chunks[xorb.hash, at] = kept = bytes(chunk)
            while len(self._chunks) > _KEPT:
                self._chunks.popitem(last=False)
        return kept


_kept = _Kept()
