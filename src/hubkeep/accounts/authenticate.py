"""Who is asking: from what a request brought to an actor, in one indexed query."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts.errors import BadCredentials
from hubkeep.accounts.queries import TOKEN
from hubkeep.accounts.secrets import digest
from hubkeep.accounts.tables import memberships, owners, sessions, tokens, users
from hubkeep.accounts.types import STRANGER, Actor, Credentials, Role, Token, TokenRole
from hubkeep.kit import ReadTx, WriteTx, now
from hubkeep.kit.tables import Row

USED_STALE = timedelta(hours=1)  # how exact `last_used_at` is: one write an hour, not one a request

_PERSON = (
    users.c.id.label("person"),
    owners.c.name.label("person_name"),
    users.c.is_admin,
    users.c.disabled,
    memberships.c.org_id,
    memberships.c.role.label("org_role"),
)


def _joined(first: sa.FromClause, user_id: sa.ColumnElement[Any]) -> sa.FromClause:
    return (
        first.join(users, users.c.id == user_id)
        .join(owners, owners.c.id == users.c.id)
        .outerjoin(memberships, memberships.c.user_id == users.c.id)
    )


_BY_TOKEN = (
    sa.select(*TOKEN, *_PERSON)
    .select_from(_joined(tokens, tokens.c.user_id))
    .where(tokens.c.hash == sa.bindparam("digest"))
)
_BY_SESSION = (
    sa.select(*_PERSON)
    .select_from(_joined(sessions, sessions.c.user_id))
    .where(sessions.c.hash == sa.bindparam("digest"), sessions.c.expires_at > sa.bindparam("moment"))
)
_BY_ID = (
    sa.select(*_PERSON)
    .select_from(
        users.join(owners, owners.c.id == users.c.id).outerjoin(
            memberships, memberships.c.user_id == users.c.id
        )
    )
    .where(users.c.id == sa.bindparam("user_id"))
)


def authenticate(tx: ReadTx, credentials: Credentials) -> Actor:
    """Return who is asking.

    A session that has ended makes a stranger, as signing out does; a token that is not known never does.

    Raises:
        BadCredentials: an unknown or revoked token, or one of a disabled user.
    """
    if credentials.scheme == "token":
        hashed = digest(credentials.secret)
        return tx.keep(("actor", hashed), lambda: _by_token(tx, hashed))
    if credentials.scheme == "session":
        return _by_session(tx, credentials.secret)
    return STRANGER


def actor_of(tx: ReadTx, user_id: int, can_write: bool) -> Actor:
    """Return the actor that a user is, for work done in their name. Raises BadCredentials for a disabled user."""
    rows = tx.sql.execute(_BY_ID, {"user_id": user_id}).all()
    if not rows or rows[0].disabled:
        raise BadCredentials
    return _actor(rows, can_write=can_write)


def is_stale(actor: Actor) -> bool:
    """Return whether `last_used_at` of the actor's token should be renewed."""
    token = actor.token
    return token is not None and (token.last_used_at is None or now() - token.last_used_at > USED_STALE)


def mark_used(tx: WriteTx, token_id: int) -> None:
    """Remember that a token was used just now."""
    tx.sql.execute(sa.update(tokens).where(tokens.c.id == token_id).values(last_used_at=now()))


def _by_token(tx: ReadTx, hashed: str) -> Actor:
    rows = tx.sql.execute(_BY_TOKEN, {"digest": hashed}).all()
    if not rows or rows[0].disabled:
        raise BadCredentials
    first = rows[0]
    role = TokenRole(first.role)
    token = Token(first.id, first.user_id, first.name, role, first.created_at, first.last_used_at)
    return _actor(rows, can_write=role is TokenRole.WRITE, token=token)


def _by_session(tx: ReadTx, secret: str) -> Actor:
    rows = tx.sql.execute(_BY_SESSION, {"digest": digest(secret), "moment": now()}).all()
    if not rows or rows[0].disabled:
        return STRANGER
    return _actor(rows, can_write=True)


def _actor(rows: Sequence[Row], *, can_write: bool, token: Token | None = None) -> Actor:
    """Build the actor. Operators act as operators only with credentials that may write, too."""
    first = rows[0]
    roles = {row.org_id: Role(row.org_role) for row in rows if row.org_id is not None}
    roles[first.person] = Role.ADMIN
    return Actor(first.person, first.person_name, bool(first.is_admin), can_write, roles, token)
