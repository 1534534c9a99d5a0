"""Rows of people who sign in elsewhere: who they are there, and which roles that gave them here."""

import sqlalchemy as sa

from hubkeep.kit.tables import BigId, UtcTime, metadata

external_identities = sa.Table(
    "external_identities",
    metadata,
    sa.Column("issuer", sa.String(500), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", UtcTime, nullable=False),
)

# Memberships that come from groups elsewhere: they end when the group does. Others are left alone.
external_roles = sa.Table(
    "external_roles",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("org_id", BigId, sa.ForeignKey("owners.id", ondelete="CASCADE"), primary_key=True, index=True),
)
