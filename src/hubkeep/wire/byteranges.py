"""Several ranges in one answer: `multipart/byteranges`. Source: RFC 9110 section 14.6, RFC 2046 section 5.1."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hubkeep.wire.ranges import Slice
from hubkeep.wire.send_bytes import BytesDamaged


@dataclass(frozen=True)
class Multipart:
    """The body of an answer: what is said of each slice, the slice, and so on; `length` of it all in bytes."""

    content_type: str
    pieces: list[bytes | Slice]
    length: int


def multipart(slices: Sequence[Slice], size: int, content_type: str | None) -> Multipart:
    """Lay out slices of `size` bytes of content. The boundary is random: no content can know it beforehand."""
    boundary = secrets.token_hex(16)
    kind = f"Content-Type: {content_type}\r\n" if content_type else ""
    pieces: list[bytes | Slice] = []
    for part in slices:
        before = "\r\n" if pieces else ""
        place = f"Content-Range: bytes {part.start}-{part.start + part.length - 1}/{size}\r\n"
        pieces += [f"{before}--{boundary}\r\n{kind}{place}\r\n".encode("latin-1"), part]
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    length = sum(piece.length if isinstance(piece, Slice) else len(piece) for piece in pieces)
    return Multipart(f"multipart/byteranges; boundary={boundary}", pieces, length)


def stream(pieces: Sequence[bytes | Slice], read: Callable[[int, int], Iterator[bytes]]) -> Iterator[bytes]:
    """Yield the body, its slices read one after the other.

    Raises:
        BytesDamaged: a slice was read too short or too long.
    """
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        left = piece.length
        for data in read(piece.start, piece.length):
            left -= len(data)
            if left < 0:
                break
            yield data
        if left:
            raise BytesDamaged
