"""What questions to either database have in common: the checks that words alone cannot make, and rows of one number."""

from collections.abc import Mapping
from typing import Any

from hubkeep.kit import ReadTx
from hubkeep.search.types import Match
from hubkeep.search.words import GRAM

# Above so many matches, counts go by the pieces of a name alone: in a hundred thousand, a handful may have only the pieces.
ROUGH = 20_000


def checks(
    match: Match, contains: str, between: str, *, every: bool = False
) -> tuple[list[str], dict[str, Any]]:
    """Return what is to be checked of every row of `search_keys k`, as SQL and its values.

    `contains` and `between` are the database's ways to say that a name contains `{}` and that weights are in between. A text of
    one piece is told exactly by words, so that it is checked only if `every`.
    """
    texts = [text for text in match.contains if every or len(text) > GRAM]
    values: dict[str, Any] = {f"c{number}": text for number, text in enumerate(texts)}
    wanted = [contains.format(name) for name in values]
    if match.parameters is not None:
        wanted.append(between)
        values["least"], values["greatest"] = match.parameters
    return wanted, values


def numbers(tx: ReadTx, statement: str, values: Mapping[str, Any]) -> list[int]:
    """Return the rows of a statement that selects one number."""
    return list(tx.sql.exec_driver_sql(statement, dict(values)).scalars())
