"""The index on SQLite: contentless FTS5 tables whose row number is the place in an order, so that nothing is sorted.

A full-text table walks its rows in ascending order and stops at LIMIT; the row number is `TOP - place`, so the best come
first. A question costs what it takes to find one page, whatever the size of the hub.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hubkeep.kit import ReadTx, WriteTx
from hubkeep.search.asking import ROUGH, checks, numbers
from hubkeep.search.expression import Expression, fts5
from hubkeep.search.places import MAX_ID, TOP, repo_at
from hubkeep.search.tables import PEOPLE, RANKED, TEXTS
from hubkeep.search.types import Match, Order

SCAN = 1500  # rows to look through in order before a question of one or two characters goes through the index
NO_CHECKS = "WHERE 1"
# Table and column names come from this room's own enums, values are bound.
_ID = f"(({TOP} - f.rowid) & {MAX_ID})"


class SqliteIndex:
    """Keeps and asks the full-text tables. Every method works inside the caller's transaction."""

    def add(self, tx: WriteTx, order: Order, rows: Sequence[tuple[int, str]]) -> None:
        """Put (place, words) into an order."""
        _add(tx, RANKED[order], rows)

    def remove(self, tx: WriteTx, order: Order, rows: Sequence[tuple[int, str]]) -> None:
        """Take (place, words) out of an order; both must be exactly what was put in."""
        _remove(tx, RANKED[order], rows)

    def add_text(self, tx: WriteTx, at: int, words: str) -> None:
        """Put a card's words in."""
        _add(tx, TEXTS, [(at, words)])

    def remove_text(self, tx: WriteTx, at: int, words: str) -> None:
        """Take a card's words out; they must be exactly what was put in."""
        _remove(tx, TEXTS, [(at, words)])

    def add_person(self, tx: WriteTx, owner_id: int, words: str) -> None:
        """Put a user or an organization in."""
        _add(tx, PEOPLE, [(owner_id, words)])

    def remove_person(self, tx: WriteTx, owner_id: int, words: str) -> None:
        """Take a user or an organization out; the words must be exactly what was put in."""
        _remove(tx, PEOPLE, [(owner_id, words)])

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
        table, direction = RANKED[order], "DESC" if ascending else "ASC"
        joined, values = _checks(match)
        start = ""
        if after is not None:
            start = f"AND f.rowid {'<' if ascending else '>'} :after"
            values["after"] = TOP - after
        by = f"ORDER BY f.rowid {direction}"
        values["n"] = limit
        if question.has_prefix:
            found = _scan(tx, table, match, question, f"{start} {by}", values)
            if len(found) >= limit:
                return [TOP - row for row in found]
        page = f"SELECT f.rowid FROM {table} f {joined} AND f.{table} MATCH :q {start} {by} LIMIT :n"
        return [TOP - row for row in numbers(tx, page, values | {"q": fts5(question)})]

    def count(self, tx: ReadTx, match: Match, question: Expression, most: int) -> int:
        """Return how many repositories match, `most` at most."""
        table = RANKED[Order.CREATED]
        joined, values = _checks(match)
        values["n"] = most
        if question.has_prefix:
            found = _scan(tx, table, match, question, "", values, 10 * SCAN)
            if len(found) >= most:
                return most
        inner = f"SELECT 1 FROM {table} f {joined} AND f.{table} MATCH :q LIMIT :n"
        return numbers(tx, f"SELECT count(*) FROM ({inner})", values | {"q": fts5(question)})[0]

    def ids(self, tx: ReadTx, match: Match, question: Expression) -> npt.NDArray[np.int64]:
        """Return the numbers of all repositories that match, in no order; roughly if they are many (`ROUGH`)."""
        table = RANKED[Order.CREATED]
        joined, values = _checks(match)
        values["q"] = fts5(question)
        found = f"SELECT group_concat({_ID}) FROM {table} f {{}} AND f.{table} MATCH :q"
        if joined != NO_CHECKS and match.parameters is None:
            rough = parsed(tx.sql.exec_driver_sql(found.format(NO_CHECKS), {"q": values["q"]}).scalar())
            if len(rough) > ROUGH:
                return rough
        return parsed(tx.sql.exec_driver_sql(found.format(joined), values).scalar())

    def sampled(self, tx: ReadTx, match: Match) -> npt.NDArray[np.int64] | None:
        """Return None: `ids` never takes too long."""
        del tx, match
        return None

    def texts(self, tx: ReadTx, question: Expression, limit: int) -> list[int]:
        """Return the numbers of the repositories whose cards match, popular ones first."""
        found = f"SELECT f.rowid FROM {TEXTS} f WHERE f.{TEXTS} MATCH :q ORDER BY f.rowid LIMIT :n"
        return [repo_at(TOP - row) for row in numbers(tx, found, {"q": fts5(question), "n": limit})]

    def people(self, tx: ReadTx, question: Expression, text: str, limit: int) -> list[int]:
        """Return the numbers of users and organizations whose names match and contain `text`, oldest first."""
        found = (
            f"SELECT f.rowid FROM {PEOPLE} f JOIN search_people p ON p.owner_id = {TOP} - f.rowid "
            f"WHERE f.{PEOPLE} MATCH :q AND instr(p.name, :text) ORDER BY f.rowid DESC LIMIT :n"
        )
        asked = {"q": fts5(question), "text": text, "n": limit}
        return [TOP - row for row in numbers(tx, found, asked)]

    def fill(self, tx: WriteTx, order: Order) -> None:
        """Build an order anew from `search_docs` and `search_keys`: sorted, which is the fast way."""
        table = RANKED[order]
        tx.sql.exec_driver_sql(f"INSERT INTO {table}({table}) VALUES ('delete-all')")
        tx.sql.exec_driver_sql(
            f"INSERT INTO {table}(rowid, t) SELECT {TOP} - k.{order}, d.words FROM search_keys k "
            f"JOIN search_docs d USING (repo_id) WHERE k.{order} IS NOT NULL ORDER BY k.{order} DESC"
        )


def parsed(text: str | None) -> npt.NDArray[np.int64]:
    """Turn numbers between commas into an array: a tenth of the time that rows take."""
    return np.fromstring(text, dtype=np.int64, sep=",") if text else np.empty(0, np.int64)


def _add(tx: WriteTx, table: str, rows: Sequence[tuple[int, str]]) -> None:
    if rows:
        values = [(TOP - at, words) for at, words in rows]
        tx.sql.exec_driver_sql(f"INSERT INTO {table}(rowid, t) VALUES (?, ?)", values)


def _remove(tx: WriteTx, table: str, rows: Sequence[tuple[int, str]]) -> None:
    if rows:
        values = [(TOP - at, words) for at, words in rows]
        tx.sql.exec_driver_sql(f"INSERT INTO {table}({table}, rowid, t) VALUES ('delete', ?, ?)", values)


def _scan(
    tx: ReadTx,
    table: str,
    match: Match,
    question: Expression,
    order: str,
    values: Mapping[str, Any],
    rows: int = SCAN,
) -> list[int]:
    """Look through the first rows in order for texts of one or two characters: where they are common, that is cheap.

    A tenth of the rows is tried first, because every row that is looked through is looked up.
    """
    joined, texts = _checks(match, every=True)
    scan = f"SELECT f.rowid FROM {table} f WHERE f.{table} MATCH :q {order} LIMIT :scan"
    outer = order[order.index("ORDER BY") :] if order else ""
    asked = {**values, **texts, "q": fts5(question.without_prefixes())}
    found: list[int] = []
    for some in (rows // 10, rows):
        found = numbers(
            tx, f"SELECT f.rowid FROM ({scan}) f {joined} {outer} LIMIT :n", asked | {"scan": some}
        )
        if len(found) >= asked["n"]:
            break
    return found


def _checks(match: Match, *, every: bool = False) -> tuple[str, dict[str, Any]]:
    """Return the join and the conditions that check every row."""
    wanted, values = checks(
        match, "instr(k.name, :{})", "k.weights BETWEEN :least AND :greatest", every=every
    )
    if not wanted:
        return NO_CHECKS, {}
    return f"JOIN search_keys k ON k.repo_id = {_ID} WHERE {' AND '.join(wanted)}", values
