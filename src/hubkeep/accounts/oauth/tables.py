"""Rows of the OAuth provider: apps, consents, and what is given out on the way to a token. Secrets only as hashes."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

oauth_apps = sa.Table(
    "oauth_apps",
    metadata,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("secret_hash", sa.String(64)),  # NULL: a public client, which proves itself by PKCE
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("homepage", sa.String(1000), nullable=False),
    # NULL: registered by the app itself
    sa.Column("owner_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True),
    sa.Column("redirect_uris", sa.Text, nullable=False),  # a line each
    sa.Column("scope", sa.Text, nullable=False),  # the most that it may ask for, words
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
)

# What a person has agreed to: not asked again for the same.
oauth_grants = sa.Table(
    "oauth_grants",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("org_ids", sa.Text, nullable=False),  # numbers, spaces between
    sa.Column("granted_at", UtcTime, nullable=False),
)

# One sign-in to one app, from code to the last refresh: a `family`. Ending it ends everything that came of it.
oauth_codes = sa.Table(
    "oauth_codes",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("family", sa.String(32), nullable=False),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("org_ids", sa.Text, nullable=False),
    sa.Column("challenge", sa.String(128), nullable=False),  # PKCE S256; "" when a secret stands for it
    sa.Column("nonce", sa.String(500), nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False, index=True),
    sa.Column("used", sa.Boolean, nullable=False),
)

oauth_devices = sa.Table(
    "oauth_devices",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("user_code", sa.String(16), nullable=False, unique=True),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("status", sa.String(8), nullable=False),  # pending, approved, denied
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True),
    sa.Column("interval", sa.Integer, nullable=False),  # seconds between two questions
    sa.Column("asked_at", UtcTime),
    sa.Column("expires_at", UtcTime, nullable=False, index=True),
)

oauth_refreshes = sa.Table(
    "oauth_refreshes",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("family", sa.String(32), nullable=False, index=True),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("org_ids", sa.Text, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False, index=True),
    sa.Column("used_at", UtcTime),
)

# What an access token of an app was given for; the token itself is a row of `tokens`.
oauth_issued = sa.Table(
    "oauth_issued",
    metadata,
    sa.Column("token_id", BigId, sa.ForeignKey("tokens.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("family", sa.String(32), nullable=False, index=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("org_ids", sa.Text, nullable=False),
)
