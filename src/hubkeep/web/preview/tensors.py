"""What a safetensors file says at its beginning: names, types and shapes of its tensors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from hubkeep import repos

MAX_SHOWN = 500
MAX_HEADER = 4 << 20  # bytes: thousands of tensors; longer ones are not worth a page


@dataclass(frozen=True)
class Tensor:
    """One tensor and how many numbers it holds."""

    name: str
    dtype: str
    shape: list[int]
    parameters: int


@dataclass(frozen=True)
class Tensors:
    """The tensors of a file, `MAX_SHOWN` at most, and what they add up to."""

    shown: list[Tensor]
    total: int
    parameters: int
    by_type: list[tuple[str, int]]
    metadata: dict[str, str]


def tensors_of(read: Callable[[int, int], Iterator[bytes]], size: int) -> Tensors | None:
    """Return the tensors of a safetensors file, None when it is not one or its header is too long."""
    if size < 8 or int.from_bytes(b"".join(read(0, 8)), "little") > MAX_HEADER:
        return None
    header = repos.read_header(read, size)
    if header is None:
        return None
    found = [tensor for name, value in header.items() if (tensor := _tensor(name, value)) is not None]
    counts = repos.count_parameters([header])
    noted = header.get("__metadata__")
    metadata = {str(key): str(value)[:300] for key, value in noted.items()} if isinstance(noted, dict) else {}
    return Tensors(
        found[:MAX_SHOWN],
        len(found),
        sum(counts.values()),
        sorted(counts.items(), key=lambda pair: -pair[1]),
        metadata,
    )


def _tensor(name: str, value: Any) -> Tensor | None:
    if name == "__metadata__" or not isinstance(value, dict):
        return None
    dtype, shape = value.get("dtype"), value.get("shape")
    if (
        not isinstance(dtype, str)
        or not isinstance(shape, list)
        or not all(isinstance(n, int) for n in shape)
    ):
        return None
    return Tensor(name, dtype, shape, prod(shape))
