"""Every SELECT of the accounts room starts here."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts.errors import OwnerMoved
from hubkeep.accounts.former_names import missing_owner
from hubkeep.accounts.scopes import read_scopes
from hubkeep.accounts.tables import memberships, owners, tokens, users
from hubkeep.accounts.types import Membership, Owner, Role, Token, TokenKind, TokenRole, User
from hubkeep.kit import ReadTx
from hubkeep.kit.tables import Row

USER = sa.select(
    users.c.id,
    owners.c.name,
    owners.c.fullname,
    users.c.email,
    users.c.is_admin,
    users.c.disabled,
    owners.c.created_at,
    owners.c.avatar,
    users.c.email_confirmed,
).join_from(users, owners, users.c.id == owners.c.id)
TOKEN = (
    tokens.c.id,
    tokens.c.user_id,
    tokens.c.name,
    tokens.c.role,
    tokens.c.created_at,
    tokens.c.last_used_at,
    tokens.c.kind,
    tokens.c.scopes,
    tokens.c.expires_at,
    tokens.c.client_id,
    tokens.c.last4,
)


def owner_named(tx: ReadTx, name: str) -> Owner:
    """Return the user or organization of that name, in any case. Raises OwnerNotFound, OwnerMoved."""
    row = tx.sql.execute(sa.select(owners).where(owners.c.name_lower == name.lower())).first()
    if row is None:
        raise missing_owner(tx, name)
    return Owner.of(row)


def owner_now(tx: ReadTx, name: str) -> Owner:
    """Return who has that name or had it before: for names that are no part of an address. Raises OwnerNotFound."""
    try:
        return owner_named(tx, name)
    except OwnerMoved as moved:
        return owner_named(tx, str(moved.facts["to"]))


def owners_by_id(tx: ReadTx, owner_ids: Sequence[int]) -> dict[int, Owner]:
    """Return these users and organizations by number, without users who are disabled."""
    shown = sa.or_(users.c.disabled.is_(None), users.c.disabled.is_(False))
    wanted = (
        sa.select(owners).outerjoin(users, users.c.id == owners.c.id).where(owners.c.id.in_(owner_ids), shown)
    )
    rows = tx.sql.execute(wanted)
    return {row.id: Owner.of(row) for row in rows}


def every_owner(tx: ReadTx, after: int, limit: int) -> list[Owner]:
    """Return all users and organizations with a number above `after`, in number order, `limit` at most."""
    page = sa.select(owners).where(owners.c.id > after).order_by(owners.c.id).limit(limit)
    return [Owner.of(row) for row in tx.sql.execute(page)]


def user_by_id(tx: ReadTx, user_id: int) -> User | None:
    """Return the user with that number."""
    return _user(tx, users.c.id == user_id)


def user_named(tx: ReadTx, name: str) -> User:
    """Return the user of that name, in any case. Raises OwnerNotFound, OwnerMoved."""
    found = _user(tx, owners.c.name_lower == name.lower())
    if found is None:
        raise missing_owner(tx, name)
    return found


def user_by_login(tx: ReadTx, login: str) -> tuple[User, str | None] | None:
    """Return the user who signs in as `login` (name or e-mail address) and the stored password hash."""
    lower = login.strip().lower()
    by = users.c.email_lower == lower if "@" in lower else owners.c.name_lower == lower
    row = tx.sql.execute(USER.add_columns(users.c.password_hash).where(by).order_by(users.c.id)).first()
    return (User(*row[:-1]), row.password_hash) if row is not None else None


def password_of(tx: ReadTx, user_id: int) -> str | None:
    """Return the stored password hash."""
    return tx.sql.execute(sa.select(users.c.password_hash).where(users.c.id == user_id)).scalar()


def is_confirmed(tx: ReadTx, user_id: int) -> bool:
    """Return whether a person proved that their address is theirs."""
    return bool(tx.sql.execute(sa.select(users.c.email_confirmed).where(users.c.id == user_id)).scalar())


def users_with_email(tx: ReadTx, email: str) -> list[User]:
    """Return the first few people with that address, in any case, who are not disabled."""
    theirs = USER.where(users.c.email_lower == email.lower(), users.c.disabled.is_(False))
    return [User(*row) for row in tx.sql.execute(theirs.order_by(users.c.id).limit(5))]


def orgs_of(tx: ReadTx, user_id: int) -> list[Membership]:
    """Return a user's organizations in name order."""
    rows = tx.sql.execute(
        sa.select(
            memberships.c.org_id,
            owners.c.name,
            owners.c.fullname,
            owners.c.created_at,
            memberships.c.role,
            owners.c.avatar,
        )
        .join(owners, owners.c.id == memberships.c.org_id)
        .where(memberships.c.user_id == user_id)
        .order_by(owners.c.name_lower)
    )
    return [
        Membership(row.org_id, row.name, row.fullname, row.created_at, Role(row.role), row.avatar)
        for row in rows
    ]


def token_of(row: Row) -> Token:
    """Turn a row of `TOKEN` into the fact."""
    return Token(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        role=TokenRole(row.role),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        kind=TokenKind(row.kind),
        scopes=read_scopes(row.scopes) if row.scopes is not None else None,
        expires_at=row.expires_at,
        client_id=row.client_id,
        last4=row.last4,
    )


def _user(tx: ReadTx, condition: sa.ColumnElement[bool]) -> User | None:
    row = tx.sql.execute(USER.where(condition)).first()
    return User(*row) if row is not None else None
