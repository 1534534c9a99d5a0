"""The index on PostgreSQL: `search_docs.words` behind a GIN index, places behind one B-tree per order.

The planner cannot know how many of the first rows match, and guesses badly on words that seldom meet. So a question is
asked in a bounded way first: a few hundred rows in order. They fill the page, or they tell how many rows would; when those
are too many to look at, matches are rare, and it is cheap to find all of them by GIN and sort. Where sets of bits tell who
can match (`sieve.py`), a row costs a bit of the set, and no look at any table: its number is part of its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hubkeep.kit import ReadTx, WriteTx
from hubkeep.search.asking import ROUGH, checks, numbers
from hubkeep.search.expression import Expression, tsquery
from hubkeep.search.places import MAX_ID
from hubkeep.search.sieve import private_numbers, sieve_of
from hubkeep.search.tables import IN_SAMPLE
from hubkeep.search.types import Match, Order
from hubkeep.search.words import SAMPLED, grams_to_find, scope

TRIED = 400  # rows looked at in order before anything else; measured: 1 ms
SCAN, SCAN_PER_ITEM = 4000, 8  # rows looked at in order, when those tried say that they will fill the page
SIFTED = 10  # times as many rows where they are sifted by a set of bits
NAMED = 4  # times as many where names alone are looked at: 0.2 µs each
LOOK = 8000  # names of the sample that are looked through to tell how many have a text: 1 ms
MANY = 160  # among the first of them: so many, and counts go by the sample
ROWS_PER_NAME = 12  # sifted rows, for one name that is looked at
_THESE = "WITH hits AS (SELECT unnest(%(ids)s::bigint[]) AS repo_id)"
_HITS = "WITH hits AS MATERIALIZED (SELECT d.repo_id FROM search_docs d WHERE d.words @@ %(q)s::tsquery)"
_PACKED = "string_agg(int4send({}.repo_id::int4), '')"  # `places.MAX_ID` fits
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
        start = "" if after is None else f"AND k.{order} {'>' if ascending else '<'} %(after)s"
        way = _Way(order, f"k.{order} IS NOT NULL {start}", "ASC" if ascending else "DESC")
        conditions, values = _checks(match)
        values |= {"q": tsquery(question), "n": limit, "after": after}
        hits = _HITS
        if match.only_names:
            found = _named(tx, match, question, way, values)
        elif match.rarest is not None and match.rarest <= FEW:
            found = []
        elif (sieve := sieve_of(tx, match, question)) is None:
            found = _looked_at(tx, _scanned(way, _scopes(match), conditions), way, values)
        else:
            conditions, texts = _checks(match, every=True)
            values |= texts
            if sieve.size <= FEW:
                hits, found, values["ids"] = _THESE, [], sieve.numbers()
            else:
                values["sieve"] = sieve.bits
                if (names := _names(match)) is not None:
                    hits, values["names"] = _NAMED, tsquery(names)
                found = _looked_at(tx, _sifted(way, _scopes(match), conditions), way, values, SIFTED)
        if len(found) >= limit:
            return found
        page = f"{hits} SELECT k.{order} AS at FROM hits JOIN search_keys k ON k.repo_id = hits.repo_id"
        return numbers(tx, way.first(f"{page} WHERE {way.ordered} {conditions}"), values)

    def count(self, tx: ReadTx, match: Match, question: Expression, most: int) -> int:
        """Return how many repositories match, `most` at most: where so many are in a part, no more are looked for."""
        if match.only_names:
            found = self._first_named(tx, match, most)
        else:
            found = self._counted(tx, match, _in_sample(question), most)
        return found if found >= most else self._counted(tx, match, question, most)

    def _first_named(self, tx: ReadTx, match: Match, most: int) -> int:
        """Count those that match by their names alone, `most` at most, among the first rows of the sample."""
        conditions, values = _checks(match, every=True)
        looked_at = f"SELECT k.name, k.weights {_sample(match)} ORDER BY k.repo_id DESC LIMIT {LOOK}"
        found = f"SELECT 1 FROM ({looked_at}) k WHERE true {conditions} LIMIT %(most)s"
        return numbers(tx, f"SELECT count(*) FROM ({found}) found", values | {"most": most})[0]

    def _counted(self, tx: ReadTx, match: Match, question: Expression, most: int) -> int:
        conditions, values = _checks(match)
        joined = "JOIN search_keys k ON k.repo_id = d.repo_id" if conditions else ""
        found = f"SELECT 1 FROM search_docs d {joined} WHERE d.words @@ %(q)s::tsquery {conditions} LIMIT %(most)s"
        asked = values | {"q": tsquery(question), "most": most}
        return numbers(tx, f"SELECT count(*) FROM ({found}) found", asked)[0]

    def ids(self, tx: ReadTx, match: Match, question: Expression) -> npt.NDArray[np.int64]:
        """Return the numbers of all repositories that match, in no order; roughly if they are many."""
        conditions, values = _checks(match)
        values["q"] = tsquery(question)
        if conditions and match.parameters is None:
            found = _read(
                tx, f"SELECT {_PACKED.format('d')} FROM search_docs d WHERE d.words @@ %(q)s::tsquery", values
            )
            if len(found) > ROUGH:
                return found
        joined = "JOIN search_keys k ON k.repo_id = hits.repo_id" if conditions else ""
        exact = f"{_HITS} SELECT {_PACKED.format('hits')} FROM hits {joined} WHERE true {conditions}"
        return _read(tx, exact, values)

    def sampled(self, tx: ReadTx, match: Match) -> npt.NDArray[np.int64] | None:
        """Return the numbers of those in the sample that match by their names alone; None where it is few that match.

        Every match found by GIN costs a look at its row, because GIN does not tell numbers: a hundred thousand take 200 ms.
        The names of the sample are looked through side by side, in an index of their own.
        """
        if self._first_named(tx, match, MANY) < MANY:
            return None
        conditions, values = _checks(match, every=True)
        return _read(tx, f"SELECT {_PACKED.format('k')} {_sample(match)} {conditions}", values)

    def texts(self, tx: ReadTx, question: Expression, limit: int) -> list[int]:
        """Return the numbers of the repositories whose cards match, popular ones first."""
        hits = "WITH hits AS MATERIALIZED (SELECT repo_id, place FROM search_texts WHERE words @@ %(q)s::tsquery)"
        found = f"{hits} SELECT repo_id FROM hits ORDER BY place DESC LIMIT %(n)s"
        return numbers(tx, found, {"q": tsquery(question), "n": limit})

    def people(self, tx: ReadTx, question: Expression, text: str, limit: int) -> list[int]:
        """Return the numbers of users and organizations whose names match and contain `text`, oldest first."""
        found = (
            "SELECT owner_id FROM search_people WHERE words @@ %(q)s::tsquery AND strpos(name, %(text)s) > 0 "
            "ORDER BY owner_id LIMIT %(n)s"
        )
        return numbers(tx, found, {"q": tsquery(question), "text": text, "n": limit})

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


@dataclass(frozen=True)
class _Way:
    """How an order is walked through, in SQL: its column, the condition that a page begins with, the direction."""

    order: Order
    ordered: str
    by: str

    def rows(self, scopes: Sequence[str], columns: str = "") -> str:
        """Return the statement that walks through the rows of these scopes; `{rows}` is to be said how many."""
        one = f"SELECT {columns} k.{self.order} AS at FROM search_keys k WHERE k.scope = '{{}}' AND {self.ordered}"
        return f"{' UNION ALL '.join(map(one.format, scopes))} ORDER BY at {self.by} LIMIT {{rows}}"

    def first(self, found: str) -> str:
        """Return the statement for the first of what is found."""
        return f"{found} ORDER BY at {self.by} LIMIT %(n)s"


def _sample(match: Match) -> str:
    """Return the end of a statement that reads the sample's public repositories, side by side in an index of their own."""
    before = scope(match.kind, private=False)
    return f"FROM search_keys k WHERE k.scope = '{before}' AND {IN_SAMPLE.format('k.repo_id')}"


def _scopes(match: Match) -> list[str]:
    """Return the scopes in which anything can match."""
    private = [] if match.readers == [] else [scope(match.kind, private=True)]
    return [scope(match.kind, private=False), *private]


def _named(tx: ReadTx, match: Match, question: Expression, way: _Way, values: Mapping[str, Any]) -> list[int]:
    """Return the first that match by their names alone, looking at the first rows in order; fewer where that is not enough.

    Everybody's are looked at row by row; the private ones that the actor may see are looked up, if they are not too many.
    """
    private = private_numbers(tx, question)
    if private is None:
        return []
    conditions, texts = _checks(match, every=True)
    values = {**values, **texts, "ids": private}
    rows = way.rows([scope(match.kind, private=False)], "k.name, k.weights,")
    found = _looked_at(tx, f"SELECT k.at FROM ({rows}) k WHERE true {conditions}", way, values, NAMED)
    if private and len(found) >= values["n"]:
        own = (
            f"SELECT k.{way.order} AS at FROM search_keys k WHERE k.repo_id = ANY(%(ids)s) AND {way.ordered}"
        )
        found += numbers(tx, way.first(f"{own} {conditions}"), values)
        found = sorted(found, reverse=way.by == "DESC")[: values["n"]]
    return found


def _scanned(way: _Way, scopes: Sequence[str], conditions: str) -> str:
    """Return the statement that looks at the first rows in order, and at the words of each.

    OFFSET 0 keeps the planner from asking GIN for every match there is: one row is looked up for each row in order.
    """
    words = "SELECT d.words FROM search_docs d WHERE d.repo_id = k.repo_id OFFSET 0"
    rows = way.rows(scopes, "k.repo_id, k.name, k.weights,")
    return f"SELECT k.at FROM ({rows}) k CROSS JOIN LATERAL ({words}) d WHERE d.words @@ %(q)s::tsquery {conditions}"


def _sifted(way: _Way, scopes: Sequence[str], conditions: str) -> str:
    """Return the statement that sifts the first rows in order, and looks at the names of the first that are left.

    A name costs as much as twenty rows.
    """
    number = f"(s.at & {MAX_ID})"
    left = f"SELECT s.at FROM ({way.rows(scopes)}) s WHERE {_SIFT.format(number)}"
    if not conditions:
        return left
    left = f"{left} ORDER BY s.at {way.by} LIMIT {{rows}} / {ROWS_PER_NAME}"
    names = f"SELECT k.name, k.weights FROM search_keys k WHERE k.repo_id = {number} OFFSET 0"
    return f"SELECT s.at FROM ({left}) s CROSS JOIN LATERAL ({names}) k WHERE true {conditions}"


def _looked_at(tx: ReadTx, scan: str, way: _Way, values: Mapping[str, Any], times: int = 1) -> list[int]:
    """Return what matches among the first rows in order: those tried, or, when they promise to fill the page, all of them."""
    limit = int(values["n"])
    tried, rows = TRIED * times, (SCAN + SCAN_PER_ITEM * limit) * times
    found = numbers(tx, way.first(scan.format(rows=tried)), values)
    if len(found) < limit <= len(found) * rows / tried:
        found = numbers(tx, way.first(scan.format(rows=rows)), values)
    return found


def _in_sample(question: Expression) -> Expression:
    """Return the same question about the sample; every word begins with the two letters of its scope."""
    return Expression([[*groups, [groups[0][0][:2] + SAMPLED]] for groups in question.alternatives])


def _checks(match: Match, *, every: bool = False) -> tuple[str, dict[str, Any]]:
    """Return the conditions, each with an AND before it, that check every row."""
    between = "k.weights BETWEEN %(least)s AND %(greatest)s"
    wanted, values = checks(match, "strpos(k.name, %({})s) > 0", between, every=every)
    return " ".join(f"AND {one}" for one in wanted), values


def _read(tx: ReadTx, statement: str, values: Mapping[str, Any]) -> npt.NDArray[np.int64]:
    """Read numbers in one piece (`_PACKED`): a tenth of the time that rows take."""
    packed = tx.sql.exec_driver_sql(statement, dict(values)).scalar()
    return np.frombuffer(packed or b"", dtype=">i4").astype(np.int64)
