"""Rows of likes. They never leave the room."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

likes = sa.Table(
    "likes",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.UniqueConstraint("user_id", "repo_id"),
    sa.Index("ix_likes_repo", "repo_id", "id"),
    sa.Index("ix_likes_user", "user_id", "id"),
)
