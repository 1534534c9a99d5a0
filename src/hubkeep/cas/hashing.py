"""The hashes of Xet: chunks, Merkle trees over them, files, ranges, keyed hashes, and how they are written.

A hash is 32 raw bytes here; lists of hashes are packed, 32 bytes each. Source: xet contract section 2.
"""

from collections.abc import Sequence

import numpy as np
from blake3 import blake3

from hubkeep.kit import BadInput

HASH_BYTES = 32
ZERO = bytes(HASH_BYTES)

_DATA_KEY = bytes.fromhex("6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229")
_NODE_KEY = bytes.fromhex("017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f")
_RANGE_KEY = bytes.fromhex("7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3")

_WIDEST_GROUP = 9  # entries under one Merkle node


def chunk_hash(data: bytes | memoryview) -> bytes:
    """Hash a chunk's uncompressed bytes."""
    return blake3(data, key=_DATA_KEY).digest()


def keyed_hash(key: bytes, raw: bytes) -> bytes:
    """Hash a hash with a key of 32 bytes: what dedup answers carry instead of chunk hashes."""
    return blake3(raw, key=key).digest()


def range_hash(hashes: bytes | memoryview) -> bytes:
    """Hash the packed hashes of a term's chunks: only who has these hashes can tell it."""
    return blake3(hashes, key=_RANGE_KEY).digest()


def xorb_hash(hashes: bytes, sizes: Sequence[int]) -> bytes:
    """Return the name of a xorb: the Merkle root over its chunks; `sizes` are their uncompressed bytes."""
    tree = MerkleTree()
    tree.add(hashes, sizes)
    return tree.root()


def file_hash(tree: "MerkleTree", salt: bytes = ZERO) -> bytes:
    """Return the name of a file: the Merkle root over all its chunks in order, hashed with the hub's salt."""
    return keyed_hash(salt, tree.root()) if tree.count else ZERO


def to_hex(raw: bytes) -> str:
    """Write a hash as text: each group of 8 bytes reversed.

    >>> to_hex(bytes(range(32)))[:16]
    '0706050403020100'
    """
    return _reversed_groups(raw).hex()


def from_hex(text: str, field: str = "hash") -> bytes:
    """Read a hash from text. Raises BadInput."""
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise BadInput(field=field, reason="a hash is 64 lowercase hexadecimal digits")
    return _reversed_groups(bytes.fromhex(text))


def is_askable(raw: bytes) -> bool:
    """Return whether clients ask for this chunk by its hash alone: about one in 1,024. Source: xet contract 5.1."""
    return int.from_bytes(raw[24:], "little") % 1024 == 0


def askable(hashes: bytes) -> list[bytes]:
    """Return the distinct chunks among packed hashes that clients ask for."""
    last = np.frombuffer(hashes, "<u8").reshape(-1, 4)[:, 3]
    return list({hashes[32 * i : 32 * i + 32] for i in np.flatnonzero(last % 1024 == 0).tolist()})


def _reversed_groups(raw: bytes) -> bytes:
    return np.frombuffer(raw, "<u8").astype(">u8").tobytes()


class MerkleTree:
    """The Merkle root over any number of chunks that come in batches; memory grows with the height only.

    A level groups its entries by 2 to 9; a group ends at an entry whose last u64 is divisible by 4. Groups are closed as
    soon as enough entries are known that the end of the list cannot change them.
    """

    def __init__(self) -> None:
        self._hashes, self._sizes = b"", list[int]()
        self._above: MerkleTree | None = None
        self.count = 0

    def add(self, hashes: bytes, sizes: Sequence[int]) -> None:
        """Append chunks: their packed hashes and their uncompressed bytes."""
        self.count += len(sizes)
        self._hashes += hashes
        self._sizes += sizes
        if len(self._sizes) > _WIDEST_GROUP:
            self._close_groups(spare=_WIDEST_GROUP)

    def root(self) -> bytes:
        """Return the root and end the tree: zeros for nothing, the entry itself for a single one."""
        if self._above is None and self.count <= 1:
            return self._hashes or ZERO
        self._close_groups(spare=0)
        assert self._above is not None
        return self._above.root()

    def _close_groups(self, spare: int) -> None:
        """Hand the nodes of closed groups to the level above; at least `spare` entries stay open."""
        text = to_hex(self._hashes)
        lines = [f"{text[64 * i : 64 * i + 64]} : {size}\n" for i, size in enumerate(self._sizes)]
        ends_group = (np.frombuffer(self._hashes, "<u8").reshape(-1, 4)[:, 3] % 4 == 0).tolist()
        nodes, node_sizes, start = [], [], 0
        while start < len(lines) - spare:
            end = _group_end(ends_group, start)
            nodes.append(blake3("".join(lines[start:end]).encode(), key=_NODE_KEY).digest())
            node_sizes.append(sum(self._sizes[start:end]))
            start = end
        self._hashes, self._sizes = self._hashes[32 * start :], self._sizes[start:]
        self._above = self._above or MerkleTree()
        self._above.add(b"".join(nodes), node_sizes)


def _group_end(ends_group: Sequence[bool], start: int) -> int:
    """Return the end of the group from `start`: 3 to 9 entries, 1 or 2 only at the tail."""
    last = min(start + _WIDEST_GROUP, len(ends_group))
    for at in range(start + 2, last):
        if ends_group[at]:
            return at + 1
    return last
