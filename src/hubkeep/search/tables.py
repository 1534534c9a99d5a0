"""Rows of the search room. They never leave it.

None refers to `repos` by a foreign key: an index entry must outlive its repository until it is taken out properly.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import TSVECTOR

from hubkeep.kit.tables import BigId, metadata
from hubkeep.search.types import Order
from hubkeep.search.words import SAMPLE_BITS, SAMPLE_OF

# Words in one line, sorted. SQLite keeps them to take an entry out of its index again: that needs exactly the old text.
Words = sa.Text().with_variant(TSVECTOR(), "postgresql")


IN_SAMPLE = f"(({{0}} >> {SAMPLE_BITS}) & {SAMPLE_OF - 1}) = 0"  # as `words.in_sample` tells; SAMPLE_OF is a power of two
DERIVED = {"derived": True}  # backups leave these out: `jobs.rebuild` makes them again


def _index(name: str, *columns: str, **how: Any) -> sa.Index:
    """Declare an index that only PostgreSQL has; SQLite finds by `search_by_…`."""
    return sa.Index(name, *columns, **how).ddl_if(dialect="postgresql")


def _sample() -> sa.Index:
    """Declare the names of the sample, side by side: an eighth of the repositories, which stands for all."""
    columns = ("scope", "repo_id", "name", "weights")
    return _index("ix_search_keys_sample", *columns, postgresql_where=sa.text(IN_SAMPLE.format("repo_id")))


def _gin(name: str) -> sa.Index:
    return _index(name, "words", postgresql_using="gin")


# What the index knows of a repository.
documents = sa.Table(
    "search_docs",
    metadata,
    sa.Column("repo_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("words", Words, nullable=False),
    _gin("ix_search_docs_words"),
    info=DERIVED,
)

# What every match is checked against, and its place in every order, NULL where it has none. Apart from the words: counters
# move often, words seldom, and a thousand of these rows are read in the time of a hundred with words.
keys = sa.Table(
    "search_keys",
    metadata,
    sa.Column("repo_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("scope", sa.String(2), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("weights", sa.BigInteger, nullable=False),
    *(sa.Column(order.value, sa.BigInteger) for order in Order),
    _sample(),
    *(_index(f"ix_search_keys_{order.value}", "scope", order.value) for order in Order),
    info=DERIVED,
)

# Everything that lists can be filtered by, and how many public repositories have it.
features = sa.Table(
    "search_features",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("used_by", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("kind", "name"),
    sa.Index("ix_search_features_type", "kind", "type", "used_by"),
    info=DERIVED,
)

# Which public repositories have a feature that lists are narrowed by: one bit each, 65,536 to a row.
bits = sa.Table(
    "search_bits",
    metadata,
    sa.Column("feature_id", BigId, primary_key=True),
    sa.Column("chunk", sa.Integer, primary_key=True),
    sa.Column("bits", sa.LargeBinary, nullable=False),
    info=DERIVED,
)

# The cards' text, for full-text search. `place` puts popular repositories first, in steps of a factor of two.
texts = sa.Table(
    "search_texts",
    metadata,
    sa.Column("repo_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("place", sa.BigInteger, nullable=False, index=True),
    sa.Column("words", Words, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    _gin("ix_search_texts_words"),
    info=DERIVED,
)

people = sa.Table(
    "search_people",
    metadata,
    sa.Column("owner_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("words", Words, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    _gin("ix_search_people_words"),
    info=DERIVED,
)

# What happened to a repository on one day (`datetime.date.toordinal`), for the last 30.
days = sa.Table(
    "search_days",
    metadata,
    sa.Column("repo_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("downloads", sa.BigInteger, nullable=False),
    sa.Column("likes", sa.BigInteger, nullable=False),
    sa.Index("ix_search_days_day", "day", "repo_id"),
)

# Who downloaded what in the last five minutes (Unix second): once more within them is not counted.
marks = sa.Table(
    "search_marks",
    metadata,
    sa.Column("repo_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("who", sa.String(32), primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
)

RANKED = {order: f"search_by_{order.value}" for order in Order}
TEXTS, PEOPLE = "search_in_texts", "search_in_people"
_VIRTUAL = "fts5(t, content='', detail=none, columnsize=0, tokenize='ascii')"


def create_index(connection: sa.Connection) -> None:
    """Create what SQLAlchemy's tables cannot say, where it is missing: SQLite's full-text tables.

    For migrations; `metadata.create_all` does it by itself.
    """
    if connection.dialect.name == "sqlite":
        for name in (*RANKED.values(), TEXTS, PEOPLE):
            connection.exec_driver_sql(f"CREATE VIRTUAL TABLE IF NOT EXISTS {name} USING {_VIRTUAL}")
    else:
        connection.exec_driver_sql("ALTER TABLE search_docs ALTER words SET STATISTICS 1000")


@event.listens_for(documents, "after_create")
def _after_create(_: sa.Table, connection: sa.Connection, **__: Any) -> None:
    create_index(connection)
