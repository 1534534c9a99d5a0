"""A patch as git writes it, read within bounds: which files changed, and line by line how."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from markupsafe import Markup

MAX_FILES, MAX_LINES, MAX_FILE_LINES, MAX_LINE = 100, 4000, 1000, 600
MAX_BYTES = 4 << 20

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)")
_OID = re.compile(r"oid sha256:([0-9a-f]{64})")
_SIZE = re.compile(r"size (\d+)")


@dataclass
class Line:
    """A line of a patch: `sign` is "+", "-", " " or "@" for the head of a hunk; numbers are None where it is not."""

    sign: str
    text: str
    old: int | None = None
    new: int | None = None
    marked: tuple[int, int] | None = (
        None  # what differs from the line that this one replaces, or that replaces it
    )

    @property
    def parts(self) -> tuple[str, str, str]:
        """The text before, within and after what is marked."""
        start, end = self.marked or (0, 0)
        return self.text[:start], self.text[start:end], self.text[end:]


@dataclass
class FileDiff:
    """One file of a patch. `way` is added, deleted, renamed or changed; `large` is (old size, new size) of a large file."""

    path: str
    old_path: str = ""
    way: str = "changed"
    lines: list[Line] = field(default_factory=list)
    added: int = 0
    removed: int = 0
    binary: bool = False
    cut: bool = False
    mode: str = ""
    large: tuple[int | None, int | None] | None = None

    @property
    def share(self) -> Markup:
        """How many lines came and went, as two bars beside each other; 100 lines fill them."""
        if self.large or not self.added + self.removed:
            return Markup("")
        wide = 64 * min(self.added + self.removed, 100) / 100
        come = round(wide * self.added / (self.added + self.removed), 1)
        return Markup(
            '<svg class="diff-share" viewBox="0 0 64 8" role="img" aria-label="{} added, {} removed">'
            '<rect class="of-added" width="{}" height="8"/><rect class="of-removed" x="{}" width="{}" height="8"/></svg>'
        ).format(self.added, self.removed, come, come, round(max(wide - come, 0), 1))


@dataclass
class Diff:
    """The files of a patch; `cut` when there is more than is shown."""

    files: list[FileDiff] = field(default_factory=list)
    cut: bool = False

    @property
    def added(self) -> int:
        """Lines added, in the files shown."""
        return sum(file.added for file in self.files)

    @property
    def removed(self) -> int:
        """Lines removed, in the files shown."""
        return sum(file.removed for file in self.files)


def read_diff(patch: Iterable[bytes]) -> Diff:
    """Read a patch; stops asking for more at its bounds."""
    diff = Diff()
    shown = 0
    file: FileDiff | None = None
    old = new = 0
    in_hunk = False
    for line in _lines(patch, diff):
        if line.startswith("diff --git "):
            if len(diff.files) == MAX_FILES:
                diff.cut = True
                break
            file, in_hunk = FileDiff(_path_of(line)), False
            diff.files.append(file)
        elif file is None:
            continue
        elif (hunk := _HUNK.match(line)) is not None:
            old, new, in_hunk = int(hunk[1]), int(hunk[2]), True
            if not file.cut:
                file.lines.append(Line("@", hunk[3]))
        elif not in_hunk:
            _header(file, line)
        elif line[:1] in ("+", "-", " ", ""):
            sign = line[:1] or " "
            file.added += sign == "+"
            file.removed += sign == "-"
            file.cut = file.cut or len(file.lines) >= MAX_FILE_LINES or shown >= MAX_LINES
            if not file.cut:
                numbers = (None if sign == "+" else old, None if sign == "-" else new)
                file.lines.append(Line(sign, line[1 : MAX_LINE + 1], *numbers))
                shown += 1
            old, new = old + (sign != "+"), new + (sign != "-")
    for found in diff.files:
        found.large = _large(found)
        mark_changes(found.lines)
    return diff


def _lines(patch: Iterable[bytes], diff: Diff) -> Iterator[str]:
    """Cut chunks into lines; a line without an end is bounded too."""
    rest, read = b"", 0
    for chunk in patch:
        read += len(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode("utf-8", "replace").rstrip("\r") for line in whole)
        if read > MAX_BYTES:
            diff.cut = True
            if diff.files:
                diff.files[-1].cut = True
            return
    if rest:
        yield rest.decode("utf-8", "replace")


def _header(file: FileDiff, line: str) -> None:
    word, _, value = line.partition(" ")
    if line.startswith("new file"):
        file.way = "added"
    elif line.startswith("deleted file"):
        file.way = "deleted"
    elif line.startswith("rename from "):
        file.way, file.old_path = "renamed", _unquoted(line.removeprefix("rename from "))
    elif line.startswith("rename to "):
        file.path = _unquoted(line.removeprefix("rename to "))
    elif line.startswith("new mode "):
        file.mode = line.removeprefix("new mode ")
    elif line.startswith("Binary files "):
        file.binary = True
    elif word == "+++" and value != "/dev/null":
        file.path = _unquoted(value).removeprefix("b/")
    elif word == "---" and value != "/dev/null" and file.way == "deleted":
        file.path = _unquoted(value).removeprefix("a/")


def _path_of(line: str) -> str:
    """Guess the path from `diff --git a/x b/x`; the lines below it say it exactly when there is text to show."""
    rest = line.removeprefix("diff --git ")
    if rest.startswith('"'):
        return _unquoted(rest[rest.rfind(' "') + 1 :]).removeprefix("b/")
    half = len(rest) // 2
    return rest[half + 1 :].removeprefix("b/") if rest[half : half + 1] == " " else rest.rpartition(" b/")[2]


def _unquoted(text: str) -> str:
    """Undo git's quoting of unusual characters; paths with spaces end in a tab."""
    text = text.rstrip("\t")
    if not (text.startswith('"') and text.endswith('"') and len(text) > 1):
        return text
    raw = re.sub(
        r'\\([0-7]{3}|["\\abfnrtv])',
        lambda found: chr(int(found[1], 8)) if len(found[1]) == 3 else _ESCAPES[found[1]],
        text[1:-1],
    )
    try:
        return raw.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return raw


_ESCAPES = {'"': '"', "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _large(file: FileDiff) -> tuple[int | None, int | None] | None:
    """Recognise the pointer of a large file, and tell its size before and after."""
    if not 1 <= len(file.lines) <= 8:
        return None
    if not any(line.text.startswith("version https://git-lfs.github.com/spec/") for line in file.lines):
        return None
    old = [line.text for line in file.lines if line.sign in "- "]
    new = [line.text for line in file.lines if line.sign in "+ "]
    sizes = _pointed(old), _pointed(new)
    return None if sizes == (None, None) else sizes


def _pointed(lines: list[str]) -> int | None:
    if not any(_OID.fullmatch(line) for line in lines):
        return None
    return next((int(found[1]) for line in lines if (found := _SIZE.fullmatch(line))), None)


def mark_changes(lines: list[Line]) -> None:
    """Mark what differs within lines, where as many lines follow as were taken away."""
    at = 0
    while at < len(lines):
        gone = _run(lines, at, "-")
        come = _run(lines, at + gone, "+")
        if gone == come and 0 < gone <= MAX_PAIRS:
            for step in range(gone):
                _mark(lines[at + step], lines[at + gone + step])
        at += max(gone + come, 1)


MAX_PAIRS = 40


def _run(lines: list[Line], at: int, sign: str) -> int:
    end = at
    while end < len(lines) and lines[end].sign == sign:
        end += 1
    return end - at


def _mark(old: Line, new: Line) -> None:
    """Mark what lies between the common beginning and end; nothing when they have little in common."""
    short = min(len(old.text), len(new.text))
    start = next((at for at in range(short) if old.text[at] != new.text[at]), short)
    rest = short - start
    tail = next((at for at in range(rest) if old.text[-1 - at] != new.text[-1 - at]), rest)
    same = len(old.text[:start].strip()) + len(old.text[len(old.text) - tail :].strip())
    if same * 3 < max(len(old.text.strip()), len(new.text.strip())) or old.text == new.text:
        return
    old.marked, new.marked = (start, len(old.text) - tail), (start, len(new.text) - tail)
