"""What is wrong with the front matter of a card, and in which line of it."""

import re
from dataclasses import dataclass

from hubkeep import repos
from hubkeep.repos import Kind

CARD = "README.md"
_LINE = re.compile(r"\bline (\d{1,7}): ")
_ENDING = re.compile(r"\r\n|\r|\n")
_KEY = re.compile(r'"(\w+)" must ')


@dataclass(frozen=True)
class Fault:
    """An error of the hub's own check, and the line (from 1) that it is about."""

    line: int
    text: str


def card_faults(text: str, kind: Kind) -> list[Fault]:
    """Return every error that would keep this card from being committed."""
    return [_fault(error, text) for error in repos.validate_yaml(text, kind).errors]


def _fault(error: str, text: str) -> Fault:
    if (told := _LINE.search(error)) is not None:
        return Fault(int(told[1]), error[told.end() :])
    if (key := _KEY.match(error)) is not None:
        for number, line in enumerate(_ENDING.split(text)[:50_000], 1):
            if line.startswith(f"{key[1]}:"):
                return Fault(number, error)
    return Fault(1, error)
