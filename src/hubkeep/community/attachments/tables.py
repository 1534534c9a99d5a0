"""Rows of attachments. They never leave the room."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

attachments = sa.Table(
    "attachments",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("user_id", BigId, nullable=False),
    sa.Column("media", sa.String(32), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_attachments_by_user", "user_id", "at"),
)
