"""Builds what a Xet client sends: chunks, xorb bodies, shards; written from the formats' description, not from our readers."""

import hashlib
import io
import struct
from dataclasses import dataclass, field

import lz4.frame
import numpy as np

from hubkeep.cas.chunking import chunks
from hubkeep.cas.hashing import MerkleTree, chunk_hash, file_hash, from_hex, range_hash, to_hex, xorb_hash

TAG = b"HFRepoMetaData\0" + bytes(
    [85, 105, 103, 69, 106, 123, 129, 87, 131, 165, 189, 217, 92, 205, 209, 74, 169]
)
BOOKEND = b"\xff" * 32 + bytes(16)


def noise(length: int, seed: int = 1) -> bytes:
    return np.random.default_rng(seed).bytes(length)


def text(length: int) -> bytes:
    return b"".join(b"line %d of some text\n" % n for n in range(length // 16))[:length]


def floats(count: int, seed: int = 1) -> bytes:
    return np.random.default_rng(seed).standard_normal(count).astype("<f4").tobytes()


def record(data: bytes, scheme: int = 0) -> bytes:
    """One chunk as a client writes it: scheme 0 plain, 1 LZ4, 2 byte-grouped LZ4."""
    payload: bytes = data
    if scheme == 2:
        payload = b"".join(data[lane::4] for lane in range(4))
    if scheme:
        payload = lz4.frame.compress(payload, block_linked=False, store_size=False)
    return header(len(payload), scheme, len(data)) + payload


def header(payload: int, scheme: int, size: int, version: int = 0) -> bytes:
    return bytes([version]) + payload.to_bytes(3, "little") + bytes([scheme]) + size.to_bytes(3, "little")


@dataclass
class Cut:
    """Content cut into chunks, as one xorb and one file."""

    data: bytes
    parts: list[bytes] = field(init=False)

    def __post_init__(self):
        self.parts = list(chunks(io.BytesIO(self.data)))

    @property
    def sizes(self) -> list[int]:
        return [len(part) for part in self.parts]

    @property
    def hashes(self) -> bytes:
        return b"".join(chunk_hash(part) for part in self.parts)

    @property
    def xorb(self) -> str:
        return to_hex(xorb_hash(self.hashes, self.sizes))

    @property
    def file(self) -> str:
        tree = MerkleTree()
        tree.add(self.hashes, self.sizes)
        return to_hex(file_hash(tree))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def body(self, schemes: tuple[int, ...] = (0, 1, 2)) -> bytes:
        """The xorb's body; schemes take turns."""
        return b"".join(record(part, schemes[at % len(schemes)]) for at, part in enumerate(self.parts))

    def term(self, start: int = 0, end: int | None = None) -> "Term":
        end = len(self.parts) if end is None else end
        return Term(
            self.xorb, start, end, sum(self.sizes[start:end]), range_hash(self.hashes[32 * start : 32 * end])
        )


@dataclass
class Term:
    xorb: str
    start: int
    end: int
    size: int
    proof: bytes


@dataclass
class File:
    """What a shard says of a file."""

    hash: str
    terms: list[Term]
    sha256: str | None = None
    flags: int = 0xC0000000

    @staticmethod
    def of(cut: Cut) -> "File":
        return File(cut.file, [cut.term()], cut.sha256)


def shard(*files: File, xorbs: bytes = b"", footer: int = 0) -> bytes:
    """A shard as hf_xet uploads it."""
    out = bytearray(TAG + struct.pack("<QQ", 2, footer))
    for file in files:
        flags = file.flags if file.sha256 else file.flags & ~(1 << 30)
        out += from_hex(file.hash) + struct.pack("<IIQ", flags, len(file.terms), 0)
        for term in file.terms:
            out += from_hex(term.xorb) + struct.pack("<IIII", 0, term.size, term.start, term.end)
        if flags >> 31:
            out += b"".join(term.proof + bytes(16) for term in file.terms)
        if flags >> 30 & 1:
            assert file.sha256
            out += from_hex(file.sha256) + bytes(16)
    return bytes(out + BOOKEND + xorbs + BOOKEND + bytes(footer))
