"""Ranges and conditions of HTTP, decided before a byte is read. Source: RFC 9110, sections 13 and 14."""

import re
from dataclasses import dataclass

MOST_RANGES = 100  # in one header: whoever asks for more gets everything
_MOST_TEXT = 4096
_SPEC = re.compile(r"([0-9]{1,19})-([0-9]{0,19})|-([0-9]{1,19})")
_TAG = re.compile(r'(W/)?("[^"]*")')


@dataclass(frozen=True)
class Slice:
    """The bytes to send: `length` of them from `start`."""

    start: int
    length: int


def asked_ranges(header: str, size: int) -> list[Slice] | None:
    """Return the slices that a Range header asks of `size` bytes, in its order, or None to send everything.

    Slices that overlap are joined, so that no byte is sent twice. Everything is the right answer to other units, malformed
    headers and too many ranges: a server may ignore those. Source: RFC 9110 sections 14.2 and 17.15.

    Raises:
        Unsatisfiable: every range starts behind the end, or is a suffix of nothing.
    """
    unit, _, text = header.partition("=")
    specs = [spec for item in text.split(",") if (spec := item.strip(" \t"))]
    if unit.strip(" \t").lower() != "bytes" or len(header) > _MOST_TEXT or not 0 < len(specs) <= MOST_RANGES:
        return None
    slices = []
    for spec in specs:
        found = _SPEC.fullmatch(spec)
        if found is None or (found[2] and int(found[2]) < int(found[1])):
            return None
        slices.append(_slice(found, size))
    there = [part for part in slices if part is not None]
    if not there:
        raise Unsatisfiable
    return _joined(there) if size else None


def _slice(found: re.Match[str], size: int) -> Slice | None:
    """Return the slice, None when there is no byte of it. All of nothing is a slice of no bytes."""
    first, last, suffix = found.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        return Slice(size - length, length) if int(suffix) else None
    start, end = int(first), int(last) if last else size - 1
    return Slice(start, min(end, size - 1) - start + 1) if start < size else None


def _joined(slices: list[Slice]) -> list[Slice]:
    """Join what overlaps; it stands where the first of it was asked for."""
    groups: list[tuple[int, Slice]] = []
    for place, part in sorted(enumerate(slices), key=lambda each: each[1].start):
        before = groups[-1][1] if groups else None
        if before is None or part.start >= before.start + before.length:
            groups.append((place, part))
            continue
        end = max(before.start + before.length, part.start + part.length)
        groups[-1] = (min(place, groups[-1][0]), Slice(before.start, end - before.start))
    return [part for _, part in sorted(groups, key=lambda each: each[0])]


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
