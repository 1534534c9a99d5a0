"""Git's path patterns, as `.gitattributes` and `.gitignore` use them.

Matching takes time in proportion to pattern times path, whatever the pattern: they come from strangers, and the usual
translation to one regular expression can be made to run for years.

Source: git's wildmatch.c with WM_PATHNAME, and `gitignore(5)`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_CLASSES = {
    b"alnum": b"a-zA-Z0-9",
    b"alpha": b"a-zA-Z",
    b"blank": b" \\t",
    b"cntrl": b"\\x00-\\x1f\\x7f",
    b"digit": b"0-9",
    b"graph": b"!-~",
    b"lower": b"a-z",
    b"print": b" -~",
    b"punct": b"!-/:-@\\[-`{-~",
    b"space": b" \\t\\n\\v\\f\\r",
    b"upper": b"A-Z",
    b"xdigit": b"0-9A-Fa-f",
}
_SPECIAL = re.compile(rb"[*?\[\\]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. One without a slash (at its middle or start) looks at the last segment only."""

    anchored: bool
    segments: tuple[re.Pattern[bytes] | None, ...]  # None is `**`: any number of segments

    def matches(self, path: bytes) -> bool:
        """Tell whether the path, relative to the pattern's folder, matches."""
        if not self.anchored:
            only = self.segments[0]
            return only is not None and only.fullmatch(path.rpartition(b"/")[2]) is not None
        return self._matches_all(path.split(b"/"))

    def _matches_all(self, parts: list[bytes]) -> bool:
        """Walk over the pattern keeping the set of positions in the path that it could have reached."""
        reached = {0}
        for index, segment in enumerate(self.segments):
            if segment is None:
                start = min(reached)
                last = index == len(self.segments) - 1
                reached = set(range(start + last, len(parts) + 1))
            else:
                reached = {at + 1 for at in reached if at < len(parts) and segment.fullmatch(parts[at])}
            if not reached:
                return False
        return len(parts) in reached


@lru_cache(maxsize=4096)
def compile_pattern(pattern: bytes) -> Pattern | None:
    """Compile a pattern without a trailing slash; None when it can match nothing."""
    anchored = b"/" in pattern
    try:
        segments = _split(pattern.removeprefix(b"/"))
        if not anchored:
            return Pattern(False, (_regex(segments[0]),))
        return Pattern(True, tuple(None if _is_double(s) else _regex(s) for s in segments))
    except _NeverError:
        return None


def literal(pattern: bytes) -> bytes | None:
    """Return the one text that a pattern matches when nothing in it is special."""
    return None if _SPECIAL.search(pattern) else pattern


class _NeverError(ValueError):
    """A pattern that git's matcher gives up on."""


# A pattern's atoms: `*`, `**`, a literal byte, or a regular expression for one byte.
_STAR, _STARS = b"*", b"**"


def _split(pattern: bytes) -> list[list[tuple[bytes, bool]]]:
    """Return the segments, each a list of (atom, is it a wildcard of any length)."""
    segments: list[list[tuple[bytes, bool]]] = [[]]
    for atom in _atoms(pattern):
        if atom == (b"/", False):
            segments.append([])
        else:
            segments[-1].append(atom)
    return segments


def _atoms(pattern: bytes) -> Iterator[tuple[bytes, bool]]:
    at = 0
    while at < len(pattern):
        char = pattern[at : at + 1]
        if char == b"*":
            end = at
            while pattern[end : end + 1] == b"*":
                end += 1
            yield (_STAR if end - at == 1 else _STARS), True
            at = end
        elif char == b"?":
            yield b"[^/]", False
            at += 1
        elif char == b"[":
            chars, at = _bracket(pattern, at + 1)
            yield chars, False
        else:
            if char == b"\\":
                at += 1
                char = pattern[at : at + 1]
                if not char:
                    raise _NeverError
            yield (char if char == b"/" else re.escape(char)), False
            at += 1


def _bracket(pattern: bytes, at: int) -> tuple[bytes, int]:
    """Read a bracket expression after its `[`; return a regular expression for one byte, and the position after it."""
    negated = pattern[at : at + 1] in (b"!", b"^") and pattern[at : at + 1] != b""
    at += negated
    members: set[int] = set()
    previous, first = -1, True
    while first or pattern[at : at + 1] != b"]":
        first = False
        if at >= len(pattern):
            raise _NeverError
        if pattern[at : at + 2] == b"[:" and (named := _class(pattern, at)) is not None:
            found, at = named
            members |= found
            previous = -1
        elif pattern[at : at + 1] == b"-" and previous >= 0 and pattern[at + 1 : at + 2] not in (b"", b"]"):
            end, at = _one(pattern, at + 1)
            members |= set(range(previous, end + 1))
            previous = -1
        else:
            previous, at = _one(pattern, at)
            members.add(previous)
    if negated:
        members = set(range(256)) - members
    members -= {ord("/"), 0}
    if not members:
        raise _NeverError
    return b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(members)) + b"]", at + 1


def _one(pattern: bytes, at: int) -> tuple[int, int]:
    """Read one byte of a bracket expression, escaped or not."""
    if pattern[at : at + 1] == b"\\":
        at += 1
    if at >= len(pattern):
        raise _NeverError
    return pattern[at], at + 1


def _class(pattern: bytes, at: int) -> tuple[set[int], int] | None:
    """Read `[:name:]`; None when it is not closed as one, and so is an ordinary `[`."""
    end = pattern.find(b"]", at + 2)
    if end < 0:
        raise _NeverError
    if end == at + 2 or pattern[end - 1 : end] != b":":
        return None
    chars = _CLASSES.get(pattern[at + 2 : end - 1])
    if chars is None:
        raise _NeverError
    return {byte for byte in range(256) if re.fullmatch(b"[" + chars + b"]", bytes([byte]))}, end + 1


def _is_double(segment: list[tuple[bytes, bool]]) -> bool:
    return segment == [(_STARS, True)]


def _regex(segment: list[tuple[bytes, bool]]) -> re.Pattern[bytes]:
    """Build the expression for one segment.

    Between two stars the first place where the text between them fits is as good as any: the atomic groups
    never try another one, which keeps the time linear.
    """
    pieces: list[bytes] = [b""]
    for atom, wild in segment:
        if wild:
            pieces.append(b"")
        else:
            pieces[-1] += atom
    first, *rest = pieces
    if not rest:
        return re.compile(first, re.DOTALL)
    middle = b"".join(b"(?>.*?" + piece + b")" for piece in rest[:-1] if piece)
    return re.compile(first + middle + b".*" + rest[-1], re.DOTALL)
