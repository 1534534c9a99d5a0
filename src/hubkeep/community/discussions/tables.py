"""Rows of discussions. They never leave the room."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

_REPO = "repos.id"

# What a repository says about its discussions; `last_num` is the number given out last.
discussion_settings = sa.Table(
    "discussion_settings",
    metadata,
    sa.Column(
        "repo_id", BigId, sa.ForeignKey(_REPO, ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    sa.Column("last_num", sa.Integer, nullable=False, server_default="0"),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("sorting", sa.String(32), nullable=False, server_default="recently-created"),
)

# `base_ref` and what follows are for pull requests. `is_pr` and `is_open` repeat `base_ref` and `status` for the indexes.
discussions = sa.Table(
    "discussions",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("repo_id", BigId, sa.ForeignKey(_REPO, ondelete="CASCADE"), nullable=False),
    sa.Column("num", sa.Integer, nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("title_lower", sa.String(600), nullable=False),
    sa.Column("status", sa.String(8), nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("is_pr", sa.Boolean, nullable=False),
    sa.Column("author_id", BigId, index=True),
    sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("locked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("comments", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reaction_users", sa.Integer, nullable=False, server_default="0"),
    sa.Column("first_event_id", BigId, nullable=False, server_default="0"),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("base_ref", sa.String(512)),
    sa.Column("head_oid", sa.String(40)),
    sa.Column("merged_onto", sa.String(40)),
    sa.Column("merge_oid", sa.String(40)),
    sa.Column("ref_deleted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("repo_id", "num"),
    sa.Index("ix_discussions_open", "repo_id", "is_open", "num"),
    sa.Index("ix_discussions_kind", "repo_id", "is_pr", "num"),
    sa.Index("ix_discussions_kind_open", "repo_id", "is_pr", "is_open", "num"),
    sa.Index("ix_discussions_author", "repo_id", "author_id", "num"),
    sa.Index("ix_discussions_updated", "repo_id", "updated_at"),
    sa.Index("ix_discussions_reactions", "repo_id", "reaction_users"),
)

# How many there are, so that a list's total needs no counting.
discussion_totals = sa.Table(
    "discussion_totals",
    metadata,
    sa.Column(
        "repo_id", BigId, sa.ForeignKey(_REPO, ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    sa.Column("is_pr", sa.Boolean, primary_key=True),
    sa.Column("is_open", sa.Boolean, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)

# Everything that happened, in the order it happened: rows are added, never changed. `data` is JSON.
discussion_events = sa.Table(
    "discussion_events",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("discussion_id", BigId, sa.ForeignKey("discussions.id", ondelete="CASCADE"), nullable=False),
    sa.Column("type", sa.String(24), nullable=False),
    sa.Column("user_id", BigId),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("ix_discussion_events_discussion", "discussion_id", "id"),
    sqlite_autoincrement=True,
)

# What a comment says now; `edits` counts its older texts.
comments = sa.Table(
    "comments",
    metadata,
    sa.Column(
        "event_id",
        BigId,
        sa.ForeignKey("discussion_events.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("edits", sa.Integer, nullable=False, server_default="0"),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("updated_by", BigId),
    sa.Column("hidden", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("hidden_by", BigId),
    sa.Column("hidden_reason", sa.String(32)),
)

# What it said before: added by every edit, gone when the comment is hidden.
comment_versions = sa.Table(
    "comment_versions",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column(
        "event_id", BigId, sa.ForeignKey("comments.event_id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("user_id", BigId),
)

reactions = sa.Table(
    "reactions",
    metadata,
    sa.Column("event_id", BigId, sa.ForeignKey("comments.event_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("reaction", sa.String(16), primary_key=True),
    sa.Column("user_id", BigId, primary_key=True),
    sa.Column("discussion_id", BigId, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_reactions_by_user", "discussion_id", "user_id"),
)

reaction_totals = sa.Table(
    "reaction_totals",
    metadata,
    sa.Column("event_id", BigId, sa.ForeignKey("comments.event_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("reaction", sa.String(16), primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)

# Who wrote, reviewed, pushed or was named in a discussion: they hear of what follows, unless they muted it.
participants = sa.Table(
    "participants",
    metadata,
    sa.Column("discussion_id", BigId, sa.ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("user_id", BigId, primary_key=True),
    sa.Column("muted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("since", UtcTime, nullable=False),
)

# A comment of one discussion that speaks of another.
discussion_references = sa.Table(
    "discussion_references",
    metadata,
    sa.Column("target_id", BigId, sa.ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "source_id", BigId, sa.ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
    sa.Column("event_id", BigId, nullable=False),
)
