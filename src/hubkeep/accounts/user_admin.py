"""What operators do to users: list, disable, give a password."""

import sqlalchemy as sa

from hubkeep.accounts.queries import USER, user_named
from hubkeep.accounts.tables import owners, sessions, users
from hubkeep.accounts.types import User
from hubkeep.kit import ReadTx, WriteTx


def list_users(tx: ReadTx) -> list[User]:
    """Return every user in name order."""
    return [User(*row) for row in tx.sql.execute(USER.order_by(owners.c.name_lower))]


def set_disabled(tx: WriteTx, name: str, *, disabled: bool) -> User:
    """Lock a user out, or let them in again; their tokens and repositories stay. Raises OwnerNotFound."""
    user = user_named(tx, name)
    tx.sql.execute(sa.update(users).where(users.c.id == user.id).values(disabled=disabled))
    if disabled:
        tx.sql.execute(sa.delete(sessions).where(sessions.c.user_id == user.id))
    return user_named(tx, name)


def set_password(tx: WriteTx, user_id: int, password_hash: str) -> None:
    """Replace a user's password (a hash from `hash_password`) and end every session they have."""
    tx.sql.execute(sa.update(users).where(users.c.id == user_id).values(password_hash=password_hash))
    tx.sql.execute(sa.delete(sessions).where(sessions.c.user_id == user_id))
