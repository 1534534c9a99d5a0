"""Rows of organizations. They never leave the room."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

_OWNER, _USER = "owners.id", "users.id"

# What an organization says of itself and how it is kept; one without a row says nothing.
orgs = sa.Table(
    "orgs",
    metadata,
    sa.Column("id", BigId, sa.ForeignKey(_OWNER, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("details", sa.String(500), nullable=False, server_default=""),
    sa.Column("website", sa.String(255), nullable=False, server_default=""),
    sa.Column("github", sa.String(100), nullable=False, server_default=""),
    sa.Column("twitter", sa.String(100), nullable=False, server_default=""),
    sa.Column("linkedin", sa.String(100), nullable=False, server_default=""),
    sa.Column("members_hidden", sa.Boolean, nullable=False, server_default=sa.false()),
)

# For somebody known by name.
invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("org_id", BigId, sa.ForeignKey(_OWNER, ondelete="CASCADE"), nullable=False),
    sa.Column("user_id", BigId, sa.ForeignKey(_USER, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("invited_by", BigId),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.UniqueConstraint("org_id", "user_id"),
    sqlite_autoincrement=True,
)

# For whoever holds the secret, of which only the sha256 is stored. `email` says to whom it was sent, "" when it was
# handed on by other ways, `mail_hash` is of the secret in the letter; `max_uses` NULL means any number of people.
invite_links = sa.Table(
    "invite_links",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("org_id", BigId, sa.ForeignKey(_OWNER, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("mail_hash", sa.String(64), unique=True),
    sa.Column("email", sa.String(255), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("made_by", BigId),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("max_uses", sa.Integer),
    sa.Column("uses", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)

# `auto_role` and `auto_scope`: what those who join the organization get here by themselves; NULL means nothing.
resource_groups = sa.Table(
    "resource_groups",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("org_id", BigId, sa.ForeignKey(_OWNER, ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("name_lower", sa.String(400), nullable=False),
    sa.Column("description", sa.String(500), nullable=False),
    sa.Column("auto_role", sa.String(16)),
    sa.Column("auto_scope", sa.String(16)),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("org_id", "name_lower"),
    sqlite_autoincrement=True,
)

# `org_id` repeats what the group says: who leaves an organization is out of its groups by the same deletion, and an actor's
# groups are read beside their memberships, without one multiplying the other.
resource_group_members = sa.Table(
    "resource_group_members",
    metadata,
    sa.Column("user_id", BigId, primary_key=True),
    sa.Column("org_id", BigId, primary_key=True),
    sa.Column(
        "group_id",
        BigId,
        sa.ForeignKey("resource_groups.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("added_by", BigId),
    sa.ForeignKeyConstraint(
        ["user_id", "org_id"], ["memberships.user_id", "memberships.org_id"], ondelete="CASCADE"
    ),
)

# Programs of an organization: users who never sign in, and act by tokens only.
service_accounts = sa.Table(
    "service_accounts",
    metadata,
    sa.Column(
        "user_id", BigId, sa.ForeignKey(_USER, ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    sa.Column("org_id", BigId, sa.ForeignKey(_OWNER, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("description", sa.String(500), nullable=False),
    sa.Column("created_by", BigId),
)

# Tokens of members that an administrator shut out: they lend nothing in this organization any more.
shut_out_tokens = sa.Table(
    "shut_out_tokens",
    metadata,
    sa.Column("token_id", BigId, sa.ForeignKey("tokens.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("org_id", BigId, sa.ForeignKey(_OWNER, ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("at", UtcTime, nullable=False),
)
