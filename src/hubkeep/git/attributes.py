"""`.gitattributes`: which paths git hands to LFS, by git's own rules."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hubkeep.git.wildmatch import Pattern, compile_pattern, literal
from hubkeep.kit import TooLarge

LFS_LINE = "filter=lfs diff=lfs merge=lfs -text"
MAX_LINE_BYTES = 2048  # git ignores longer lines (attr.h, ATTR_MAX_LINE_LENGTH)
MAX_WILDCARDS = 5000

_BLANK = re.compile(rb"[ \t\r\n]+")
_ATTRIBUTE = re.compile(rb"[-!]?([A-Za-z0-9_.][-A-Za-z0-9_.]*)(?:=.*)?", re.DOTALL)
_ESCAPES = {
    b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
    b"\\": b"\\", b'"': b'"',
}  # fmt: skip
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-3][0-7]{2}|.)", re.DOTALL)


@dataclass
class _Rules:
    """The rules of one file that say something about `filter`, found by text where they can be.

    A rule's number is its line; the highest that matches decides.
    """

    folder: bytes
    by_name: dict[bytes, tuple[int, bool]] = field(default_factory=dict)
    by_path: dict[bytes, tuple[int, bool]] = field(default_factory=dict)
    by_suffix: dict[bytes, tuple[int, bool]] = field(default_factory=dict)
    wild: list[tuple[Pattern, int, bool]] = field(default_factory=list)

    def verdict(self, path: bytes) -> bool | None:
        """Return whether the file sends `path` to LFS; None when it does not say."""
        if not path.startswith(self.folder):
            return None
        path = path[len(self.folder) :]
        name = path.rpartition(b"/")[2]
        known = [self.by_name.get(name), self.by_path.get(path)]
        known += [self.by_suffix.get(name[at:]) for at in range(len(name) + 1)] if self.by_suffix else []
        best = max((rule for rule in known if rule is not None), default=(-1, None))
        for pattern, number, lfs in reversed(self.wild):
            if number < best[0]:
                break
            if pattern.matches(path):
                return lfs
        return best[1]


class Attributes:
    """The attributes of a tree, as far as they concern LFS."""

    def __init__(self, files: list[_Rules]) -> None:
        """Keep the files, the root's first."""
        self._files = files

    @staticmethod
    def parse(files: Iterable[tuple[str, str]]) -> "Attributes":
        """Read (folder, text of its .gitattributes) pairs; "" is the root. Raises TooLarge."""
        parsed, macros = [], dict[bytes, list[bytes]]()
        for folder, text in sorted(files, key=lambda pair: pair[0].count("/") + bool(pair[0])):
            lines = list(_lines(text.encode("utf-8", "replace")))
            if not folder:
                macros = {name[6:]: tokens for name, tokens in lines if name.startswith(b"[attr]")}
            parsed.append(_rules(folder, lines, macros))
        return Attributes(parsed)

    def is_lfs(self, path: str) -> bool:
        """Tell whether git would hand `path` to LFS: the deepest file that says something decides."""
        raw = path.encode("utf-8", "replace")
        for rules in reversed(self._files):
            verdict = rules.verdict(raw)
            if verdict is not None:
                return verdict
        return False


def add_lfs_pattern(text: str, path: str) -> str:
    """Return a root .gitattributes with a line more, that sends `path` to LFS.

    A file in the root is named without a slash, as the Hub does, and so matches in folders too.
    """
    if text and not text.endswith("\n"):
        text += "\n"
    return f"{text}{_pattern_of(path)} {LFS_LINE}\n"


def _pattern_of(path: str) -> str:
    escaped = re.sub(r"([*?\[\\])", r"\\\1", path)
    if escaped.startswith(("!", "#")):
        escaped = "\\" + escaped
    if re.search(r"[\s\"]", escaped):
        return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return escaped


def _rules(folder: str, lines: list[tuple[bytes, list[bytes]]], macros: dict[bytes, list[bytes]]) -> _Rules:
    rules = _Rules(f"{folder}/".encode() if folder else b"")
    for number, (text, tokens) in enumerate(lines):
        lfs = _filter_of(tokens, macros)
        if lfs is None or text.startswith(b"[attr]") or text.endswith(b"/"):
            continue
        plain = literal(text)
        if plain is not None:
            (rules.by_path if b"/" in plain else rules.by_name)[plain.removeprefix(b"/")] = (number, lfs)
        elif text.startswith(b"*") and b"/" not in text and (suffix := literal(text[1:])) is not None:
            rules.by_suffix[suffix] = (number, lfs)
        elif (pattern := compile_pattern(text)) is not None:
            rules.wild.append((pattern, number, lfs))
    if len(rules.wild) > MAX_WILDCARDS:
        raise TooLarge(
            field=f"{folder}/.gitattributes".lstrip("/"), limit=f"{MAX_WILDCARDS} patterns with wildcards"
        )
    return rules


def _lines(text: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield (pattern, attributes) of every line that git accepts."""
    for raw in text.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        line = raw.strip(b" \t\r")
        if not line or line.startswith(b"#") or len(line) >= MAX_LINE_BYTES:
            continue
        pattern, rest = _pattern(line)
        if pattern.startswith(b"!"):
            continue
        tokens = [token for token in _BLANK.split(rest) if token]
        if all(map(_valid, tokens)):
            yield pattern, tokens


def _pattern(line: bytes) -> tuple[bytes, bytes]:
    """Split a line into its pattern, quoted or not, and the rest."""
    quoted = _QUOTED.match(line)
    if quoted is not None and all(_known(match) for match in _ESCAPE.finditer(quoted.group(1))):
        return _ESCAPE.sub(_unescape, quoted.group(1)), line[quoted.end() :]
    pattern, *rest = _BLANK.split(line, maxsplit=1)
    return pattern, rest[0] if rest else b""


def _known(match: re.Match[bytes]) -> bool:
    return len(match.group(1)) == 3 or match.group(1) in _ESCAPES


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match.group(1)
    return bytes([int(code, 8)]) if len(code) == 3 else _ESCAPES[code]


def _valid(token: bytes) -> bool:
    found = _ATTRIBUTE.fullmatch(token)
    return found is not None and not found.group(1).startswith(b"builtin_")


def _filter_of(tokens: list[bytes], macros: dict[bytes, list[bytes]], depth: int = 0) -> bool | None:
    """Return what a line says about `filter`: LFS, something else, or nothing. The last word counts."""
    for token in reversed(tokens):
        if token == b"filter=lfs":
            return True
        if token.lstrip(b"-!").partition(b"=")[0] == b"filter":
            return False
        if token in macros and depth < 8:
            found = _filter_of(macros[token], macros, depth + 1)
            if found is not None:
                return found
    return None
