"""Write a picture of few colours as PNG: a palette, and one byte a pixel. Source: the PNG specification, third edition."""

import struct
import zlib
from collections.abc import Sequence

from hubkeep.web.machines.letters import Picture

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS, _WITH_PALETTE = 8, 3


def png(picture: Picture, palette: Sequence[tuple[int, int, int]]) -> bytes:
    """Return the file. `picture` has the number of a colour for every pixel, `palette` 256 colours at most."""
    height, width = picture.shape
    head = struct.pack(">IIBBBBB", width, height, _EIGHT_BITS, _WITH_PALETTE, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in picture)  # the zero: no filter, best for flat colours
    colours = b"".join(bytes(colour) for colour in palette)
    return (
        _SIGNATURE
        + _chunk(b"IHDR", head)
        + _chunk(b"PLTE", colours)
        + _chunk(b"IDAT", zlib.compress(rows, 6))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
