"""Published test vectors of the Xet formats, and the generators that they name."""

import json
from functools import cache
from pathlib import Path
from typing import Any

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data/xet-vectors.json").read_text())
MASK = (1 << 64) - 1


@cache
def splitmix(length: int, seed: int = 0) -> bytes:
    """Return the SplitMix64 stream: little-endian u64s, cut to `length` bytes."""
    state, out = seed, bytearray()
    while len(out) < length:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        out += (z ^ (z >> 31)).to_bytes(8, "little")
    return bytes(out[:length])
