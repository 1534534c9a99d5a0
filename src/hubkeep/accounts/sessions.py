"""Where a person is signed in; end one session, or all others."""

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn, SessionNotFound
from hubkeep.accounts.tables import sessions
from hubkeep.accounts.types import Actor, Session
from hubkeep.kit import ReadTx, WriteTx, now

COLUMNS = (
    sessions.c.id,
    sessions.c.created_at,
    sessions.c.expires_at,
    sessions.c.seen_at,
    sessions.c.address,
    sessions.c.agent,
)
MOST = 100


def list_sessions(tx: ReadTx, actor: Actor) -> list[Session]:
    """Return where the actor is signed in, the latest use first. Raises NotSignedIn, NotAllowed."""
    mine = sa.and_(sessions.c.user_id == _in_session(actor), sessions.c.expires_at > now())
    rows = tx.sql.execute(
        sa.select(*COLUMNS).where(mine).order_by(sessions.c.seen_at.desc(), sessions.c.id.desc()).limit(MOST)
    )
    return [Session(*row) for row in rows]


def end_session(tx: WriteTx, actor: Actor, session_id: int) -> None:
    """End one of the actor's sessions. Raises NotSignedIn, NotAllowed, SessionNotFound."""
    mine = sa.and_(sessions.c.id == session_id, sessions.c.user_id == _in_session(actor))
    if tx.sql.execute(sa.delete(sessions).where(mine)).rowcount != 1:
        raise SessionNotFound
    audit(tx, actor, "user.end_session", owner_id=actor.user_id)


def end_other_sessions(tx: WriteTx, actor: Actor) -> int:
    """End every session of the actor but the one they are in; return how many. Raises NotSignedIn, NotAllowed."""
    user_id, here = _in_session(actor), actor.session.id if actor.session else 0
    others = sa.and_(sessions.c.user_id == user_id, sessions.c.id != here)
    ended = tx.sql.execute(sa.delete(sessions).where(others)).rowcount
    if ended:
        audit(tx, actor, "user.end_sessions", owner_id=user_id, data={"count": ended})
    return ended


def _in_session(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="see where you are signed in with a token")
    return actor.user_id
