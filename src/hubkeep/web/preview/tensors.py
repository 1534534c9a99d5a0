"""What the header of a file of weights says: names, types and shapes of its tensors, and notes beside them."""

from collections import Counter
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
    template: str = ""  # by which a chat becomes a prompt


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


def gguf_tensors(read: Callable[[int, int], Iterator[bytes]], size: int) -> Tensors | None:
    """Return the tensors of a GGUF file, None when it is not one or its header cannot be."""
    header = repos.read_gguf(read, size)
    if header is None:
        return None
    counts: Counter[str] = Counter()
    for tensor in header.tensors:
        counts[tensor.dtype] += tensor.parameters
    shown = [Tensor(t.name, t.dtype, t.shape, t.parameters) for t in header.tensors[:MAX_SHOWN]]
    notes = {
        key: _note(value, header.lengths.get(key))
        for key, value in list(header.values.items())[:MAX_NOTES]
        if key != TEMPLATE
    }
    tokens = {f"{word} token": token for word, token in header.tokens.items()}
    return Tensors(
        shown,
        len(header.tensors),
        header.total,
        counts.most_common(),
        {"version": str(header.version)} | notes | tokens,
        (header.text(TEMPLATE) or "")[:MAX_TEMPLATE],
    )


TEMPLATE = "tokenizer.chat_template"
MAX_NOTES, MAX_TEMPLATE = 200, 20_000


def _note(value: object, length: int | None) -> str:
    if isinstance(value, list):
        more = f", … ({length:,} in all)" if length is not None and length > len(value) else ""
        return (", ".join(str(item)[:40] for item in value) + more)[:300]
    return str(value)[:300]


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
