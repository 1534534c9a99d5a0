"""Insert very many rows: tuples straight to the driver on SQLite, COPY on PostgreSQL."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import psycopg
import sqlalchemy as sa

from hubkeep.kit.db import WriteTx

ROOM_KIB = 1_000_000


def insert_rows(tx: WriteTx, table: sa.Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows, each a value for each of `names`, converted as the table's types say; ten times as fast as `insert`."""
    dialect = tx.sql.dialect
    converters = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    quote = dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(quote(name) for name in names)})"
    if dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        values = list(_converted(rows, converters))
        if values:
            tx.sql.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", values)  # noqa: S608  names of our own columns
        return
    driver = cast("psycopg.Connection[Any]", tx.sql.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in _converted(rows, converters):
            copy.write_row(row)


def make_room(tx: WriteTx) -> None:
    """Let SQLite keep more pages in memory than a server should: random places in large indexes are written to."""
    if tx.sql.dialect.name == "sqlite":
        tx.sql.exec_driver_sql(f"PRAGMA cache_size=-{ROOM_KIB}")


def _converted(
    rows: Iterable[Sequence[Any]], converters: Sequence[Callable[[Any], Any] | None]
) -> Iterable[tuple[Any, ...]]:
    needed = [(place, convert) for place, convert in enumerate(converters) if convert is not None]
    if not needed:
        return map(tuple, rows)
    return (_one(row, needed) for row in rows)


def _one(row: Sequence[Any], needed: Sequence[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    values = list(row)
    for place, convert in needed:
        values[place] = convert(values[place])
    return tuple(values)
