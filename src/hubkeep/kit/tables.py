"""The schema's root: one MetaData for every room, the column types that differ per database, the jobs table."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite only autoincrements INTEGER keys; PostgreSQL wants 64 bits.
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

Row = sa.Row[*tuple[Any, ...]]  # a row whose columns the type checker does not follow


def made_id(result: sa.CursorResult[*tuple[Any, ...]]) -> int:
    """Return the number that an INSERT of one row gave out."""
    made = result.inserted_primary_key
    assert made is not None
    return int(made[0])


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets zones, so they are stripped going in and put back coming out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse a moment without a zone: it would mean another instant on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give the zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("kind", sa.String(100), nullable=False),
    sa.Column("args", sa.Text, nullable=False),
    sa.Column("run_at", UtcTime, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
)

# Things this installation must keep for itself: signing secrets, the Xet epoch.
keepsakes = sa.Table(
    "keepsakes",
    metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


def insert_missing(sql: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose key is not taken, whoever inserts at the same time; return how many there were.

    The others stay as they are.
    """
    insert = postgresql.insert if sql.dialect.name == "postgresql" else sqlite.insert
    order = insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return sum(sql.execute(order.values(row)).rowcount for row in rows)
