"""What an index must be able to do, and which one a database has."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hubkeep.kit import ReadTx, WriteTx
from hubkeep.search.expression import Expression
from hubkeep.search.postgres import PostgresIndex
from hubkeep.search.sqlite import SqliteIndex
from hubkeep.search.types import Match, Order


class Index(Protocol):
    """Two implementations, one promise: `tests/contracts/test_search.py`."""

    def add(self, tx: WriteTx, order: Order, rows: Sequence[tuple[int, str]]) -> None:
        """Put (place, words) into an order."""

    def remove(self, tx: WriteTx, order: Order, rows: Sequence[tuple[int, str]]) -> None:
        """Take (place, words) out of an order; both must be exactly what was put in."""

    def add_text(self, tx: WriteTx, at: int, words: str) -> None:
        """Put a card's words in."""

    def remove_text(self, tx: WriteTx, at: int, words: str) -> None:
        """Take a card's words out; they must be exactly what was put in."""

    def add_person(self, tx: WriteTx, owner_id: int, words: str) -> None:
        """Put a user or an organization in."""

    def remove_person(self, tx: WriteTx, owner_id: int, words: str) -> None:
        """Take a user or an organization out; the words must be exactly what was put in."""

    def page(
        self,
        tx: ReadTx,
        match: Match,
        question: Expression,
        order: Order,
        after: int | None,
        limit: int,
        *,
        ascending: bool,
    ) -> list[int]:
        """Return the places of the next `limit` repositories that match, best first (worst first if `ascending`)."""

    def count(self, tx: ReadTx, match: Match, question: Expression, most: int) -> int:
        """Return how many repositories match, `most` at most."""

    def ids(self, tx: ReadTx, match: Match, question: Expression) -> npt.NDArray[np.int64]:
        """Return the numbers of all repositories that match, in no order; roughly if they are many (`ROUGH`)."""

    def sampled(self, tx: ReadTx, match: Match) -> npt.NDArray[np.int64] | None:
        """Return the numbers of the public ones in the sample (`words.in_sample`) that match by their names alone.

        None where `ids` does not take too long.
        """

    def texts(self, tx: ReadTx, question: Expression, limit: int) -> list[int]:
        """Return the numbers of the repositories whose cards match, popular ones first."""

    def people(self, tx: ReadTx, question: Expression, text: str, limit: int) -> list[int]:
        """Return the numbers of users and organizations whose names match and contain `text`, oldest first."""

    def fill(self, tx: WriteTx, order: Order) -> None:
        """Build an order anew from `search_docs` and `search_keys`."""


_INDEXES: dict[str, Index] = {"sqlite": SqliteIndex(), "postgresql": PostgresIndex()}


def index_of(tx: ReadTx) -> Index:
    """Return the index of the transaction's database."""
    return _INDEXES[tx.sql.dialect.name]
