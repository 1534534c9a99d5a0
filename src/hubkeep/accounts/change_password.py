"""Change or reset a password. Whichever way it happens, sessions end: they may be a stranger's."""

import sqlalchemy as sa

from hubkeep.accounts.attempts import login_limits
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotSignedIn
from hubkeep.accounts.letters import tell
from hubkeep.accounts.links import read_reset_key
from hubkeep.accounts.passwords import hash_password
from hubkeep.accounts.sessions import end_other_sessions
from hubkeep.accounts.sign_in import require_password
from hubkeep.accounts.tables import attempts, users
from hubkeep.accounts.types import NOWHERE, Actor, Origin, User
from hubkeep.accounts.user_admin import set_password
from hubkeep.kit import Database, Signer, WriteTx


def change_password(db: Database, actor: Actor, old: str, new: str) -> None:
    """Give the person in this session another password; every other session of theirs ends.

    Raises:
        NotSignedIn, WrongPassword, TooManyAttempts, BadInput.
    """
    if actor.user_id is None:
        raise NotSignedIn
    require_password(db, actor, old)
    hashed = hash_password(new)
    with db.write() as tx:
        tx.sql.execute(sa.update(users).where(users.c.id == actor.user_id).values(password_hash=hashed))
        audit(tx, actor, "user.change_password", owner_id=actor.user_id)
        end_other_sessions(tx, actor)
        tell(tx, actor.user_id, f"The password of {actor.name} was changed.")


def reset_password(db: Database, signer: Signer, key: str, new: str, origin: Origin = NOWHERE) -> User:
    """Give whoever opened a link from a mail a new password; every session of theirs ends, and locks open.

    A second factor stays: the mailbox alone does not sign anybody in.

    Raises:
        LinkUsed, BadInput.
    """
    hashed = hash_password(new)
    with db.write() as tx:
        user = read_reset_key(tx, signer, key)
        set_password(tx, user.id, hashed)
        _unlock(tx, user, origin)
        audit(tx, Actor(user.id, user.name, origin=origin), "user.reset_password", owner_id=user.id)
        tell(tx, user.id, f"The password of {user.name} was changed.")
    return user


def _unlock(tx: WriteTx, user: User, origin: Origin) -> None:
    names = [limit.name for limit in login_limits(tx, user.name, user.id, origin)]
    mine = [name for name in {*names, f"login:{user.id}"} if not name.startswith("from:")]
    tx.sql.execute(sa.delete(attempts).where(attempts.c.name.in_(mine)))
