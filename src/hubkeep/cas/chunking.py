"""Cutting content into chunks exactly as Xet clients do, with numpy instead of a loop over bytes.

A cut lies behind a byte where the gear hash is under 2^48. A shift by 64 drops a byte, so the hash at a place depends on
the 64 bytes before it only: the candidates are computed for all places at once, then chosen from greedily.
Source: xet contract section 1.
"""

from collections.abc import Iterator
from importlib import resources
from typing import IO

import numpy as np
from numpy.typing import NDArray

MIN_CHUNK = 8 << 10
MAX_CHUNK = 128 << 10
_WINDOW = 64  # bytes that the gear hash sees
_BELOW = np.uint64(1 << 48)
_BLOCK = 32 << 10  # places per pass: the two scratch arrays of 256 KiB stay in a core's cache
_READ_BYTES = 1 << 20


def _read_table() -> NDArray[np.uint64]:
    text = resources.files("hubkeep.cas").joinpath("gear.txt").read_text("ascii")
    values = [int(line.split()[1], 16) for line in text.splitlines() if not line.startswith("#")]
    return np.array(values, np.uint64)


_TABLE = _read_table()


def chunks(source: IO[bytes]) -> Iterator[bytes]:
    """Yield the chunks of everything that `source` reads; memory stays at about 1 MiB."""
    gear = _Gear()
    held, cuts = b"", list[int]()  # the chunk begun so far, and candidates in it
    while block := source.read(_READ_BYTES):
        cuts += [len(held) + place for place in gear.candidates(block)]
        held += block
        start, used = 0, 0
        while (found := _next_cut(cuts, used, start, len(held))) is not None:
            end, used = found
            yield held[start:end]
            start = end
        held, cuts = held[start:], [cut - start for cut in cuts[used:]]
    if held:
        yield held


def _next_cut(cuts: list[int], used: int, start: int, known: int) -> tuple[int, int] | None:
    """Return where the chunk from `start` ends and how many candidates are behind it; None: not known yet."""
    while used < len(cuts) and cuts[used] < start + MIN_CHUNK:
        used += 1
    if used < len(cuts) and cuts[used] <= start + MAX_CHUNK:
        return cuts[used], used + 1
    return (start + MAX_CHUNK, used) if known >= start + MAX_CHUNK else None


class _Gear:
    """Finds the candidates of a stream, block by block."""

    def __init__(self) -> None:
        self._before = bytes(_WINDOW - 1)
        self._hash = np.empty(_BLOCK + _WINDOW - 1, np.uint64)
        self._shifted = np.empty_like(self._hash)

    def candidates(self, block: bytes) -> Iterator[int]:
        """Yield the places in `block`, 1 to its length, behind which a cut is possible.

        The first 63 places of a stream are wrong, and never looked at: no chunk is that short.
        """
        data = np.frombuffer(self._before + block, np.uint8)
        self._before = data[-(_WINDOW - 1) :].tobytes()
        for start in range(0, len(block), _BLOCK):
            window = data[start : start + _BLOCK + _WINDOW - 1]
            hit = np.flatnonzero(self._hashes(window)[_WINDOW - 1 :] < _BELOW)
            yield from (hit + (start + 1)).tolist()

    def _hashes(self, data: NDArray[np.uint8]) -> NDArray[np.uint64]:
        """Sum `table[byte] << age` over 64 bytes by doubling: 1, 2, 4, … 64 bytes, six passes."""
        total = self._hash[: len(data)]
        np.take(_TABLE, data, out=total, mode="clip")
        for distance in (1, 2, 4, 8, 16, 32):
            if distance < len(data):
                shifted = self._shifted[: len(data) - distance]
                np.left_shift(total[:-distance], np.uint64(distance), out=shifted)
                total[distance:] += shifted
        return total
