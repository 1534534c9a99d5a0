"""What a Parquet file says at its end: its columns and how many rows it has. The rows themselves are not read.

The footer is Thrift in its compact form. Its lengths are claims: none is believed before the bytes it speaks of are there.
Source: https://github.com/apache/parquet-format
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

MAX_FOOTER = 8 << 20
MAX_COLUMNS, MAX_DEPTH = 2000, 20
_MAGIC = b"PAR1"
_TYPES = ("boolean", "int32", "int64", "int96", "float", "double", "bytes", "fixed bytes")
# Meanings of bytes and numbers: ConvertedType, and the LogicalType that came after it.
_CONVERTED = {
    0: "string",
    4: "enum",
    5: "decimal",
    6: "date",
    7: "time",
    8: "time",
    9: "timestamp",
    10: "timestamp",
}
_CONVERTED |= {
    11: "uint8",
    12: "uint16",
    13: "uint32",
    14: "uint64",
    15: "int8",
    16: "int16",
    19: "json",
    20: "bson",
}
_NESTED = {1: "map", 2: "map", 3: "list"}
_LOGICAL = {
    1: "string",
    4: "enum",
    5: "decimal",
    6: "date",
    7: "time",
    8: "timestamp",
    10: "integer",
    12: "json",
}
_LOGICAL |= {14: "uuid", 15: "float16"}
_REPEATED = ("required", "optional", "repeated")


@dataclass(frozen=True)
class Column:
    """A column or a group of columns: its name under those it is in, its type, and whether it may be missing."""

    name: str
    depth: int
    type: str
    repetition: str


@dataclass(frozen=True)
class Parquet:
    """The footer of a file."""

    columns: list[Column]
    rows: int
    groups: int
    written_by: str


class _Lie(Exception):
    """The footer says what cannot be."""


def parquet_of(read: Callable[[int, int], Iterator[bytes]], size: int) -> Parquet | None:
    """Return what the footer says, None when these are not Parquet or say what cannot be."""
    if size < 12:
        return None
    tail = b"".join(read(size - 8, 8))
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or not 0 < length <= min(MAX_FOOTER, size - 12):
        return None
    try:
        found = _Thrift(b"".join(read(size - 8 - length, length))).struct(0)
        return Parquet(
            _columns(found.get(2)), _whole(found.get(3)), len(_list(found.get(4))), _text(found.get(6))
        )
    except (_Lie, IndexError, RecursionError):
        return None


def _columns(elements: Any) -> list[Column]:
    """Put the schema, a tree written out in order, into lines."""
    listed = _list(elements)[1 : MAX_COLUMNS + 1]  # the first is the whole
    columns: list[Column] = []
    open_groups: list[int] = []  # how many children each group above still expects
    for element in listed:
        if not isinstance(element, dict):
            raise _Lie
        while open_groups and open_groups[-1] <= 0:
            open_groups.pop()
        depth = len(open_groups)
        if open_groups:
            open_groups[-1] -= 1
        children = _whole(element.get(5))
        repetition = _REPEATED[_whole(element.get(3)) % 3]
        columns.append(
            Column(_text(element.get(4))[:300], min(depth, MAX_DEPTH), _type(element, children), repetition)
        )
        if children:
            open_groups.append(children)
    return columns


def _type(element: dict[int, Any], children: int) -> str:
    converted, logical = element.get(6), element.get(10)
    if children:
        return _NESTED.get(converted if isinstance(converted, int) else -1, "group")
    if isinstance(converted, int) and converted in _CONVERTED:
        return _CONVERTED[converted]
    if isinstance(logical, dict) and (
        named := next((_LOGICAL[key] for key in logical if key in _LOGICAL), "")
    ):
        return named
    number = _whole(element.get(1))
    return _TYPES[number] if number < len(_TYPES) else "unknown"


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


class _Thrift:
    """A reader of Thrift's compact form."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def struct(self, depth: int) -> dict[int, Any]:
        """Read fields by number until the end of the struct."""
        if depth > MAX_DEPTH:
            raise _Lie
        found: dict[int, Any] = {}
        field = 0
        while (head := self._byte()) != 0:
            field = field + (head >> 4) if head >> 4 else _zigzag(self._varint())
            kind = head & 15
            found[field] = kind == 1 if kind in (1, 2) else self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (1, 2, 3):
            return self._byte()
        if kind in (4, 5, 6):
            return _zigzag(self._varint())
        if kind == 7:
            return self._bytes(8)
        if kind == 8:
            return self._bytes(self._varint())
        if kind in (9, 10):
            return self._items(depth)
        if kind == 11:
            return self._map(depth)
        if kind == 12:
            return self.struct(depth + 1)
        raise _Lie

    def _items(self, depth: int) -> list[Any]:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        if count > len(self._data) - self._at or depth > MAX_DEPTH:  # each takes a byte at least
            raise _Lie
        return [self._value(head & 15, depth + 1) for _ in range(count)]

    def _map(self, depth: int) -> None:
        count = self._varint()
        if count > len(self._data) - self._at or depth > MAX_DEPTH:
            raise _Lie
        kinds = self._byte() if count else 0
        for _ in range(count):
            self._value(kinds >> 4, depth + 1)
            self._value(kinds & 15, depth + 1)

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _bytes(self, count: int) -> bytes:
        if count > len(self._data) - self._at:
            raise _Lie
        self._at += count
        return self._data[self._at - count : self._at]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise _Lie


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)
