"""Who and what a text speaks of: `@name`, `#12`, `owner/name#12`, and addresses of discussions on this hub."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from hubkeep.repos import Kind

MAX_NAMES = 50  # of one text: more is a list, not a message
MAX_REFERENCES = 50

_FENCE = re.compile(r"^(`{3,}+|~{3,}+)[^\n]*+\n.*?(?:^\1[`~]*+[ \t]*+$|\Z)", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"(?<!`)(`++)(?!`)[^`\n]{0,2000}?(?<!`)\1(?!`)")
_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?"
_MENTION = re.compile(rf"(?<![\w/@.`-])@({_NAME})")
_SHORT = re.compile(
    rf"(?<![\w/#&-])(?:(?:(models|datasets|spaces|kernels)/)?({_NAME})/({_NAME}))?#([1-9]\d{{0,8}})\b"
)

_EITHER = re.compile(f"{_MENTION.pattern}|{_SHORT.pattern}")


@dataclass(frozen=True)
class Reference:
    """A discussion that a text speaks of; `full_name` None: of the same repository."""

    kind: Kind | None
    full_name: str | None
    num: int


def mentioned(text: str) -> list[str]:
    """Return the names that a text calls, in the order they are called, without those in code."""
    return list(dict.fromkeys(_MENTION.findall(_without_code(text))))[:MAX_NAMES]


def references(text: str, base: str) -> list[Reference]:
    """Return the discussions that a text speaks of; `base` is the address of this hub."""
    plain = _without_code(text)
    found = [*_addresses(plain, base), *_short(plain)]
    return list(dict.fromkeys(found))[:MAX_REFERENCES]


def short_references(text: str) -> list[Reference]:
    """Return the discussions that a text speaks of as `#12` or `owner/name#12`."""
    return list(dict.fromkeys(_short(_without_code(text))))[:MAX_REFERENCES]


def split(text: str) -> Iterator[tuple[str, str | Reference | None]]:
    """Cut a text without code into pieces, each with the name or discussion that it speaks of, None for other text."""
    at = 0
    for found in _EITHER.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], None
        at = found.end()
        name, prefix, owner, repo, num = found.groups()
        if name:
            yield found[0], str(name)
        else:
            kind = Kind(prefix[:-1]) if prefix else None
            yield found[0], Reference(kind, f"{owner}/{repo}" if owner else None, int(num))
    if at < len(text):
        yield text[at:], None


def _addresses(text: str, base: str) -> Iterator[Reference]:
    link = re.compile(
        rf"{re.escape(base)}/(?:(models|datasets|spaces|kernels)/)?({_NAME})/({_NAME})/discussions/([1-9]\d{{0,8}})\b"
    )
    for prefix, owner, name, num in link.findall(text):
        yield Reference(Kind(prefix[:-1]) if prefix else Kind.MODEL, unquote(f"{owner}/{name}"), int(num))


def _short(text: str) -> Iterator[Reference]:
    for prefix, owner, name, num in _SHORT.findall(text):
        if owner:
            yield Reference(Kind(prefix[:-1]) if prefix else None, f"{owner}/{name}", int(num))
        else:
            yield Reference(None, None, int(num))


def _without_code(text: str) -> str:
    """Blank out fenced blocks and code in a line: what stands there calls nobody."""
    return _CODE.sub(" ", _FENCE.sub("\n", text))
