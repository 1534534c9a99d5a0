"""Sign in by password, sign out, join."""

from datetime import timedelta

import sqlalchemy as sa

from hubkeep.accounts.add_user import add_user
from hubkeep.accounts.errors import WrongPassword
from hubkeep.accounts.passwords import hash_password, is_password
from hubkeep.accounts.queries import user_by_login
from hubkeep.accounts.secrets import digest, mint_session
from hubkeep.accounts.tables import sessions
from hubkeep.accounts.types import NOWHERE, Actor, NewSession, Origin, User
from hubkeep.kit import BadInput, Database, WriteTx, now

SESSION_LIFE = timedelta(days=30)


def sign_in(db: Database, login: str, password: str, origin: Origin = NOWHERE) -> NewSession:
    """Open a session for whoever has that name or e-mail address and that password.

    The password is hashed between two transactions, never inside one.

    Raises:
        WrongPassword: no such user, another password, or a disabled user; the three look and take the same.
    """
    with db.read() as tx:
        found = user_by_login(tx, login)
    user, stored = found if found is not None else (None, None)
    if not is_password(stored, password) or user is None or user.disabled:
        raise WrongPassword
    with db.write() as tx:
        return open_session(tx, user, origin)


def open_session(tx: WriteTx, user: User, origin: Origin = NOWHERE) -> NewSession:
    """Open a session; its secret is in the cookie and nowhere else."""
    secret, moment = mint_session(), now()
    row = {
        "hash": digest(secret),
        "user_id": user.id,
        "created_at": moment,
        "seen_at": moment,
        "address": origin.address[:64],
        "agent": origin.agent[:255],
    }
    tx.sql.execute(sa.insert(sessions).values(**row, expires_at=moment + SESSION_LIFE))
    return NewSession(secret, moment + SESSION_LIFE, user)


def sign_out(tx: WriteTx, actor: Actor, secret: str) -> None:
    """End the session with that secret; no error when it has ended already."""
    del actor
    tx.sql.execute(sa.delete(sessions).where(sessions.c.hash == digest(secret)))


def join(db: Database, name: str, email: str, password: str) -> User:
    """Add a user who signs up by themselves. Whether that is allowed is the door's question (`settings.join`).

    Raises:
        BadInput, NameTaken.
    """
    if not email:
        raise BadInput(field="email", reason="is needed")
    hashed = hash_password(password)
    with db.write() as tx:
        return add_user(tx, name, email, password_hash=hashed)


def forget_expired_sessions(tx: WriteTx) -> int:
    """Delete sessions that have ended; return how many."""
    return tx.sql.execute(sa.delete(sessions).where(sessions.c.expires_at < now())).rowcount
