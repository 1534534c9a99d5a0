"""The index on PostgreSQL: `search_docs.words` behind a GIN index, places behind one B-tree per order.

The planner cannot know how many of the first rows match, and guesses badly on words that seldom meet. So a question is
asked in a bounded way first: a few hundred rows in order. They fill the page, or they tell how many rows would; when those
are too many to look at, matches are rare, and it is cheap to find all of them by GIN and sort.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hubkeep.kit import ReadTx, WriteTx
from hubkeep.search.expression import Expression, tsquery
from hubkeep.search.sqlite import ROUGH, parsed
from hubkeep.search.types import Match, Order
from hubkeep.search.words import GRAM

TRIED = 400  # rows looked at in order before anything else; measured: 1 ms
SCAN, SCAN_PER_ITEM = 4000, 8  # rows looked at in order, when those tried say that they will fill the page
# OFFSET 0 keeps the planner from asking GIN for every match there is: one row is looked up for each row in order.
_ROW = "(SELECT d.words FROM search_docs d WHERE d.repo_id = k.repo_id OFFSET 0)"
_HITS = "WITH hits AS MATERIALIZED (SELECT d.repo_id FROM search_docs d WHERE d.words @@ %(q)s::tsquery)"
FEW = 2000  # when no more than this can match, finding all of them is the cheaper way


class PostgresIndex:
    """Asks the tables; they are all there is, so putting in and taking out are nothing more."""

    def add(self, tx: WriteTx, order: Order, rows: Sequence[tuple[int, str]]) -> None:
        """Nothing: `search_keys` and `search_docs` are the index."""

    def remove(self, tx: WriteTx, order: Order, rows: Sequence[tuple[int, str]]) -> None:
        """Nothing, likewise."""

    def add_text(self, tx: WriteTx, at: int, words: str) -> None:
        """Nothing: `search_texts` is the index."""

    def remove_text(self, tx: WriteTx, at: int, words: str) -> None:
        """Nothing, likewise."""

    def add_person(self, tx: WriteTx, owner_id: int, words: str) -> None:
        """Nothing: `search_people` is the index."""

    def remove_person(self, tx: WriteTx, owner_id: int, words: str) -> None:
        """Nothing, likewise."""

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
        checks, values = _checks(match)
        values |= {"q": tsquery(question), "n": limit, "kind": match.kind.value, "after": after}
        start = "" if after is None else f"AND k.{order} {'>' if ascending else '<'} %(after)s"
        by = "ASC" if ascending else "DESC"

        def scan(rows: int) -> list[int]:
            first = (
                f"SELECT k.repo_id, k.name, k.weights, k.{order} AS at FROM search_keys k "
                f"WHERE k.kind = %(kind)s AND k.{order} IS NOT NULL {start} ORDER BY k.{order} {by} LIMIT {rows}"
            )
            scanned = (
                f"SELECT k.at FROM ({first}) k CROSS JOIN LATERAL {_ROW} d "
                f"WHERE d.words @@ %(q)s::tsquery {checks} ORDER BY k.at {by} LIMIT %(n)s"
            )
            return _numbers(tx, scanned, values)

        if match.rarest is None or match.rarest > FEW:
            found = scan(TRIED)
            rows = SCAN + SCAN_PER_ITEM * limit
            if len(found) < limit <= len(found) * rows / TRIED:
                found = scan(rows)
            if len(found) >= limit:
                return found
        page = (
            f"{_HITS} SELECT k.{order} FROM hits JOIN search_keys k ON k.repo_id = hits.repo_id "
            f"WHERE k.{order} IS NOT NULL {start} {checks} ORDER BY k.{order} {by} LIMIT %(n)s"
        )
        return _numbers(tx, page, values)

    def count(self, tx: ReadTx, match: Match, question: Expression, most: int) -> int:
        """Return how many repositories match, `most` at most."""
        checks, values = _checks(match)
        joined = "JOIN search_keys k ON k.repo_id = d.repo_id" if checks else ""
        found = (
            f"SELECT 1 FROM search_docs d {joined} WHERE d.words @@ %(q)s::tsquery {checks} LIMIT %(most)s"
        )
        asked = values | {"q": tsquery(question), "most": most}
        return _numbers(tx, f"SELECT count(*) FROM ({found}) found", asked)[0]

    def ids(self, tx: ReadTx, match: Match, question: Expression) -> npt.NDArray[np.int64]:
        """Return the numbers of all repositories that match, in no order; roughly if they are many."""
        checks, values = _checks(match)
        values["q"] = tsquery(question)
        if checks and match.parameters is None:
            rough = (
                "SELECT string_agg(d.repo_id::text, ',') FROM search_docs d WHERE d.words @@ %(q)s::tsquery"
            )
            found = parsed(tx.sql.exec_driver_sql(rough, {"q": values["q"]}).scalar())
            if len(found) > ROUGH:
                return found
        joined = "JOIN search_keys k ON k.repo_id = hits.repo_id" if checks else ""
        exact = f"{_HITS} SELECT string_agg(hits.repo_id::text, ',') FROM hits {joined} WHERE true {checks}"
        return parsed(tx.sql.exec_driver_sql(exact, values).scalar())

    def texts(self, tx: ReadTx, question: Expression, limit: int) -> list[int]:
        """Return the numbers of the repositories whose cards match, popular ones first."""
        hits = "WITH hits AS MATERIALIZED (SELECT repo_id, place FROM search_texts WHERE words @@ %(q)s::tsquery)"
        found = f"{hits} SELECT repo_id FROM hits ORDER BY place DESC LIMIT %(n)s"
        return _numbers(tx, found, {"q": tsquery(question), "n": limit})

    def people(self, tx: ReadTx, question: Expression, text: str, limit: int) -> list[int]:
        """Return the numbers of users and organizations whose names match and contain `text`, oldest first."""
        found = (
            "SELECT owner_id FROM search_people WHERE words @@ %(q)s::tsquery AND strpos(name, %(text)s) > 0 "
            "ORDER BY owner_id LIMIT %(n)s"
        )
        return _numbers(tx, found, {"q": tsquery(question), "text": text, "n": limit})

    def fill(self, tx: WriteTx, order: Order) -> None:
        """Tell the planner about tables that grew in one go; once is enough."""
        if order is Order.PARAMETERS:
            for table in ("search_docs", "search_keys", "search_features"):
                tx.sql.exec_driver_sql(f"ANALYZE {table}")


def _checks(match: Match) -> tuple[str, dict[str, Any]]:
    """Return what the index alone cannot tell: the exact text, the exact bounds."""
    texts = [text for text in match.contains if len(text) > GRAM]
    values: dict[str, Any] = {f"c{number}": text for number, text in enumerate(texts)}
    checks = [f"AND strpos(k.name, %({name})s) > 0" for name in values]
    if match.parameters is not None:
        checks.append("AND k.weights BETWEEN %(least)s AND %(greatest)s")
        values["least"], values["greatest"] = match.parameters
    return " ".join(checks), values


def _numbers(tx: ReadTx, statement: str, values: Mapping[str, Any]) -> list[int]:
    return list(tx.sql.exec_driver_sql(statement, dict(values)).scalars())
