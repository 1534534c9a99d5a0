"""CSV and JSON Lines as tables: the first rows, within bounds."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

MAX_ROWS, MAX_COLUMNS, MAX_CELL = 100, 40, 400


@dataclass(frozen=True)
class Table:
    """Rows of text under column names; `cut` when there is more than is shown. `numeric` columns align right."""

    columns: list[str]
    rows: list[list[str]]
    numeric: list[bool]
    cut: bool


def csv_table(text: str, *, cut: bool, delimiter: str) -> Table | None:
    """Read comma- or tab-separated values whose first row names the columns; None when they are not."""
    reader = csv.reader(_whole_lines(text, cut=cut), delimiter=delimiter)
    try:
        found = list(islice(reader, MAX_ROWS + 2))
    except csv.Error:
        return None
    if not found or not found[0]:
        return None
    columns, rows = found[0], [row for row in found[1:] if row]
    return _table(columns, rows, cut=cut or len(rows) > MAX_ROWS)


def jsonl_table(text: str, *, cut: bool) -> Table | None:
    """Read one JSON object a line; columns are the keys in the order of their first appearance."""
    objects: list[dict[str, Any]] = []
    for line in islice((line for line in _whole_lines(text, cut=cut) if line.strip()), MAX_ROWS + 1):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return None
        objects.append(value if isinstance(value, dict) else {"value": value})
    if not objects:
        return None
    columns = list(dict.fromkeys(key for value in objects for key in value))
    rows = [[_cell(value[key]) if key in value else "" for key in columns] for value in objects]
    return _table(columns, rows, cut=cut or len(objects) > MAX_ROWS)


def _table(columns: list[str], rows: list[list[str]], *, cut: bool) -> Table:
    width = min(max(len(columns), *(len(row) for row in rows[:MAX_ROWS]), 1), MAX_COLUMNS)
    padded = [[_short(cell) for cell in (row + [""] * width)[:width]] for row in rows[:MAX_ROWS]]
    numeric = [bool(padded) and all(_is_number(row[at]) for row in padded) for at in range(width)]
    names = [_short(name) for name in (columns + [""] * width)[:width]]
    return Table(names, padded, numeric, cut or len(columns) > MAX_COLUMNS)


def _whole_lines(text: str, *, cut: bool) -> Iterable[str]:
    lines = text.splitlines(keepends=True)
    return lines[:-1] if cut and len(lines) > 1 else lines


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= MAX_CELL else text[:MAX_CELL] + "…"


def _is_number(text: str) -> bool:
    if not text:
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True
