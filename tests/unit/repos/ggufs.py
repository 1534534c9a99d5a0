"""GGUF headers, honest and lying ones, written byte by byte."""

import struct
from collections.abc import Iterable

UINT32, FLOAT, STRING, ARRAY, UINT64 = 4, 6, 8, 9, 10


def text(value: str, length: int | None = None) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data) if length is None else length) + data


def key(name: str, kind: int, value: bytes) -> bytes:
    return text(name) + struct.pack("<I", kind) + value


def texts(values: list[str], count: int | None = None) -> bytes:
    return struct.pack("<IQ", STRING, len(values) if count is None else count) + b"".join(map(text, values))


def number(value: int) -> bytes:
    return struct.pack("<I", value)


def tensor(name: str, shape: Iterable[int], dtype: int = 12, offset: int = 0) -> bytes:
    sizes = list(shape)
    return text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, dtype, offset)


def gguf(
    keys: list[bytes],
    tensors: list[bytes],
    *,
    version: int = 3,
    counts: tuple[int, int] | None = None,
    tail: int = 256,
) -> bytes:
    told = counts or (len(tensors), len(keys))
    return b"GGUF" + struct.pack("<IQQ", version, *told) + b"".join(keys + tensors) + bytes(tail)


def llama(tokens: int = 40, template: str = "{{ messages }}") -> bytes:
    """Return a small model as llama.cpp writes it."""
    words = [f"w{n}" for n in range(tokens - 2)]
    keys = [
        key("general.architecture", STRING, text("llama")),
        key("general.name", STRING, text("Harbour <7B>")),
        key("llama.context_length", UINT32, number(8192)),
        key("llama.rope.freq_base", FLOAT, struct.pack("<f", 10000.0)),
        key("tokenizer.ggml.tokens", ARRAY, texts(["<s>", *words, "</s>"])),
        key("tokenizer.ggml.scores", ARRAY, struct.pack("<IQ", FLOAT, tokens) + bytes(4 * tokens)),
        key("tokenizer.ggml.bos_token_id", UINT32, number(0)),
        key("tokenizer.ggml.eos_token_id", UINT32, number(tokens - 1)),
        key("tokenizer.chat_template", STRING, text(template)),
    ]
    return gguf(keys, [tensor("token_embd.weight", (64, 40)), tensor("output_norm.weight", (64,), 0)])
