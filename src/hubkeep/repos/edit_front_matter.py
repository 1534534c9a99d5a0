"""Change single keys in the YAML at the top of a card, and nothing else: comments, order and spelling of the rest stay."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from hubkeep.repos.front_matter import FENCED, compose_yaml, parse_front_matter

_COMMENT = re.compile(r"[ \t]*(?:#.*)?")


class CannotEdit(ValueError):
    """The front matter, or one key of it, is written in a way that only a person can change."""


@dataclass(frozen=True)
class Said:
    """What a key says: texts, as they are written. `values` None: something that is neither a text nor a list of texts."""

    values: tuple[str, ...] | None
    is_list: bool


_NOTHING = Said((), is_list=False)


@dataclass(frozen=True)
class Wanted:
    """What a key shall say; nothing takes the key out. `as_list`: also where there is but one, and no other way is there yet."""

    values: tuple[str, ...]
    as_list: bool = False


@dataclass(frozen=True)
class _Entry:
    """A key at the top, and the lines of the block that are its own: from `first` to `after`, which is not."""

    first: int
    after: int
    node: yaml.Node

    @property
    def said(self) -> Said:
        node = self.node
        if isinstance(node, yaml.ScalarNode):
            empty = node.tag == "tag:yaml.org,2002:null"
            return Said(() if empty else (str(node.value),), is_list=False)
        if isinstance(node, yaml.SequenceNode) and all(
            isinstance(one, yaml.ScalarNode) for one in node.value
        ):
            return Said(tuple(str(one.value) for one in node.value), is_list=True)
        return Said(None, is_list=isinstance(node, yaml.SequenceNode))


def front_matter_says(text: str) -> dict[str, Said]:
    """Return what every key at the top says. Raises CannotEdit."""
    return {key: entry.said for key, entry in _entries(_block(text)[1]).items()}


def edit_front_matter(text: str, wanted: Mapping[str, Wanted]) -> str:
    """Return the card with these keys changed; lines end in LF. New keys come last, in the order of `wanted`.

    Raises:
        CannotEdit: what is there cannot be read, or the result would not say what is wanted.
    """
    text = text.replace("\r\n", "\n")
    before, block, after = _block(text)
    lines = block.split("\n")[:-1] if block else []
    entries = _entries(block)
    indent = _indent(lines, entries)
    added: list[str] = []
    for key, entry in sorted(
        entries.items(), key=lambda item: -item[1].first
    ):  # from below: numbers of lines stay true
        if key in wanted:
            lines[entry.first : entry.after] = _rewritten(key, entry, lines, wanted[key], indent)
    for key, one in wanted.items():
        if key not in entries and one.values:
            added += _written(key, one.values, indent, as_list=one.as_list)
    made = before + "".join(f"{line}\n" for line in [*lines, *added]) + after
    _check(text, made, wanted)
    return made


def _block(text: str) -> tuple[str, str, str]:
    """Cut a card into what is before its block of YAML, the block, and what is behind."""
    found = FENCED.match(text)
    if found is None:
        return "---\n", "", "---\n" + ("\n" if text.strip() else "") + text.removeprefix("\ufeff")
    start, end = found.span(1)
    block = found.group(1)
    if block and not block.endswith("\n"):
        block, end = block + "\n", end + 1
    return text[:start], block, text[end:]


def _entries(block: str) -> dict[str, _Entry]:
    try:
        root = compose_yaml(block)
    except ValueError as error:
        raise CannotEdit(str(error)) from None
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise CannotEdit("the metadata is not a list of keys, each on a line of its own")
    if not all(isinstance(key, yaml.ScalarNode) for key, _ in root.value):
        raise CannotEdit("a key of the metadata is no text")
    lines = block.split("\n")
    starts = [key.start_mark.line for key, _ in root.value] + [len(lines) - 1]
    found = {}
    for (key, value), after in zip(root.value, starts[1:], strict=True):
        first = key.start_mark.line
        if first == after and first < len(lines) - 1:
            raise CannotEdit("two keys of the metadata share a line")
        found[str(key.value)] = _Entry(first, _own(lines, first, after, value), value)
    return found


def _own(lines: Sequence[str], first: int, after: int, value: yaml.Node) -> int:
    """Leave blank lines and comments before the next key to that key, but not those inside a text of several lines."""
    if isinstance(value, yaml.ScalarNode) and value.style in ("|", ">"):
        while after > first + 1 and not lines[after - 1].strip():
            after -= 1
        return after
    while after > first + 1 and _COMMENT.fullmatch(lines[after - 1]):
        after -= 1
    return after


def _indent(lines: Sequence[str], entries: Mapping[str, _Entry]) -> str:
    first = next(iter(entries.values()), None)
    line = lines[first.first] if first is not None else ""
    return line[: len(line) - len(line.lstrip())]


def _rewritten(key: str, entry: _Entry, lines: Sequence[str], one: Wanted, indent: str) -> list[str]:
    """Return the lines of a key that says something else now, as much like before as it can be."""
    said = entry.said
    if said.values is None:
        raise CannotEdit(f"{key} is written in a way that only the text can change")
    if said.values == one.values:
        return list(lines[entry.first : entry.after])
    if not one.values:
        return []
    node = entry.node
    start, end = node.start_mark, node.end_mark
    if start.line == end.line == entry.first and entry.after == entry.first + 1 and start.column < end.column:
        if not said.is_list and len(one.values) == 1:
            return [_spliced(lines[entry.first], node, _scalar(one.values[0]))]
        if said.is_list:
            return [_spliced(lines[entry.first], node, f"[{', '.join(map(_scalar, one.values))}]")]
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _items(entry, node, lines, one.values)
    return _written(key, one.values, indent, as_list=said.is_list)


def _spliced(line: str, node: yaml.Node, text: str) -> str:
    return line[: node.start_mark.column] + text + line[node.end_mark.column :]


def _items(entry: _Entry, node: yaml.SequenceNode, lines: Sequence[str], values: Sequence[str]) -> list[str]:
    """Return a list of lines with dashes, where items that stay keep theirs, with what is noted beside them."""
    starts = [item.start_mark.line for item in node.value] + [entry.after]
    if len(set(starts)) < len(starts):
        raise CannotEdit("two items of a list share a line")
    kept = {
        str(item.value): lines[start:after]
        for item, start, after in zip(node.value, starts, starts[1:], strict=False)
    }
    first = node.value[0].start_mark
    dash = lines[first.line][: first.column]
    made = list(lines[entry.first : starts[0]])
    for value in values:
        made += kept.get(value) or [dash + _scalar(value)]
    return made


def _written(key: str, values: Sequence[str], indent: str, *, as_list: bool) -> list[str]:
    if len(values) == 1 and not as_list:
        return [f"{indent}{key}: {_scalar(values[0])}"]
    return [f"{indent}{key}:", *(f"{indent}- {_scalar(value)}" for value in values)]


def _scalar(value: str) -> str:
    """Write a text so that YAML reads a text, wherever it stands."""
    return yaml.safe_dump([value], allow_unicode=True, default_flow_style=True, width=1 << 30).strip()[1:-1]


def _check(old: str, new: str, wanted: Mapping[str, Wanted]) -> None:
    """Read both again: the keys that were asked for say what was asked for, and every other what it said."""
    was, now = _data(old), _data(new)
    said = front_matter_says(new)
    for key in {*was, *now, *wanted}:
        if key in wanted:
            good = said.get(key, _NOTHING).values == wanted[key].values
        else:
            good = key in was and key in now and was[key] == now[key]
        if not good:
            raise CannotEdit(f"{key} is written in a way that only the text can change")


def _data(text: str) -> Mapping[str, Any]:
    found = parse_front_matter(text)
    if found.errors:
        raise CannotEdit(found.errors[0])
    return found.data
