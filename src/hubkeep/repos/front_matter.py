"""The YAML at the top of a README.md: found, bounded, parsed safely."""

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import yaml

MAX_BYTES = 1 << 20
MAX_DEPTH = 50
FENCED = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)(?:^|\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


@dataclass(frozen=True)
class FrontMatter:
    """What the front matter says (`data`, JSON types only, {} when there is none), and what is wrong with it."""

    data: dict[str, Any] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


# The parser in C where PyYAML has it: ten times as fast.
_Parser: Any = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
MAX_DIGITS = 40
# The scanner of PyYAML 6.0.4 reads ahead, and gives up at a depth of 1000 before the first event is out.
_SCANNER_TOO_DEEP = "exceeded maximum nesting depth"


class _Loader(_Parser):  # type: ignore[misc]  # chosen above
    """Safe YAML in which a long number is a text: `1:1:1:…` is base 60 to YAML, and a megabyte of it takes minutes."""

    def construct_int(self, node: yaml.ScalarNode) -> int | str:
        """Return the number, or a long one as it is written."""
        long = len(node.value) > MAX_DIGITS
        return str(node.value) if long else int(self.construct_yaml_int(node))

    def construct_float(self, node: yaml.ScalarNode) -> float | str:
        """Return the number, or a long one as it is written."""
        long = len(node.value) > MAX_DIGITS
        return str(node.value) if long else float(self.construct_yaml_float(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_float)


def parse_front_matter(text: str) -> FrontMatter:
    """Read the block between the first two `---` lines. Never raises: problems are told in `errors`."""
    found = FENCED.match(text)
    if found is None:
        return FrontMatter(warnings=("empty or missing yaml metadata in repo card",))
    block = found.group(1)
    if len(block.encode("utf-8", "replace")) > MAX_BYTES:
        return FrontMatter(errors=(f"YAML metadata is over the limit of {MAX_BYTES} bytes",))
    try:
        data = load_yaml(f"{block}\n")  # the end of its last line, which a text of several lines keeps
    except ValueError as error:
        return FrontMatter(errors=(f"YAML metadata cannot be read: {error}",))
    if data is None:
        return FrontMatter(warnings=("empty or missing yaml metadata in repo card",))
    if not isinstance(data, dict):
        return FrontMatter(errors=(f"YAML metadata must be a mapping, not a {type(data).__name__}",))
    return FrontMatter(data)


def load_yaml(text: str) -> Any:
    """Return what YAML from outside says, in JSON's types. Raises ValueError telling what is wrong, and where."""
    try:
        _refuse_bombs(text)
        return _json_types(yaml.load(text, Loader=_Loader))  # noqa: S506  _Loader is a safe loader
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(_told(error)) from None


def compose_yaml(block: str) -> yaml.Node | None:
    """Return the tree of a block of YAML with the places of its nodes, None for an empty one. Raises ValueError."""
    if len(block.encode("utf-8", "replace")) > MAX_BYTES:
        raise ValueError(f"YAML metadata is over the limit of {MAX_BYTES} bytes")
    try:
        _refuse_bombs(block)
        root: yaml.Node | None = yaml.compose(block, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(_told(error)) from None
    return root


def body_of(text: str) -> str:
    """Return the card without its front matter."""
    found = FENCED.match(text)
    return text[found.end() :] if found else text


def _refuse_bombs(block: str) -> None:
    """Raise YAMLError for an alias, of which a few bytes expand to gigabytes, and for what is nested too deeply to be built.

    Only the events are looked at: the parser makes them without recursion, but building deep data ends the process.
    """
    depth = 0
    for event in yaml.parse(block, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
            problem = f"nested deeper than {MAX_DEPTH}" if depth > MAX_DEPTH else "aliases are not allowed"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]  # the C parser's marks serve as well


def _json_types(data: Any) -> Any:
    """Make keys strings and dates text: `cardData` travels as JSON and becomes keyword arguments in the client."""
    return json.loads(json.dumps(_named(data), default=_text).replace("\\u0000", ""))


def _named(data: Any) -> Any:
    """Return `data` with keys that JSON can have; the depth was checked."""
    if isinstance(data, dict):
        return {_key(key): _named(value) for key, value in data.items()}
    return [_named(value) for value in data] if isinstance(data, list) else data


def _key(key: Any) -> Any:
    return key if isinstance(key, str | int | float) or key is None else _text(key)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _told(error: Exception) -> str:
    """Tell what is wrong, and in which line of the file: the block begins below the first `---`."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        where = f"line {error.problem_mark.line + 2}"
        if error.problem == _SCANNER_TOO_DEEP:
            return f"{where}: nested deeper than {MAX_DEPTH}"
        text = f"{where}: {error.problem or error.context}"
        if error.problem and error.context and error.context_mark is not None:
            text += f" ({error.context} that begins in line {error.context_mark.line + 2})"
    else:
        text = str(error)
    return " ".join(text.split())[:300]
