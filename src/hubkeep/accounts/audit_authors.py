"""What is still known of those who are named in entries of the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.accounts.audit_entries import AuditEntry
from hubkeep.accounts.queries import TOKEN, owners_by_id, token_of
from hubkeep.accounts.tables import tokens
from hubkeep.accounts.types import Owner, Token
from hubkeep.kit import ReadTx


@dataclass(frozen=True)
class AuditAuthors:
    """Who acted and with which token, of those who are still there."""

    people: Mapping[int, Owner]
    tokens: Mapping[int, Token]


def audit_authors(tx: ReadTx, entries: Sequence[AuditEntry]) -> AuditAuthors:
    """Look up the authors of a page of entries, in two queries."""
    people = {entry.actor_id for entry in entries if entry.actor_id is not None}
    used = {entry.token_id for entry in entries if entry.token_id is not None}
    rows = tx.sql.execute(sa.select(*TOKEN).where(tokens.c.id.in_(used)))
    return AuditAuthors(owners_by_id(tx, list(people)), {row.id: token_of(row) for row in rows})
