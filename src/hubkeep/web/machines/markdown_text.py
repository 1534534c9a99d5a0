"""Write Markdown for programs that read: names as they are, without letting them act as markup."""

from collections.abc import Iterable

MAX_NAME = 300


def code(text: str) -> str:
    """Write a name between backticks: more of them than it has itself, in one line.

    >>> print(code("a.txt"), code("odd`name"))
    `a.txt` ``odd`name``
    """
    line = " ".join(text[:MAX_NAME].split()) or " "
    longest = max((len(run) for run in _runs(line)), default=0)
    fence = "`" * (longest + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def link(text: str, address: str) -> str:
    """Write a link; what would end its text early is taken out."""
    shown = " ".join(text.split()).replace("\\", "").replace("[", "(").replace("]", ")")
    return f"[{shown}](<{address.replace('<', '%3C').replace('>', '%3E')}>)"


def fenced(text: str, language: str) -> str:
    """Write a block of code, behind a fence that nothing in it can close."""
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _runs(text: str) -> Iterable[str]:
    return (run for run in "".join(c if c == "`" else " " for c in text).split())
