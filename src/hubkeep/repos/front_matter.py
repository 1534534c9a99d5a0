"""The YAML at the top of a README.md: found, bounded, parsed safely."""

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import yaml

MAX_BYTES = 1 << 20
_FENCED = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)(?:^|\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


@dataclass(frozen=True)
class FrontMatter:
    """What the front matter says (`data`, JSON types only, {} when there is none), and what is wrong with it."""

    data: dict[str, Any] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]  # chosen at import
    """Safe YAML without aliases: a few bytes of them expand to gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed in metadata")
        return super().compose_node(parent, index)


def parse_front_matter(text: str) -> FrontMatter:
    """Read the block between the first two `---` lines. Never raises: problems are told in `errors`."""
    found = _FENCED.match(text)
    if found is None:
        return FrontMatter(warnings=("empty or missing yaml metadata in repo card",))
    block = found.group(1)
    if len(block.encode("utf-8", "replace")) > MAX_BYTES:
        return FrontMatter(errors=(f"YAML metadata is over the limit of {MAX_BYTES} bytes",))
    try:
        data = yaml.load(block, Loader=_Loader)  # noqa: S506  _Loader is the safe loader, minus aliases
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return FrontMatter(errors=(f"YAML metadata cannot be read: {_first_lines(error)}",))
    if data is None:
        return FrontMatter(warnings=("empty or missing yaml metadata in repo card",))
    if not isinstance(data, dict):
        return FrontMatter(errors=(f"YAML metadata must be a mapping, not a {type(data).__name__}",))
    return FrontMatter(_json_types(data))


def body_of(text: str) -> str:
    """Return the card without its front matter."""
    found = _FENCED.match(text)
    return text[found.end() :] if found else text


def _json_types(data: dict[Any, Any]) -> dict[str, Any]:
    """Make keys strings and dates text: `cardData` travels as JSON and becomes keyword arguments in the client."""
    plain: dict[str, Any] = json.loads(json.dumps(data, default=_text, skipkeys=False).replace("\\u0000", ""))
    return plain


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _first_lines(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
