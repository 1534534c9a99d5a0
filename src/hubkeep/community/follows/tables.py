"""Rows of follows. They never leave the room."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

_OWNER = "owners.id"

follows = sa.Table(
    "follows",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("owner_id", BigId, sa.ForeignKey(_OWNER, ondelete="CASCADE"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.UniqueConstraint("user_id", "owner_id"),
    sa.Index("ix_follows_owner", "owner_id", "id"),
    sa.Index("ix_follows_user", "user_id", "id"),
)

# How many follow an owner, and how many a person follows: for every profile, without counting.
follow_totals = sa.Table(
    "follow_totals",
    metadata,
    sa.Column(
        "owner_id", BigId, sa.ForeignKey(_OWNER, ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    sa.Column("followers", sa.Integer, nullable=False, server_default="0"),
    sa.Column("following", sa.Integer, nullable=False, server_default="0"),
)
