"""Headers of GGUF files: what a quantised model is, without reading its weights.

Every count and length in a header is a claim by a stranger. None is believed before the bytes it speaks of are there, so a
header that lies costs no memory and no time. Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import prod

MAX_HEADER = 32 << 20  # bytes; the longest vocabularies in use need about 12 MB
MAX_KEYS, MAX_TENSORS, MAX_DIMENSIONS, MAX_DEPTH = 10_000, 100_000, 8, 3
MAX_TEXT = 256 << 10  # bytes of a text that is kept (a chat template)
MAX_LISTED = 8  # values of an array that are kept
FIRST_READ = 256 << 10
MARK = 1024
_TOKENS = "tokenizer.ggml.tokens"

Read = Callable[[int, int], Iterator[bytes]]
Value = int | float | bool | str | list["Value"]

_STRING, _ARRAY = 8, 9
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_CODES = {number: struct.Struct(f"<{code}") for number, code in _SCALARS.items()}
# Types of tensors by number; a dash stands for a number that no longer means anything.
_NAMES = (
    "F32 F16 Q4_0 Q4_1 - - Q5_0 Q5_1 Q8_0 Q8_1 Q2_K Q3_K Q4_K Q5_K Q6_K Q8_K IQ2_XXS IQ2_XS IQ3_XXS IQ1_S IQ4_NL "
    "IQ3_S IQ2_S IQ4_XS I8 I16 I32 I64 F64 IQ1_M BF16 - - - TQ1_0 TQ2_0 - - - MXFP4"
)
TYPES = {number: name for number, name in enumerate(_NAMES.split()) if name != "-"}


@dataclass(frozen=True)
class GgufTensor:
    """One tensor: its name, type and shape, and how many numbers it holds."""

    name: str
    dtype: str
    shape: list[int]
    parameters: int


@dataclass(frozen=True)
class Gguf:
    """The header of one file. `values` has what was kept of each key: of long arrays the first values, see `lengths`."""

    version: int
    values: dict[str, Value]
    lengths: dict[str, int]
    tensors: list[GgufTensor]
    tokens: dict[str, str] = field(default_factory=dict)  # "bos", "eos", … to the token of that number

    @property
    def total(self) -> int:
        """How many numbers the tensors hold together."""
        return sum(tensor.parameters for tensor in self.tensors)

    def text(self, key: str) -> str | None:
        """Return the text under a key, None when there is none."""
        value = self.values.get(key)
        return value if isinstance(value, str) and value else None


class _Lie(Exception):
    """The header says something that cannot be."""


def read_gguf(read: Read, size: int) -> Gguf | None:
    """Return the header of a GGUF file of `size` bytes, None when it is not one or says what cannot be."""
    try:
        return _Header(read, size).parse()
    except (_Lie, struct.error, UnicodeDecodeError):
        return None


class _Header:
    """A place in a header, and the bytes read so far: as few as are needed, doubling."""

    def __init__(self, read: Read, size: int) -> None:
        self._read, self._limit, self._size = read, min(size, MAX_HEADER), size
        self._bytes, self._at = bytearray(), 0
        self._wide = True
        self._marks: list[int] = []  # where every `MARK`th token is
        self._count_of_tokens = 0

    def parse(self) -> Gguf:
        if self._take(4) != b"GGUF":
            raise _Lie
        version = self._number("<I")
        if version not in (1, 2, 3):
            raise _Lie  # a big-endian file says 0x03000000 here
        self._wide = version > 1
        tensors, keys = self._count(MAX_TENSORS, 20), self._count(MAX_KEYS, 9)
        values: dict[str, Value] = {}
        lengths: dict[str, int] = {}
        for _ in range(keys):
            key = self._text(1024)
            kind = self._number("<I")
            if kind == _ARRAY:
                values[key], lengths[key] = self._array(key, 0)
            else:
                values[key] = self._value(kind)
        found = [self._tensor() for _ in range(tensors)]
        return Gguf(version, values, lengths, found, self._special(values))

    def _take(self, count: int) -> bytes:
        self._need(count)
        self._at += count
        return bytes(self._bytes[self._at - count : self._at])

    def _need(self, count: int) -> None:
        """Have `count` more bytes at hand. Raises _Lie when the file, or what is read of it, has fewer."""
        end = self._at + count
        if end > self._limit:
            raise _Lie
        while len(self._bytes) < end:
            more = min(max(FIRST_READ, len(self._bytes)), self._limit - len(self._bytes))
            got = b"".join(self._read(len(self._bytes), more))
            if len(got) < more:
                raise _Lie
            self._bytes += got

    def _number(self, code: str) -> int:
        return int(struct.unpack(code, self._take(struct.calcsize(code)))[0])

    def _length(self) -> int:
        return self._number("<Q" if self._wide else "<I")

    def _count(self, most: int, least_bytes: int) -> int:
        """Read how many things follow; each takes `least_bytes`, so more than the file has room for is a lie."""
        count = self._length()
        if count > most or count * least_bytes > self._size:
            raise _Lie
        return count

    def _text(self, most: int) -> str:
        length = self._length()
        if length > most:
            if length > self._limit:
                raise _Lie
            self._skip(length)
            return ""
        return self._take(length).decode("utf-8", "replace")

    def _skip(self, count: int) -> None:
        self._need(count)
        self._at += count

    def _value(self, kind: int) -> Value:
        if kind == _STRING:
            return self._text(MAX_TEXT)
        code = _CODES.get(kind)
        if code is None:
            raise _Lie
        found: int | float | bool = code.unpack(self._take(code.size))[0]
        return found

    def _array(self, key: str, depth: int) -> tuple[Value, int]:
        """Read the first values of an array and step over the others."""
        kind, count = self._number("<I"), self._length()
        if depth == MAX_DEPTH:
            raise _Lie
        if kind == _ARRAY:
            if count > MAX_KEYS:
                raise _Lie
            return [self._array("", depth + 1)[0] for _ in range(count)][:MAX_LISTED], count
        if kind == _STRING:
            return list(self._texts(key, count)), count
        code = _CODES.get(kind)
        if code is None or count * code.size > self._limit:
            raise _Lie
        kept = [self._value(kind) for _ in range(min(count, MAX_LISTED))]
        self._skip((count - len(kept)) * code.size)
        return kept, count

    def _texts(self, key: str, count: int) -> list[str]:
        if count * (8 if self._wide else 4) > self._limit:
            raise _Lie
        place = self._at
        kept = [self._text(1024) for _ in range(min(count, MAX_LISTED))]
        if key == _TOKENS:
            self._at, self._count_of_tokens = place, count
            for start in range(0, count, MARK):
                self._marks.append(self._at)
                self._step(min(MARK, count - start))
        else:
            self._step(count - len(kept))
        return kept

    def _step(self, count: int) -> None:
        """Step over texts: the one loop that a long vocabulary makes hot."""
        number = struct.Struct("<Q" if self._wide else "<I")
        width, read = number.size, number.unpack_from
        at, data, have = self._at, self._bytes, len(self._bytes) - width
        for _ in range(count):
            if at > have:
                self._at = at
                self._need(width)
                have = len(data) - width
            at += width + read(data, at)[0]
            if at > self._limit:
                raise _Lie
        self._at = at
        self._need(0)

    def _tensor(self) -> GgufTensor:
        name = self._text(1024)
        dimensions = self._number("<I")
        if dimensions > MAX_DIMENSIONS:
            raise _Lie
        shape = [self._length() for _ in range(dimensions)]
        dtype, offset = self._number("<I"), self._number("<Q")
        parameters = prod(shape)
        if parameters >= 1 << 63 or offset > self._size:
            raise _Lie
        return GgufTensor(name, TYPES.get(dtype, f"type {dtype}"), shape[::-1], parameters)

    def _special(self, values: dict[str, Value]) -> dict[str, str]:
        """Return the tokens that the header names by number."""
        found: dict[str, str] = {}
        for word in ("bos", "eos", "unknown", "padding"):
            number = values.get(f"tokenizer.ggml.{word}_token_id")
            if isinstance(number, int) and 0 <= number < self._count_of_tokens:
                self._at = self._marks[number // MARK]
                self._step(number % MARK)
                found[word] = self._text(1024)
        return found
