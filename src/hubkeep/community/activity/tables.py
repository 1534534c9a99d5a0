"""Rows of activity. They never leave the room."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

activities = sa.Table(
    "activities",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("deed", sa.String(16), nullable=False),
    sa.Column("user_id", BigId),
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), nullable=False),
    sa.Column("owner_id", BigId, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("ix_activities_user", "user_id", "id"),
    sa.Index("ix_activities_owner", "owner_id", "id"),
    sa.Index("ix_activities_repo", "repo_id", "id"),
    sa.Index("ix_activities_age", "at"),
    sqlite_autoincrement=True,
)
