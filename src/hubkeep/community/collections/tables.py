"""Rows of collections. They never leave the room."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

_COLLECTION = "collections.id"

# `hot` orders by trend: upvotes on a scale of tens, and when it was made; it changes only with an upvote.
collections = sa.Table(
    "collections",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("owner_id", BigId, sa.ForeignKey("owners.id", ondelete="CASCADE"), nullable=False),
    sa.Column("creator_id", BigId),
    sa.Column("resource_group_id", BigId, sa.ForeignKey("resource_groups.id"), index=True),
    sa.Column("title", sa.String(60), nullable=False),
    sa.Column("title_lower", sa.String(200), nullable=False),
    sa.Column("description", sa.String(150), nullable=False),
    sa.Column("private", sa.Boolean, nullable=False),
    sa.Column("theme", sa.String(16), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("upvotes", sa.Integer, nullable=False),
    sa.Column("hot", sa.Float, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.UniqueConstraint("owner_id", "title_lower"),
    sa.Index("ix_collections_updated", "updated_at", "id"),
    sa.Index("ix_collections_upvotes", "upvotes", "id"),
    sa.Index("ix_collections_hot", "hot", "id"),
    sqlite_autoincrement=True,
)

# `key` says what it is: `model:12` and its like by number, `paper:2311.12983`.
collection_items = sa.Table(
    "collection_items",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("collection_id", BigId, sa.ForeignKey(_COLLECTION, ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("key", sa.String(100), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("note", sa.String(500), nullable=False),
    sa.Column("images", sa.Text, nullable=False),  # JSON
    sa.Column("added_at", UtcTime, nullable=False),
    sa.UniqueConstraint("collection_id", "key"),
    sqlite_autoincrement=True,
)

collection_upvotes = sa.Table(
    "collection_upvotes",
    metadata,
    sa.Column("collection_id", BigId, sa.ForeignKey(_COLLECTION, ondelete="CASCADE"), primary_key=True),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("at", UtcTime, nullable=False),
)
