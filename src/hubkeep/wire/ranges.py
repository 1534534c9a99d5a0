"""Ranges and conditions of HTTP, decided before a byte is read. Source: RFC 9110, sections 13 and 14."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(?:([0-9]{1,19})-([0-9]{0,19})|-([0-9]{1,19}))[ \t]*", re.IGNORECASE)
_TAG = re.compile(r'(W/)?("[^"]*")')


@dataclass(frozen=True)
class Slice:
    """The bytes to send: `length` of them from `start`."""

    start: int
    length: int


def asked_range(header: str, size: int) -> Slice | None:
    """Return the slice that a Range header asks of `size` bytes, or None to send everything.

    Everything is the right answer to several ranges, other units and malformed headers: a server may ignore those.

    Raises:
        Unsatisfiable: the range starts behind the end, or is a suffix of nothing.
    """
    found = _RANGE.fullmatch(header)
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        if int(suffix) == 0:
            raise Unsatisfiable
        return Slice(size - length, length) if length else None
    start, end = int(first), int(last) if last else size - 1
    if last and end < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Slice(start, min(end, size - 1) - start + 1)


class Unsatisfiable(Exception):
    """No byte of the content is in the range."""


def matches(header: str, etag: str, *, weak: bool) -> bool:
    """Return whether an If-Match or If-None-Match list names `etag` (unquoted, strong). `weak` compares weakly."""
    if header.strip() == "*":
        return True
    return any(tag == f'"{etag}"' and (weak or not is_weak) for is_weak, tag in _TAG.findall(header))


def still_the_same(if_range: str, etag: str) -> bool:
    """Return whether an If-Range header names `etag`. A date never does: files are known by content, not by age."""
    return if_range.strip() == f'"{etag}"'
