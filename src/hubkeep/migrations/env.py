"""Loaded by alembic: runs the steps on the connection that `hubkeep.migrations.upgrade` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.sql.elements import False_, True_
from sqlalchemy.types import TypeEngine

from hubkeep.kit.tables import UtcTime
from hubkeep.migrations import metadata

LOCK_TIMEOUT = "4s"  # a step gives up rather than queue every request of the site behind it


def render(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    """Write our own column types, and booleans, as plain SQLAlchemy ones: a step must not change when our code does."""
    del autogen
    if kind == "type" and isinstance(thing, UtcTime):
        return "sa.DateTime(timezone=True)"
    if kind == "server_default" and isinstance(getattr(thing, "arg", None), False_ | True_):
        return f"sa.{thing.arg}()"  # SQLite's 0 is no boolean for PostgreSQL
    return False


def same_type(
    _context: Any, _inspected: Any, column: Any, found: TypeEngine[Any], wanted: TypeEngine[Any]
) -> bool | None:
    """Tell alembic that a `UtcTime` is the timestamp it made of it; everything else it compares itself."""
    del column
    if isinstance(wanted, UtcTime):
        return type(found).__name__ not in ("DATETIME", "TIMESTAMP")
    return None


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=render,
    compare_type=same_type,
    # SQLite changes a column by rebuilding its table; the first step of all changes nothing.
    render_as_batch=context.config.attributes.get("batch", True),
    user_module_prefix="sa.",
)
if connection.dialect.name == "postgresql":
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
with context.begin_transaction():
    context.run_migrations()
