"""Bytes for tests: the same for the same seed, unlike each other for different ones."""

import random
from array import array
from math import sin


def noise(size: int, seed: int) -> bytes:
    """Return bytes that do not compress."""
    return random.Random(seed).randbytes(size)


def mixed(size: int, seed: int) -> bytes:
    """Return half noise, a quarter float32, a quarter text: every way in which a chunk can be packed."""
    quarter = size // 4
    floats = array("f", (sin(seed + i / 997) for i in range(quarter // 4 + 1))).tobytes()[:quarter]
    lines = (f"{seed}: line {i} of a text that compresses well\n" for i in range(quarter // 40))
    text = "".join(lines).encode()[:quarter]
    return noise(size - len(floats) - len(text), seed) + floats + text
