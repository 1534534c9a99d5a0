"""Who is asking: from what a request brought to an actor, in one indexed query."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts.errors import BadCredentials
from hubkeep.accounts.org_tables import resource_group_members as seats
from hubkeep.accounts.org_tables import shut_out_tokens
from hubkeep.accounts.queries import TOKEN, token_of
from hubkeep.accounts.scopes import Scopes
from hubkeep.accounts.secrets import digest
from hubkeep.accounts.tables import memberships, owners, sessions, ssh_keys, tokens, users
from hubkeep.accounts.types import (
    STRANGER,
    Actor,
    Credentials,
    GroupSeat,
    Role,
    Session,
    Token,
    TokenKind,
    TokenRole,
)
from hubkeep.kit import ReadTx, WriteTx, now
from hubkeep.kit.tables import Row

USED_STALE = timedelta(
    hours=1
)  # how exact `last_used_at` and `seen_at` are: one write an hour, not one a request

# Beside a membership stand the groups of the same organization: one row each, none multiplied by another.
_SEAT = sa.and_(seats.c.user_id == memberships.c.user_id, seats.c.org_id == memberships.c.org_id)
_PERSON = (
    users.c.id.label("person"),
    owners.c.name.label("person_name"),
    users.c.is_admin,
    users.c.disabled,
    memberships.c.org_id,
    memberships.c.role.label("org_role"),
    seats.c.group_id,
    seats.c.role.label("group_role"),
)


# An organization may shut a token out: then its bearer is no member there.
_LETS_IN = ~sa.exists().where(
    shut_out_tokens.c.token_id == tokens.c.id, shut_out_tokens.c.org_id == memberships.c.org_id
)


def _joined(first: sa.FromClause, user_id: sa.ColumnElement[Any]) -> sa.FromClause:
    belongs: sa.ColumnElement[bool] = memberships.c.user_id == users.c.id
    return (
        first.join(users, users.c.id == user_id)
        .join(owners, owners.c.id == users.c.id)
        .outerjoin(memberships, sa.and_(belongs, _LETS_IN) if first is tokens else belongs)
        .outerjoin(seats, _SEAT)
    )


_BY_TOKEN = (
    sa.select(*TOKEN, *_PERSON)
    .select_from(_joined(tokens, tokens.c.user_id))
    .where(tokens.c.hash == sa.bindparam("digest"))
)
_BY_TOKEN_ID = (
    sa.select(*TOKEN, *_PERSON)
    .select_from(_joined(tokens, tokens.c.user_id))
    .where(tokens.c.id == sa.bindparam("token_id"))
)
_BY_SESSION = (
    sa.select(
        sessions.c.id,
        sessions.c.created_at,
        sessions.c.expires_at,
        sessions.c.seen_at,
        sessions.c.address,
        sessions.c.agent,
        *_PERSON,
    )
    .select_from(_joined(sessions, sessions.c.user_id))
    .where(sessions.c.hash == sa.bindparam("digest"), sessions.c.expires_at > sa.bindparam("moment"))
)
_BY_ID = (
    sa.select(*_PERSON)
    .select_from(
        users.join(owners, owners.c.id == users.c.id)
        .outerjoin(memberships, memberships.c.user_id == users.c.id)
        .outerjoin(seats, _SEAT)
    )
    .where(users.c.id == sa.bindparam("user_id"))
)
_BY_SSH_KEY = sa.select(ssh_keys.c.user_id).where(ssh_keys.c.fingerprint == sa.bindparam("fingerprint"))


def authenticate(tx: ReadTx, credentials: Credentials) -> Actor:
    """Return who is asking.

    A session that has ended makes a stranger, as signing out does; a token that is not known never does.

    Raises:
        BadCredentials: an unknown, revoked or expired token, or one of a disabled user.
    """
    if credentials.scheme == "token":
        hashed = digest(credentials.secret)
        return _in_time(tx.keep(("actor", hashed), lambda: _by_token(tx, _BY_TOKEN, {"digest": hashed})))
    if credentials.scheme == "session":
        return _by_session(tx, credentials.secret)
    if credentials.scheme == "ssh":  # the door has seen a signature by that key
        return _by_ssh_key(tx, credentials.secret)
    return STRANGER


def actor_of(tx: ReadTx, user_id: int, can_write: bool, *, token_id: int | None = None) -> Actor:
    """Return the actor that a user is, for work done in their name; with `token_id`, within what that token allows.

    Raises:
        BadCredentials: a disabled user; a token that was revoked or has expired since.
    """
    if token_id is not None:
        return _in_time(_by_token(tx, _BY_TOKEN_ID, {"token_id": token_id}))
    rows = tx.sql.execute(_BY_ID, {"user_id": user_id}).all()
    if not rows or rows[0].disabled:
        raise BadCredentials
    return _actor(rows, can_write=can_write)


def within(actor: Actor, scopes: Scopes) -> Actor:
    """Return the actor as they would be with a fine-grained token of these scopes."""
    made = Token(0, actor.user_id or 0, "", TokenRole.FINE_GRAINED, now(), None, scopes=scopes)
    return replace(actor, is_admin=False, can_write=False, roles={}, lent=actor.roles, token=made)


def is_stale(actor: Actor) -> bool:
    """Return whether it should be written down that the actor's token or session is in use."""
    if actor.session is not None:
        return now() - actor.session.seen_at > USED_STALE
    token = actor.token
    return token is not None and (token.last_used_at is None or now() - token.last_used_at > USED_STALE)


def mark_used(tx: WriteTx, actor: Actor) -> None:
    """Remember that the actor's token or session was used just now."""
    if actor.session is not None:
        mine = sa.update(sessions).where(sessions.c.id == actor.session.id)
        tx.sql.execute(mine.values(seen_at=now()))
    elif actor.token is not None:
        tx.sql.execute(sa.update(tokens).where(tokens.c.id == actor.token.id).values(last_used_at=now()))


def _in_time(actor: Actor) -> Actor:
    """Refuse a token that has expired. Asked every time: what is kept in memory does not follow the clock."""
    token = actor.token
    if token is not None and token.expires_at is not None and token.expires_at <= now():
        raise BadCredentials
    return actor


def _by_token(tx: ReadTx, query: sa.Select[Any], asked: Mapping[str, Any]) -> Actor:
    rows = tx.sql.execute(query, asked).all()
    if not rows or rows[0].disabled:
        raise BadCredentials
    token = token_of(rows[0])
    actor = _actor(rows, can_write=token.role is TokenRole.WRITE, token=token)
    if token.role is not TokenRole.FINE_GRAINED:
        return actor
    lent = {int(token.client_id or 0): Role.ADMIN} if token.kind is TokenKind.SERVICE else actor.roles
    return replace(actor, is_admin=False, can_write=False, roles={}, lent=lent)


def _by_ssh_key(tx: ReadTx, fingerprint: str) -> Actor:
    user_id = tx.sql.execute(_BY_SSH_KEY, {"fingerprint": fingerprint}).scalar()
    if user_id is None:
        raise BadCredentials
    return actor_of(tx, user_id, can_write=True)


def _by_session(tx: ReadTx, secret: str) -> Actor:
    rows = tx.sql.execute(_BY_SESSION, {"digest": digest(secret), "moment": now()}).all()
    if not rows or rows[0].disabled:
        return STRANGER
    return replace(_actor(rows, can_write=True), session=Session(*rows[0][:6]))


def _actor(rows: Sequence[Row], *, can_write: bool, token: Token | None = None) -> Actor:
    """Build the actor. Operators act as operators only with credentials that may write, too."""
    first = rows[0]
    roles = {row.org_id: Role(row.org_role) for row in rows if row.org_id is not None}
    roles[first.person] = Role.ADMIN
    groups = {
        row.group_id: GroupSeat(row.org_id, Role(row.group_role)) for row in rows if row.group_id is not None
    }
    return Actor(
        first.person, first.person_name, bool(first.is_admin), can_write, roles, token, groups=groups
    )
