"""What is the same, and what is none of our business, when tables of the code meet tables of a database."""

from collections.abc import Callable
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.sql.elements import False_, True_
from sqlalchemy.types import TypeEngine

from hubkeep.kit.tables import UtcTime

_SHADOWS = ("", "_data", "_idx", "_content", "_docsize", "_config")  # what FTS5 keeps a virtual table in


def render(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    """Write our own column types, and booleans, as plain SQLAlchemy ones: a step must not change when our code does."""
    del autogen
    if kind == "type" and isinstance(thing, UtcTime):
        return "sa.DateTime(timezone=True)"
    if kind == "server_default" and isinstance(getattr(thing, "arg", None), False_ | True_):
        return f"sa.{thing.arg}()"  # SQLite's 0 is no boolean for PostgreSQL
    return False


def same_type(
    context: Any, inspected: Any, column: Any, found: TypeEngine[Any], wanted: TypeEngine[Any]
) -> bool | None:
    """Tell alembic that a `UtcTime` is the timestamp it made of it; everything else it compares itself."""
    del context, inspected, column
    if isinstance(wanted, UtcTime):
        return type(found).__name__ not in ("DATETIME", "TIMESTAMP")
    return None


def full_text_tables(sql: sa.Connection) -> set[str]:
    """Return SQLite's virtual tables, which SQLAlchemy cannot describe, and the tables that they are kept in."""
    if sql.dialect.name != "sqlite":
        return set()
    found = sql.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
    return {name + shadow for name in found.scalars() for shadow in _SHADOWS}


def included(sql: sa.Connection) -> Callable[[Any, str | None, str, bool, Any], bool]:
    """Return alembic's `include_object`: no full-text tables, no indexes that the other database has."""
    ignored = full_text_tables(sql)

    def include(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        del reflected, other
        condition = getattr(thing, "_ddl_if", None) if kind == "index" else None
        return name not in ignored and (condition is None or condition.dialect == sql.dialect.name)

    return include
