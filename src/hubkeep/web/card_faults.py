"""What is wrong with the front matter of a card, and in which line of it."""

import re
from dataclasses import dataclass

from hubkeep import repos
from hubkeep.repos import Kind

CARD = "README.md"
_LINE = re.compile(r"\bline (\d{1,7}): ")
_KEY = re.compile(r'"(\w+)" must ')


@dataclass(frozen=True)
class Fault:
    """An error of the hub's own check, and the line (from 1) that it is about."""

    line: int
    text: str


def card_faults(text: str, kind: Kind) -> list[Fault]:
    """Return every error that would keep this card from being committed."""
    return [Fault(_line(error, text), error) for error in repos.validate_yaml(text, kind).errors]


def _line(error: str, text: str) -> int:
    if (told := _LINE.search(error)) is not None:
        return int(told[1])
    if (key := _KEY.match(error)) is not None:
        for number, line in enumerate(re.split(r"\r\n|\r|\n", text)[:50_000], 1):
            if line.startswith(f"{key[1]}:"):
                return number
    return 1
