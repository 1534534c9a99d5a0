"""From a card to its words: plain text out of Markdown, words out of any language, and where they stand."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from hubkeep.repos import body_of

MAX_TEXT = 50_000  # characters of one card that are searched
MAX_WORDS = 5_000  # different words of one card
MAX_LENGTH = 40  # characters of one word; longer ones are cut, in cards and in questions alike
_MARKUP = (
    (re.compile(r"</?[A-Za-z][^<>]{0,2000}>"), " "),
    (re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,2000}(?:\s[^()]{0,200})?\)"), r"\1"),
    (re.compile(r"(?m)^[ \t]*(?:#{1,6}|>|[-*+]|\d{1,3}[.)])[ \t]+"), ""),
    (re.compile(r"(?m)^[ \t]*[|:\- \t]{3,}$"), ""),
    (re.compile(r"[`*_|~]{1,}"), " "),
    (re.compile(r"[ \t]*\n[ \t\n]*"), "\n"),
    (re.compile(r"[ \t]{2,}"), " "),
)
_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces: every pair of neighbours is a word.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)


def plain_text(markdown: str) -> str:
    """Return a card as people read it: no front matter, no markup, `MAX_TEXT` characters at most."""
    text = _without_comments(body_of(markdown)[: 2 * MAX_TEXT].replace("\0", " "))
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    return text.strip().encode("utf-8", "replace").decode()[:MAX_TEXT]


def _without_comments(text: str) -> str:
    first, *others = text.split("<!--")
    return " ".join([first, *(other.partition("-->")[2] for other in others)])


def words_in(text: str) -> list[str]:
    """Return the different words of a text, as the index knows them, `MAX_WORDS` at most."""
    found: dict[str, None] = {}
    for match in _WORD.finditer(text):
        found.update(dict.fromkeys(_forms(match.group(), single=True)))
        if len(found) >= MAX_WORDS:
            break
    return list(found)[:MAX_WORDS]


def words_to_find(text: str) -> list[str]:
    """Return the words that a card must have to match what was typed; nothing in it is an operator."""
    found = (form for match in _WORD.finditer(text) for form in _forms(match.group(), single=False))
    return list(dict.fromkeys(found))


def marks(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of every place in `text` where one of `words` stands."""
    wanted = set(words)
    for match in _WORD.finditer(text):
        start, run = match.start(), match.group()
        if not _UNSPACED.search(run):
            if _folded(run) in wanted:
                yield start, match.end()
            continue
        for offset in range(len(run)):
            piece = run[offset : offset + 2]
            if piece in wanted or run[offset] in wanted:
                yield start + offset, start + offset + (2 if piece in wanted else 1)


def _forms(run: str, *, single: bool) -> Iterator[str]:
    """Yield a run of letters as words: itself, or the pairs (and, to be found, the single signs) of an unspaced script."""
    at = 0
    for match in _UNSPACED.finditer(run):
        if match.start() > at:
            yield _folded(run[at : match.start()])
        signs = match.group()
        pairs = [signs[start : start + 2] for start in range(len(signs) - 1)]
        yield from pairs
        if single or not pairs:
            yield from signs
        at = match.end()
    if at < len(run):
        yield _folded(run[at:])


def _folded(word: str) -> str:
    """Return a word without capitals and accents."""
    if word.isascii():
        return word.lower()[:MAX_LENGTH]
    apart = unicodedata.normalize("NFKD", word.casefold())
    kept = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return "".join(_WORD.findall(kept))[:MAX_LENGTH] or word[:MAX_LENGTH]
