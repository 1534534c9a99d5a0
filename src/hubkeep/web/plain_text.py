"""Text as people edit it in a browser, and the bytes it came from: what nobody touched stays as it was."""

import re
from collections import Counter

MAX_BYTES = 1 << 20  # what can be edited in a page
_ENDING = re.compile(r"\r\n|\r|\n")


def decoded(content: bytes) -> str | None:
    """Return the text of a file, None when it is not text: not UTF-8, or with a NUL in it."""
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def restored(text: str, original: str = "") -> str:
    """Return what a form sent back as a file: browsers end every line with CR LF, whatever it was before.

    Lines before and after what was changed keep the endings that they have in `original`, new ones get its usual one. A last
    line without an end stays without.
    """
    lines, endings = _parted(text)[0], _parted(original)[1]
    before = _parted(original)[0]
    usual = Counter(endings).most_common(1)[0][0] if endings else "\n"
    made = [usual] * (len(lines) - 1)
    most = min(len(made), len(endings))
    first = 0
    while first < most and lines[first] == before[first]:
        made[first] = endings[first]
        first += 1
    last = 1
    while last <= most - first and lines[-last] == before[-last]:
        made[-last] = endings[-last]
        last += 1
    return "".join(line + end for line, end in zip(lines, [*made, ""], strict=True))


def _parted(text: str) -> tuple[list[str], list[str]]:
    """Return the lines of a text, and what stands between them."""
    return _ENDING.split(text), _ENDING.findall(text)
