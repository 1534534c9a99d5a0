"""Rows of webhooks. They never leave the room."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("secret", sa.String(200), nullable=False),
    sa.Column("domains", sa.String(64), nullable=False),  # words, between commas
    # The scopes of the fine-grained token that chose the address: more than it may read is never told. NULL: no limit.
    sa.Column("limits", sa.Text),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),  # in a row
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("last_trigger_at", UtcTime),
    sqlite_autoincrement=True,
)

webhook_targets = sa.Table(
    "webhook_targets",
    metadata,
    sa.Column("webhook_id", BigId, sa.ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("target_id", BigId, primary_key=True),
    sa.Index("ix_webhook_targets_target", "kind", "target_id"),
)

# `event` is the same for every delivery of one thing that happened, and new for a replay: nothing is delivered twice by
# a job that runs again.
webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("webhook_id", BigId, sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("fate", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("error", sa.String(500), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.UniqueConstraint("webhook_id", "event"),
    sa.Index("ix_webhook_deliveries_recent", "webhook_id", "created_at"),
    sa.Index("ix_webhook_deliveries_age", "created_at"),
    sqlite_autoincrement=True,
)
