"""The bytes of a xorb: chunk records, each an 8-byte header and a payload that may be compressed.

Source: xet contract section 3.
"""

from dataclasses import dataclass

import numpy as np
from lz4.frame import LZ4FrameDecompressor
from numpy.typing import NDArray

from hubkeep.cas.chunking import MAX_CHUNK
from hubkeep.cas.errors import BadXorb
from hubkeep.cas.hashing import chunk_hash, to_hex, xorb_hash

RECORD_HEADER = 8
MAX_CHUNKS = 8192
MAX_CONTENT = 64 << 20  # bytes of chunks in one xorb, uncompressed
MAX_PAYLOAD = 256 << 10  # bytes of one chunk, as sent
MAX_BODY = MAX_CONTENT + RECORD_HEADER * MAX_CHUNKS
MAX_FOOTER = 1 << 20  # older clients append a footer of 92 + 40 bytes a chunk; it is never kept
_FOOTER = (b"XETBLOB\x00", b"XETBLOB\x01")
_PLAIN, _LZ4, _BG4_LZ4 = 0, 1, 2


class Ends:
    """Where each chunk of a xorb ends, in the body and in the content. Packed: two u32 a chunk."""

    def __init__(self, packed: bytes) -> None:
        self._ends: NDArray[np.uint32] = np.frombuffer(packed, "<u4").reshape(-1, 2)

    def __len__(self) -> int:
        """Return the number of chunks."""
        return len(self._ends)

    def body(self, start: int, end: int) -> tuple[int, int]:
        """Return where the records of chunks [start, end) begin and end in the body."""
        return self._edge(start, 0), self._edge(end, 0)

    def content(self, start: int, end: int) -> tuple[int, int]:
        """Return where chunks [start, end) begin and end in the content."""
        return self._edge(start, 1), self._edge(end, 1)

    def sizes(self, start: int, end: int) -> list[int]:
        """Return the uncompressed bytes of chunks [start, end)."""
        edges = np.concatenate(([self._edge(start, 1)], self._ends[start:end, 1]))
        return [int(size) for size in np.diff(edges.astype(np.int64))]

    def chunk_at(self, place: int) -> int:
        """Return the chunk that holds the byte at `place` of the content."""
        return int(np.searchsorted(self._ends[:, 1], place, side="right"))

    def record_at(self, place: int) -> int:
        """Return the chunk whose record holds the byte at `place` of the body."""
        return int(np.searchsorted(self._ends[:, 0], place, side="right"))

    def _edge(self, chunk: int, column: int) -> int:
        return int(self._ends[chunk - 1, column]) if chunk else 0


@dataclass(frozen=True)
class XorbTable:
    """What is known of a xorb whose every byte was checked: its hash, and packed tables of its chunks."""

    hash: str
    hashes: bytes
    ends: bytes
    body_bytes: int
    content_bytes: int


class XorbCheck:
    """Checks a xorb while it arrives: give it the bytes in any pieces, it keeps less than one record of them."""

    def __init__(self) -> None:
        self._rest = b""
        self._footer = -1  # bytes of footer seen, -1: not there yet
        self._hashes = bytearray()
        self._ends: list[tuple[int, int]] = []
        self._body = self._content = 0

    def feed(self, block: bytes) -> memoryview:
        """Check what is complete and return it: these bytes are the body, without a footer. Raises BadXorb."""
        if self._footer >= 0:
            self._skip(len(block))
            return memoryview(b"")
        data = memoryview(self._rest + block if self._rest else block)
        at = 0
        while len(data) - at >= RECORD_HEADER:
            if data[at] != 0 and bytes(data[at : at + RECORD_HEADER]) in _FOOTER:
                self._footer = 0
                self._skip(len(data) - at)
                self._rest = b""
                return data[:at]
            scheme, payload, size = parse_header(data[at : at + RECORD_HEADER])
            end = at + RECORD_HEADER + payload
            if end > len(data):
                break
            self._add(scheme, data[at + RECORD_HEADER : end], size)
            at = end
        self._rest = bytes(data[at:])
        return data[:at]

    def finish(self) -> XorbTable:
        """Return the table of a complete xorb. Raises BadXorb."""
        if self._rest:
            raise BadXorb(reason=f"it ends in the middle of chunk {len(self._ends)}")
        if not self._ends:
            raise BadXorb(reason="it has no chunks")
        ends = np.array(self._ends, "<u4").tobytes()
        hashes = bytes(self._hashes)
        name = to_hex(xorb_hash(hashes, Ends(ends).sizes(0, len(self._ends))))
        return XorbTable(name, hashes, ends, self._body, self._content)

    def _add(self, scheme: int, payload: memoryview, size: int) -> None:
        self._body += RECORD_HEADER + len(payload)
        self._content += size
        if self._content > MAX_CONTENT:
            raise BadXorb(reason=f"its chunks have more than {MAX_CONTENT:,} bytes")
        if len(self._ends) == MAX_CHUNKS:
            raise BadXorb(reason=f"it has more than {MAX_CHUNKS:,} chunks")
        self._hashes += chunk_hash(unpack(scheme, payload, size))
        self._ends.append((self._body, self._content))

    def _skip(self, count: int) -> None:
        self._footer += count
        if self._footer > MAX_FOOTER:
            raise BadXorb(reason=f"its footer has more than {MAX_FOOTER:,} bytes")


def parse_header(header: bytes | memoryview) -> tuple[int, int, int]:
    """Return scheme, bytes of the payload and bytes of the chunk that a record's header tells. Raises BadXorb."""
    word = int.from_bytes(header, "little")
    version, payload, scheme, size = word & 0xFF, word >> 8 & 0xFFFFFF, word >> 32 & 0xFF, word >> 40
    if version != 0:
        raise BadXorb(reason=f"a chunk has version {version}, not 0")
    if scheme > _BG4_LZ4:
        raise BadXorb(reason=f"a chunk has the unknown compression scheme {scheme}")
    if not 0 < size <= MAX_CHUNK:
        raise BadXorb(reason=f"a chunk has {size:,} bytes, not 1 to {MAX_CHUNK:,}")
    if payload > MAX_PAYLOAD:
        raise BadXorb(reason=f"a chunk has {payload:,} compressed bytes, more than {MAX_PAYLOAD:,}")
    return scheme, payload, size


def unpack(scheme: int, payload: bytes | memoryview, size: int) -> bytes | memoryview:
    """Return a chunk's `size` bytes. Memory is bounded by `size`, whatever the payload claims. Raises BadXorb."""
    if scheme == _PLAIN:
        if len(payload) != size:
            raise BadXorb(reason=f"an uncompressed chunk announces {size:,} bytes and has {len(payload):,}")
        return payload
    frame = LZ4FrameDecompressor()
    try:
        data: bytes = frame.decompress(payload, max_length=size + 1)
    except RuntimeError as error:
        raise BadXorb(reason=f"a chunk is not an LZ4 frame ({error})") from None
    if len(data) != size or not frame.eof or frame.unused_data:
        raise BadXorb(reason=f"a chunk does not decompress to the {size:,} bytes it announces")
    return _ungroup(data) if scheme == _BG4_LZ4 else data


def plain_header(size: int) -> bytes:
    """Return the header of an uncompressed record of `size` bytes."""
    return (size << 8 | size << 40).to_bytes(RECORD_HEADER, "little")


def _ungroup(data: bytes) -> bytes:
    """Undo byte grouping: all bytes 0, 4, 8, … come first, then 1, 5, 9, …; first groups are longer by one."""
    grouped, out = np.frombuffer(data, np.uint8), np.empty(len(data), np.uint8)
    at = 0
    for lane in range(4):
        length = (len(data) - lane + 3) // 4
        out[lane::4] = grouped[at : at + length]
        at += length
    return out.tobytes()
