"""Headers of safetensors files: what a model's weights are, without reading the weights."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from hubkeep.git import Reader
from hubkeep.kit import ReadTx
from hubkeep.repos.errors import EntryNotFound
from hubkeep.repos.files import File, describe, find_file, read_bytes
from hubkeep.repos.types import Stores

MAX_HEADER = 25_000_000  # Source: the client refuses longer ones (hub-core contract 16.2)
MAX_SHARDS = 1000
MAX_COUNT = (1 << 63) - 1  # parameters: more than a database can keep is a lie
Read = Callable[[int, int], Iterator[bytes]]


def read_header(read: Read, size: int) -> dict[str, Any] | None:
    """Return the JSON header that `read(start, length)` yields, or None when these are not safetensors."""
    if size < 8:
        return None
    length = int.from_bytes(b"".join(read(0, 8)), "little")
    if not 2 <= length <= min(MAX_HEADER, size - 8):
        return None
    try:
        header = json.loads(b"".join(read(8, length)))
    except (ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) else None


def count_parameters(headers: list[dict[str, Any]]) -> dict[str, int]:
    """Add up the parameters of every tensor, per dtype."""
    counts: dict[str, int] = {}
    for header in headers:
        for name, tensor in header.items():
            if name == "__metadata__" or not isinstance(tensor, dict):
                continue
            dtype, shape = tensor.get("dtype"), tensor.get("shape")
            if (
                isinstance(dtype, str)
                and isinstance(shape, list)
                and all(isinstance(n, int) and n >= 0 for n in shape)
            ):
                counts[dtype] = counts.get(dtype, 0) + _product(shape)
    return counts if sum(counts.values()) <= MAX_COUNT else {}


def file_header(stores: Stores, reader: Reader, file: File) -> dict[str, Any] | None:
    """Return the header of one file of a repository."""
    if file.pointer is not None and file.stored is None:
        return None
    return read_header(lambda start, length: read_bytes(stores, reader, file, start, length), file.size)


def shard_headers(
    tx: ReadTx, stores: Stores, repo_id: int, reader: Reader, commit_oid: str, index_path: str
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return a sharded model's index and the header of each of its shards. Raises EntryNotFound."""
    index_file = find_file(tx, repo_id, reader, commit_oid, index_path)
    try:
        index = json.loads(b"".join(read_bytes(stores, reader, index_file)))
        names = sorted({str(name) for name in index["weight_map"].values()})[:MAX_SHARDS]
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise EntryNotFound(path=index_path) from None
    folder = index_path.rpartition("/")[0]
    entries = [reader.entry(commit_oid, f"{folder}/{name}" if folder else name) for name in names]
    files = describe(tx, repo_id, reader, [entry for entry in entries if entry is not None])
    found = {file.path: header for file in files if (header := file_header(stores, reader, file)) is not None}
    return index, {
        path.removeprefix(f"{folder}/") if folder else path: header for path, header in found.items()
    }


def _product(shape: list[int]) -> int:
    """Multiply sizes; once no file could hold so many numbers, it does not matter how many."""
    total = 1
    for size in shape:
        total = min(total * min(size, MAX_COUNT + 1), MAX_COUNT + 1)
    return 0 if 0 in shape else total
