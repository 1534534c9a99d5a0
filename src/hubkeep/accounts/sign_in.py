"""Sign in by password and, where there is one, a second factor; sign out; join."""

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from hubkeep.accounts.add_user import add_user
from hubkeep.accounts.attempts import code_limits, count_attempt, forgive, login_limits
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import (
    NotSignedIn,
    SecondFactorNeeded,
    SignInTooOld,
    WrongCode,
    WrongPassword,
)
from hubkeep.accounts.passwords import hash_password, is_password, stamp_of
from hubkeep.accounts.queries import password_of, user_by_id, user_by_login
from hubkeep.accounts.second_factor import factor_of, use_code
from hubkeep.accounts.secrets import digest, mint_session
from hubkeep.accounts.tables import sessions
from hubkeep.accounts.types import NOWHERE, STRANGER, Actor, NewSession, Origin, User
from hubkeep.kit import BadInput, BadSignature, Database, HubError, Job, Signer, WriteTx, now

SESSION_LIFE = timedelta(days=30)
CONFIRM = "accounts.confirm"  # the job that asks whether an address is a person's own
HALF_SECONDS = 600  # how long the second step may take
_PURPOSE = "second-step"


def sign_in(db: Database, login: str, password: str, origin: Origin = NOWHERE) -> NewSession:
    """Open a session for whoever has that name or e-mail address and that password.

    The password is hashed between two transactions, never inside one.

    Raises:
        WrongPassword: no such user, another password, or a disabled user; the three look and take the same.
        TooManyAttempts: whoever the name belongs to.
        SecondFactorNeeded: the password was right; go on with `finish_sign_in`.
    """
    with db.write() as tx:
        found = user_by_login(tx, login)
        user, stored = found if found is not None else (None, None)
        limits = login_limits(tx, login, user.id if user else None, origin)
        count_attempt(tx, limits)
    right = is_password(stored, password)
    with db.write() as tx:
        if right and user is not None and not user.disabled:
            forgive(tx, limits)
            if factor_of(tx, user.id) is None:
                return open_session(tx, user, origin)
            refusal: HubError = SecondFactorNeeded(user.id, stamp_of(stored))
        else:
            _failed(tx, user, login, origin)
            refusal = WrongPassword()
    raise refusal


def half_session(signer: Signer, needed: SecondFactorNeeded) -> str:
    """Return what the form of the second step carries. It grants nothing: a code has to come with it."""
    return signer.sign(_PURPOSE, {"u": needed.user_id, "s": needed.stamp}, HALF_SECONDS)[0]


def finish_sign_in(
    db: Database, signer: Signer, half: str, code: str, origin: Origin = NOWHERE
) -> NewSession:
    """Open the session after a code of the authenticator app, or a recovery code, which is used up.

    Raises:
        SignInTooOld: the first step was too long ago, or the password changed since.
        WrongCode, TooManyAttempts.
    """
    try:
        facts = signer.verify(_PURPOSE, half)
    except BadSignature:
        raise SignInTooOld from None
    limits = code_limits(int(facts["u"]))
    with db.write() as tx:
        user = user_by_id(tx, int(facts["u"]))
        if user is None or user.disabled or stamp_of(password_of(tx, user.id)) != facts["s"]:
            raise SignInTooOld
        count_attempt(tx, limits)
    with db.write() as tx:
        if use_code(tx, user.id, code):
            forgive(tx, limits)
            return open_session(tx, user, origin)
        _failed(tx, user, user.name, origin, step="code")
    raise WrongCode


def open_session(tx: WriteTx, user: User, origin: Origin = NOWHERE) -> NewSession:
    """Open a session: always a new one. Its secret is in the cookie and nowhere else."""
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
    audit(tx, _as(user, origin), "user.sign_in", owner_id=user.id)
    return NewSession(secret, moment + SESSION_LIFE, user)


def sign_out(tx: WriteTx, actor: Actor, secret: str) -> None:
    """End the session with that secret; no error when it has ended already."""
    ended = tx.sql.execute(sa.delete(sessions).where(sessions.c.hash == digest(secret))).rowcount
    if ended and actor.user_id is not None:
        audit(tx, actor, "user.sign_out", owner_id=actor.user_id)


def require_password(db: Database, actor: Actor, password: str) -> None:
    """Pass if the person in this session knows their password: asked again before what a stolen session must not do.

    Raises:
        NotSignedIn, WrongPassword, TooManyAttempts.
    """
    if actor.user_id is None or actor.token is not None:
        raise NotSignedIn
    with db.write() as tx:
        stored = password_of(tx, actor.user_id)
        limits = login_limits(tx, actor.name, actor.user_id, actor.origin)
        count_attempt(tx, limits)
    if not is_password(stored, password):
        with db.write() as tx:
            audit(tx, actor, "user.sign_in_failed", owner_id=actor.user_id, data={"step": "again"})
        raise WrongPassword
    with db.write() as tx:
        forgive(tx, limits)


def join(
    db: Database, name: str, email: str, password: str, origin: Origin = NOWHERE, *, by_mail: bool = False
) -> User:
    """Add a user who signs up by themselves. Whether that is allowed is the door's question (`settings.join`).

    Whether somebody has that address already is not told; with `by_mail`, it is asked to be confirmed.

    Raises:
        BadInput, NameTaken.
    """
    if not email:
        raise BadInput(field="email", reason="is needed")
    hashed = hash_password(password)
    with db.write() as tx:
        user = add_user(tx, name, email, password_hash=hashed)
        audit(tx, _as(user, origin), "user.join", owner_id=user.id)
        if by_mail:
            tx.enqueue(Job(CONFIRM, {"user_id": user.id, "email": email}))
        return user


def forget_expired_sessions(tx: WriteTx) -> int:
    """Delete sessions that have ended; return how many."""
    return tx.sql.execute(sa.delete(sessions).where(sessions.c.expires_at < now())).rowcount


def _failed(tx: WriteTx, user: User | None, login: str, origin: Origin, step: str = "password") -> None:
    """Write down a wrong guess; what was typed as a name may be a password, and is kept only if somebody has it."""
    data = {"step": step, "login": user.name if user else f"{len(login)} characters"}
    who = replace(STRANGER, origin=origin)
    audit(tx, who, "user.sign_in_failed", owner_id=user.id if user else None, data=data)


def _as(user: User, origin: Origin) -> Actor:
    return Actor(user.id, user.name, origin=origin)
