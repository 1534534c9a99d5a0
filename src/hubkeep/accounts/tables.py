"""Rows of the accounts room. They never leave it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from hubkeep.kit.tables import BigId, UtcTime, metadata

# Users and organizations share one namespace, so that `owner/name` means one thing.
owners = sa.Table(
    "owners",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("name", sa.String(96), nullable=False),
    sa.Column("name_lower", sa.String(96), nullable=False, unique=True),
    sa.Column("fullname", sa.String(255), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("other_bytes", sa.BigInteger, nullable=False, server_default="0"),  # kept outside repositories
    sa.Column("avatar", sa.String(64), nullable=False, server_default="", index=True),  # "": it is drawn
    sa.Index("ix_owners_kind_name_lower", "kind", "name_lower"),
    sa.Index("ix_owners_kind_id", "kind", "id"),
    sqlite_autoincrement=True,  # a number is never given again: the audit log and scopes of tokens go by it
)

# What owners were called before: it leads to them, and is nobody else's. In the way only of names that nobody has.
former_owner_names = sa.Table(
    "former_owner_names",
    metadata,
    sa.Column("name_lower", sa.String(96), primary_key=True),
    sa.Column("owner_id", BigId, sa.ForeignKey("owners.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", UtcTime, nullable=False),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", BigId, sa.ForeignKey("owners.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("email", sa.String(255), nullable=False),
    sa.Column("email_lower", sa.String(255), nullable=False, index=True),
    sa.Column("password_hash", sa.String(255)),  # argon2id; NULL: this user signs in by token only
    sa.Column("is_admin", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("email_confirmed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("details", sa.Text, nullable=False, server_default=""),  # what they say about themselves
    sa.Column("website", sa.String(255), nullable=False, server_default=""),
    sa.Column("socials", sa.Text, nullable=False, server_default="{}"),  # JSON: network to handle
)

memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("org_id", BigId, sa.ForeignKey("owners.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("role", sa.String(16), nullable=False),
)

# A token's value is never stored: `hash` is the sha256 of a value with at least 200 random bits. Tokens that people make, those
# of OAuth apps, of service accounts and of trusted publishers are all rows here: one look-up answers who is asking.
tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("scopes", sa.Text),  # of fine-grained tokens: `Scopes.text`
    sa.Column("client_id", sa.String(255)),  # the OAuth app or publisher that it was given to
    sa.Column("last4", sa.String(4), nullable=False),  # the value's last characters, to tell tokens apart
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, index=True),
    sa.Column("last_used_at", UtcTime),
)
# People name their tokens, each differently; the tokens of programs are many, and named alike.
sa.Index(
    "uq_tokens_user_id_name",
    tokens.c.user_id,
    tokens.c.name,
    unique=True,
    sqlite_where=tokens.c.kind == "user",
    postgresql_where=tokens.c.kind == "user",
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False, index=True),
    sa.Column("seen_at", UtcTime, nullable=False),  # about an hour exact
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("agent", sa.String(255), nullable=False),
)

# A person's authenticator app: TOTP, RFC 6238. `last_step` is the newest 30-second step whose code was used: none works twice.
second_factors = sa.Table(
    "second_factors",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("secret", sa.String(64), nullable=False),
    sa.Column("last_step", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)

# Codes for whoever lost the app; a row is deleted when its code is used.
recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("hash", sa.String(64), primary_key=True),
)

# Who guesses, and how often: in SQL, so that it holds across processes and restarts. Rows are forgotten after a day.
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("name", sa.String(160), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_at", UtcTime, nullable=False, index=True),
)

# Numbers that operators gave somebody instead of the hub's defaults. NULL: the default; 0: any number.
quotas = sa.Table(
    "quotas",
    metadata,
    sa.Column("owner_id", BigId, sa.ForeignKey("owners.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("max_bytes", sa.BigInteger),
    sa.Column("max_repos", sa.BigInteger),
)

# What was done, by whom, from where. Rows are only ever added, and outlive what they speak of: no foreign keys.
audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("actor_id", BigId),
    sa.Column("actor_name", sa.String(96), nullable=False),
    sa.Column("token_id", BigId),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("agent", sa.String(255), nullable=False),
    sa.Column("owner_id", BigId),
    sa.Column("repo_id", BigId),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("ix_audit_log_owner_id_id", "owner_id", "id"),
    sa.Index("ix_audit_log_actor_id_id", "actor_id", "id"),
    sa.Index("ix_audit_log_repo_id_id", "repo_id", "id"),
    sa.Index("ix_audit_log_type_id", "type", "id"),
    sa.Index("ix_audit_log_address_id", "address", "id"),
)


@event.listens_for(audit_log, "after_create")
def _only_ever_added_to(_: sa.Table, connection: sa.Connection, **__: Any) -> None:
    """Let the database itself refuse to change or remove an entry, whoever asks."""
    if connection.dialect.name == "sqlite":
        for act in ("update", "delete"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER audit_log_no_{act} BEFORE {act.upper()} ON audit_log "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END"
            )
        return
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$"
    )
    connection.exec_driver_sql(
        "CREATE TRIGGER audit_log_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()"
    )


# Public keys with which people speak git over SSH. One key is one person's.
ssh_keys = sa.Table(
    "ssh_keys",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("algorithm", sa.String(64), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("last_used_at", UtcTime),
)
