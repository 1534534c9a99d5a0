"""Rows of the repos room. They never leave it."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

# Ids are given out before the row exists: packs are stored under the id first, the name comes with the first ref.
repo_ids = sa.Table(
    "repo_ids", metadata, sa.Column("id", BigId, primary_key=True), sa.Column("at", UtcTime, nullable=False)
)

repos = sa.Table(
    "repos",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("owner_id", BigId, nullable=False),
    sa.Column("owner", sa.String(96), nullable=False),
    sa.Column("owner_lower", sa.String(96), nullable=False),
    sa.Column("name", sa.String(96), nullable=False),
    sa.Column("name_lower", sa.String(96), nullable=False),
    sa.Column("creator_id", BigId),
    sa.Column("private", sa.Boolean, nullable=False),
    sa.Column("gated", sa.String(8), nullable=False, server_default=""),
    sa.Column("members_gated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("resource_group_id", BigId, sa.ForeignKey("resource_groups.id"), index=True),
    sa.Column("sdk", sa.String(32)),
    sa.Column("default_branch", sa.String(255), nullable=False),
    sa.Column("refs_version", sa.BigInteger, nullable=False),
    sa.Column("downloads", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("downloads_all_time", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("likes", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("likes_30d", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("trending", sa.Float, nullable=False, server_default="0"),
    sa.Column("used_storage", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("main_size", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("last_modified", UtcTime, nullable=False),
    sa.UniqueConstraint("kind", "owner_lower", "name_lower"),
    sa.Index("ix_repos_owner_id_used_storage", "owner_id", "used_storage"),
    sa.Index("ix_repos_used_storage_id", "used_storage", "id"),
)

former_names = sa.Table(
    "former_names",
    metadata,
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("owner_lower", sa.String(96), primary_key=True),
    sa.Column("name_lower", sa.String(96), primary_key=True),
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), nullable=False, index=True),
)

# `oid` is what the ref holds (a tag object, for an annotated tag), `commit_oid` the commit it leads to.
refs = sa.Table(
    "refs",
    metadata,
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.String(512), primary_key=True),
    sa.Column("oid", sa.String(40), nullable=False),
    sa.Column("commit_oid", sa.String(40), nullable=False),
)

# Refs of pull requests: beside the repository's writers, `user_id` may move one; once `frozen`, nobody may.
kept_refs = sa.Table(
    "kept_refs",
    metadata,
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.String(512), primary_key=True),
    sa.Column("user_id", BigId),
    sa.Column("frozen", sa.Boolean, nullable=False),
)

packs = sa.Table(
    "packs",
    metadata,
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("objects", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)

# Every move of a ref: who, when, from, to.
pushes = sa.Table(
    "pushes",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("user_id", BigId),
    sa.Column("ref", sa.String(512), nullable=False),
    sa.Column("old", sa.String(40)),
    sa.Column("new", sa.String(40)),
    sa.Column("at", UtcTime, nullable=False),
)

# What the files on the default branch say about the repository, computed when that branch moves.
cards = sa.Table(
    "cards",
    metadata,
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("commit_oid", sa.String(40), nullable=False),
    sa.Column("metadata", sa.Text, nullable=False),
)

# Who asked at a gate, or was let in without asking (`granted`). `fields` are the answers, JSON.
access_requests = sa.Table(
    "access_requests",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), nullable=False),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("status", sa.String(8), nullable=False),
    sa.Column("fields", sa.Text, nullable=False),
    sa.Column("asked_at", UtcTime, nullable=False),
    sa.Column("reviewed_at", UtcTime),
    sa.Column("reviewer_id", BigId),
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.UniqueConstraint("user_id", "repo_id"),
    sa.Index("ix_access_requests_newest", "repo_id", "status", "asked_at", "id"),
)

# How the keepers of a gate hear of requests. `due`: the mail about a day's requests is on its way.
gate_mails = sa.Table(
    "gate_mails",
    metadata,
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("email", sa.String(255), nullable=False),
    sa.Column("mode", sa.String(9), nullable=False),
    sa.Column("due", sa.Boolean, nullable=False),
)

# CI jobs elsewhere that may publish to a repository with an ID token instead of a stored secret.
trusted_publishers = sa.Table(
    "trusted_publishers",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    # NULL: a person's own: their jobs read what they were let into
    sa.Column("repo_id", BigId, sa.ForeignKey("repos.id", ondelete="CASCADE"), index=True),
    sa.Column("issuer", sa.String(500), nullable=False),
    sa.Column("claims", sa.Text, nullable=False),  # JSON object: claim to the exact value that it must have
    # whose powers the job borrows: never more than theirs on this day
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
)
