"""The index on PostgreSQL: `search_docs.words` behind a GIN index, places behind one B-tree per order.

The planner cannot know how many of the first rows match, and guesses badly on words that seldom meet. So a question is
asked in a bounded way first: a few hundred rows in order. They fill the page, or they tell how many rows would; when those
are too many to look at, matches are rare, and it is cheap to find all of them by GIN and sort. Where sets of bits tell who
can match (`sieve.py`), a row costs a bit of the set, and no look at any table: its number is part of its place.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hubkeep.kit import ReadTx, WriteTx
from hubkeep.search.expression import Expression, tsquery
from hubkeep.search.places import MAX_ID
from hubkeep.search.sieve import sieve_of
from hubkeep.search.sqlite import ROUGH, parsed
from hubkeep.search.types import Match, Order
from hubkeep.search.words import GRAM, SAMPLE_OF, SAMPLED, grams_to_find, scope

TRIED = 400  # rows looked at in order before anything else; measured: 1 ms
SCAN, SCAN_PER_ITEM = 4000, 8  # rows looked at in order, when those tried say that they will fill the page
SIFTED = 10  # times as many rows where they are sifted by a set of bits
ROWS_PER_NAME = 12  # sifted rows, for one name that is looked at
_THESE = "WITH hits AS (SELECT unnest(%(ids)s::bigint[]) AS repo_id)"
_HITS = "WITH hits AS MATERIALIZED (SELECT d.repo_id FROM search_docs d WHERE d.words @@ %(q)s::tsquery)"
_SIFT = "CASE WHEN {0} < 8 * length(%(sieve)s::bytea) THEN get_bit(%(sieve)s::bytea, {0}) = 1 ELSE false END"
# GIN walks through the whole list of a tag that many have, however few have the name: sifting is cheaper.
_NAMED = (
    "WITH hits AS MATERIALIZED (SELECT d.repo_id FROM search_docs d WHERE d.words @@ %(names)s::tsquery "
    f"AND {_SIFT.format('d.repo_id')})"
)
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
        ordered = f"k.{order} IS NOT NULL {start}"
        hits = _HITS
        if match.rarest is None or match.rarest > FEW:
            first = f"k.kind = %(kind)s AND {ordered} ORDER BY k.{order} {by}"
            sieve = sieve_of(tx, match, question)
            if sieve is None:
                found = _looked_at(tx, _scanned(order, first, checks), by, values)
            else:
                checks, texts = _checks(match, every=True)
                values |= texts
                if sieve.size <= FEW:
                    hits, found, values["ids"] = _THESE, [], sieve.numbers()
                else:
                    values["sieve"] = sieve.bits
                    if (names := _names(match)) is not None:
                        hits, values["names"] = _NAMED, tsquery(names)
                    found = _looked_at(tx, _sifted(order, first, checks, by), by, values, SIFTED)
            if len(found) >= limit:
                return found
        page = (
            f"{hits} SELECT k.{order} FROM hits JOIN search_keys k ON k.repo_id = hits.repo_id "
            f"WHERE {ordered} {checks} ORDER BY k.{order} {by} LIMIT %(n)s"
        )
        return _numbers(tx, page, values)

    def count(self, tx: ReadTx, match: Match, question: Expression, most: int) -> int:
        """Return how many repositories match, `most` at most: where so many are in the sample, no more are looked for."""
        found = self._counted(tx, match, _in_sample(question), most)
        return found if found >= most else self._counted(tx, match, question, most)

    def _counted(self, tx: ReadTx, match: Match, question: Expression, most: int) -> int:
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
            found = self._roughly(tx, question)
            if len(found) > ROUGH:
                return found
        joined = "JOIN search_keys k ON k.repo_id = hits.repo_id" if checks else ""
        exact = f"{_HITS} SELECT string_agg(hits.repo_id::text, ',') FROM hits {joined} WHERE true {checks}"
        return parsed(tx.sql.exec_driver_sql(exact, values).scalar())

    def _roughly(self, tx: ReadTx, question: Expression) -> npt.NDArray[np.int64]:
        """Return the numbers of those that have the words, whatever else is asked."""
        found = "SELECT string_agg(d.repo_id::text, ',') FROM search_docs d WHERE d.words @@ %(q)s::tsquery"
        return parsed(tx.sql.exec_driver_sql(found, {"q": tsquery(question)}).scalar())

    def some_ids(self, tx: ReadTx, match: Match, question: Expression) -> tuple[npt.NDArray[np.int64], bool]:
        """Return what `ids` does, and True; or, where they are many, those in the sample, and False.

        Every match costs a look at its row, because the index alone does not tell numbers: a hundred thousand take 200 ms.
        """
        sampled = _in_sample(question)
        found = self.ids(tx, match, sampled) if match.parameters else self._roughly(tx, sampled)
        if len(found) * SAMPLE_OF > ROUGH:
            return found, False
        return self.ids(tx, match, question), True

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
        if order is list(Order)[-1]:
            for table in ("search_docs", "search_keys", "search_features"):
                tx.sql.exec_driver_sql(f"ANALYZE {table}")


def _names(match: Match) -> Expression | None:
    """Return the question about names alone, of public and private repositories; None where it stands for many words."""
    grams = [gram for text in match.contains for gram in grams_to_find(text)]
    if not grams or any(gram.endswith("*") for gram in grams):
        return None
    scopes = [scope(match.kind, private=private) for private in (False, True)]
    return Expression([[[before + gram] for gram in grams] for before in scopes])


def _scanned(order: Order, first: str, checks: str) -> str:
    """Return the statement that looks at the first rows in order, and at the words of each.

    OFFSET 0 keeps the planner from asking GIN for every match there is: one row is looked up for each row in order.
    """
    rows = f"SELECT k.repo_id, k.name, k.weights, k.{order} AS at FROM search_keys k WHERE {first} LIMIT {{rows}}"
    words = "SELECT d.words FROM search_docs d WHERE d.repo_id = s.repo_id OFFSET 0"
    checks = checks.replace("k.", "s.")
    return (
        f"SELECT s.at FROM ({rows}) s CROSS JOIN LATERAL ({words}) d WHERE d.words @@ %(q)s::tsquery {checks}"
    )


def _sifted(order: Order, first: str, checks: str, by: str) -> str:
    """Return the statement that sifts the first rows in order, and looks at the names of the first that are left.

    A name costs as much as twenty rows.
    """
    rows = f"SELECT k.{order} AS at FROM search_keys k WHERE {first} LIMIT {{rows}}"
    number = f"(s.at & {MAX_ID})"
    left = f"SELECT s.at FROM ({rows}) s WHERE {_SIFT.format(number)}"
    if not checks:
        return left
    left = f"{left} ORDER BY s.at {by} LIMIT {{rows}} / {ROWS_PER_NAME}"
    names = f"SELECT k.name, k.weights FROM search_keys k WHERE k.repo_id = {number} OFFSET 0"
    return f"SELECT s.at FROM ({left}) s CROSS JOIN LATERAL ({names}) k WHERE true {checks}"


def _looked_at(tx: ReadTx, scan: str, by: str, values: Mapping[str, Any], times: int = 1) -> list[int]:
    """Return what matches among the first rows in order: those tried, or, when they promise to fill the page, all of them."""
    limit = int(values["n"])
    tried, rows = TRIED * times, (SCAN + SCAN_PER_ITEM * limit) * times
    ordered = f"{scan} ORDER BY s.at {by} LIMIT %(n)s"
    found = _numbers(tx, ordered.format(rows=tried), values)
    if len(found) < limit <= len(found) * rows / tried:
        found = _numbers(tx, ordered.format(rows=rows), values)
    return found


def _in_sample(question: Expression) -> Expression:
    """Return the same question about the sample; every word begins with the two letters of its scope."""
    return Expression([[*groups, [groups[0][0][:2] + SAMPLED]] for groups in question.alternatives])


def _checks(match: Match, *, every: bool = False) -> tuple[str, dict[str, Any]]:
    """Return what the index alone cannot tell: the exact text, the exact bounds; a text of one piece only if `every`."""
    texts = [text for text in match.contains if every or len(text) > GRAM]
    values: dict[str, Any] = {f"c{number}": text for number, text in enumerate(texts)}
    checks = [f"AND strpos(k.name, %({name})s) > 0" for name in values]
    if match.parameters is not None:
        checks.append("AND k.weights BETWEEN %(least)s AND %(greatest)s")
        values["least"], values["greatest"] = match.parameters
    return " ".join(checks), values


def _numbers(tx: ReadTx, statement: str, values: Mapping[str, Any]) -> list[int]:
    return list(tx.sql.exec_driver_sql(statement, dict(values)).scalars())
