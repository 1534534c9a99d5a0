"""All rows of a database as files that any of our databases can read again.

One file per table, `{number}-{table}.ndjson.gz`, numbered so that rows come after those they refer to. Its first line lists
the columns and how they are written, every other line is a row. Tables marked `info={"derived": True}` are left out:
their room makes them again from the others.
"""

import base64
import gzip
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from hubkeep.kit.bulk import insert_rows
from hubkeep.kit.db import ReadTx, WriteTx
from hubkeep.kit.tables import UtcTime, metadata

BATCH = 5000
_FILE = re.compile(r"\d+-(\w+)\.ndjson\.gz")
_TIME, _BYTES, _PLAIN = "time", "bytes", "plain"


def dump_rows(tx: ReadTx, folder: Path) -> dict[str, int]:
    """Write every table as this transaction sees it; return the number of rows of each."""
    tables = [table for table in metadata.sorted_tables if not table.info.get("derived")]
    return {
        table.name: _dump(tx, table, folder / f"{number:03}-{table.name}.ndjson.gz")
        for number, table in enumerate(tables)
    }


def load_rows(tx: WriteTx, folder: Path) -> dict[str, int]:
    """Read every file into its table, which must be empty; return the number of rows of each.

    The tables are described by the database itself, for its schema may be an older one than the code knows.
    """
    files = {found[1]: path for path in sorted(folder.iterdir()) if (found := _FILE.fullmatch(path.name))}
    described = sa.MetaData()
    described.reflect(tx.sql, only=list(files))
    loaded = {name: _load(tx, described.tables[name], path) for name, path in files.items()}
    if tx.sql.dialect.name == "postgresql":
        for name in files:
            _continue_numbers(tx, described.tables[name])
    return loaded


def _dump(tx: ReadTx, table: sa.Table, path: Path) -> int:
    columns = [(column.name, _way(column)) for column in table.columns]
    count = 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(orjson.dumps(columns) + b"\n")
        # By key: rows that refer to others of their table come after them, and equal databases make equal files.
        ordered = sa.select(table).order_by(*table.primary_key.columns)
        for row in tx.sql.execute(ordered.execution_options(yield_per=BATCH)):
            values = [_write(way, value) for (_, way), value in zip(columns, row, strict=True)]
            file.write(orjson.dumps(values) + b"\n")
            count += 1
    return count


def _load(tx: WriteTx, table: sa.Table, path: Path) -> int:
    count = 0
    with gzip.open(path, "rb") as file:
        columns = orjson.loads(file.readline())
        names = [name for name, _ in columns]
        reads = [_reader(way, tx.sql.dialect.name) for _, way in columns]
        rows = ([read(value) for read, value in zip(reads, orjson.loads(line), strict=True)] for line in file)
        while some := list(islice(rows, BATCH)):
            insert_rows(tx, table, names, some)
            count += len(some)
    return count


def _continue_numbers(tx: WriteTx, table: sa.Table) -> None:
    """Let the table's own numbering go on behind the rows that were loaded with theirs."""
    for column in table.primary_key.columns:
        sequence = tx.sql.execute(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name))).scalar()
        if sequence:
            following = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
            tx.sql.execute(sa.select(sa.func.setval(sequence, following, False)))


def _way(column: sa.Column[Any]) -> str:
    if isinstance(column.type, UtcTime):
        return _TIME
    return _BYTES if isinstance(column.type, sa.LargeBinary) else _PLAIN


def _write(way: str, value: Any) -> Any:
    if value is None or way == _PLAIN:
        return value
    return value.astimezone(UTC).isoformat() if way == _TIME else base64.b64encode(value).decode()


def _reader(way: str, dialect: str) -> Callable[[Any], Any]:
    """Return what turns a written value into one that the database's own column types take."""
    readers: Mapping[str, Callable[[Any], Any]] = {
        _TIME: _naive_time if dialect == "sqlite" else datetime.fromisoformat,
        _BYTES: base64.b64decode,
        _PLAIN: lambda value: value,
    }
    read = readers[way]
    return lambda value: None if value is None else read(value)


def _naive_time(text: str) -> datetime:
    """SQLite keeps UTC without saying so (`UtcTime`)."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
