"""Rows of notifications. They never leave the room."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

_USER = "users.id"

# What somebody wants to hear of (`listens`), or explicitly does not: their own organizations are watched without a row.
watches = sa.Table(
    "watches",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey(_USER, ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("target_id", BigId, primary_key=True),
    sa.Column("listens", sa.Boolean, nullable=False),
    sa.Index("ix_watches_target", "kind", "target_id", "user_id"),
)

# One row per person and discussion: what happens again makes it unread again. `first_event_id` is the first unseen event,
# `event_id` the last one told.
notifications = sa.Table(
    "notifications",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey(_USER, ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "discussion_id",
        BigId,
        sa.ForeignKey("discussions.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sa.Column("repo_id", BigId, nullable=False),
    sa.Column("repo_kind", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("read", sa.Boolean, nullable=False),
    sa.Column("first_event_id", BigId, nullable=False),
    sa.Column("first_event_at", UtcTime, nullable=False),
    sa.Column("event_id", BigId, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Index("ix_notifications_newest", "user_id", "updated_at"),
    sa.Index("ix_notifications_unread", "user_id", "read", "updated_at"),
    sa.Index("ix_notifications_age", "updated_at"),
)

# Gates where somebody waits, for each of those who keep them; gone when nobody does any more.
gate_notices = sa.Table(
    "gate_notices",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey(_USER, ondelete="CASCADE"), primary_key=True),
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("read", sa.Boolean, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
)

notification_settings = sa.Table(
    "notification_settings",
    metadata,
    sa.Column(
        "user_id", BigId, sa.ForeignKey(_USER, ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    sa.Column("switches", sa.Text, nullable=False),  # JSON, only those that differ from the start
)
