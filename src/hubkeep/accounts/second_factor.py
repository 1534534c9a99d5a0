"""The second factor: codes of an authenticator app (TOTP, RFC 6238, by pyotp), and recovery codes for whoever lost it."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn, WrongCode
from hubkeep.accounts.secrets import digest
from hubkeep.accounts.tables import recovery_codes, second_factors
from hubkeep.accounts.types import Actor
from hubkeep.kit import ReadTx, WriteTx, now

STEP = 30  # seconds that a code is shown. Source: RFC 6238, section 4
DRIFT = 1  # steps that a clock may be wrong by, each way. Source: RFC 6238, section 5.2
CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_GROUPS, _GROUP = 4, 4  # 16 of 31 letters: 79 bits


@dataclass(frozen=True)
class Factor:
    """A person's second factor: since when, and how many recovery codes are left."""

    created_at: datetime
    codes_left: int


def new_secret() -> str:
    """Return a secret for an authenticator app: 160 random bits in base32."""
    return pyotp.random_base32()


def enrolment(secret: str, name: str, issuer: str) -> str:
    """Return the address that authenticator apps read from a picture."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer))


def factor_of(tx: ReadTx, user_id: int) -> Factor | None:
    """Return a person's second factor, if they have one."""
    left = sa.select(sa.func.count()).where(recovery_codes.c.user_id == user_id).scalar_subquery()
    query = sa.select(second_factors.c.created_at, left).where(second_factors.c.user_id == user_id)
    row = tx.sql.execute(query).first()
    return Factor(row[0], int(row[1])) if row is not None else None


def start_factor(tx: WriteTx, actor: Actor, secret: str, code: str) -> list[str]:
    """Turn the second factor on with the first code of the app; return recovery codes, shown this once.

    The caller has asked for the password.

    Raises:
        NotSignedIn.
        NotAllowed: there is one already; turn it off first.
        WrongCode: the app shows another one: nothing was changed.
    """
    user_id = _person(actor)
    if factor_of(tx, user_id) is not None:
        raise NotAllowed(what="set up a second app: turn the first one off before")
    step = _step(secret, code)
    if step is None:
        raise WrongCode
    row = {"user_id": user_id, "secret": secret, "last_step": step, "created_at": now()}
    tx.sql.execute(sa.insert(second_factors).values(**row))
    audit(tx, actor, "user.second_factor_on", owner_id=user_id)
    return _new_codes(tx, user_id)


def stop_factor(tx: WriteTx, actor: Actor) -> None:
    """Turn the second factor off. The caller has asked for the password. Raises NotSignedIn."""
    user_id = _person(actor)
    if remove_factor(tx, user_id):
        audit(tx, actor, "user.second_factor_off", owner_id=user_id)


def remove_factor(tx: WriteTx, user_id: int) -> bool:
    """Delete a person's second factor and recovery codes; return whether there was one."""
    tx.sql.execute(sa.delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    return tx.sql.execute(sa.delete(second_factors).where(second_factors.c.user_id == user_id)).rowcount == 1


def renew_codes(tx: WriteTx, actor: Actor) -> list[str]:
    """Return new recovery codes; the old ones stop working. The caller has asked for the password.

    Raises:
        NotSignedIn, NotAllowed.
    """
    user_id = _person(actor)
    if factor_of(tx, user_id) is None:
        raise NotAllowed(what="have recovery codes without a second factor")
    audit(tx, actor, "user.recovery_codes", owner_id=user_id)
    return _new_codes(tx, user_id)


def use_code(tx: WriteTx, user_id: int, code: str) -> bool:
    """Return whether `code` is right; it is used up then, whichever kind it is."""
    plain = "".join(code.split()).lower()
    if plain.isascii() and plain.isdigit():
        return _use_app_code(tx, user_id, plain)
    here = sa.and_(
        recovery_codes.c.user_id == user_id, recovery_codes.c.hash == digest(plain.replace("-", ""))
    )
    return tx.sql.execute(sa.delete(recovery_codes).where(here)).rowcount == 1


def _use_app_code(tx: WriteTx, user_id: int, code: str) -> bool:
    mine = second_factors.c.user_id == user_id
    secret = tx.sql.execute(sa.select(second_factors.c.secret).where(mine)).scalar()
    step = _step(str(secret), code) if secret is not None else None
    if step is None:
        return False
    # Only a step after the last one that was used: whoever saw a code being typed cannot use it again.
    newer = sa.and_(mine, second_factors.c.last_step < step)
    return tx.sql.execute(sa.update(second_factors).where(newer).values(last_step=step)).rowcount == 1


def _step(secret: str, code: str) -> int | None:
    """Return the newest step around now that shows `code`."""
    app, here = pyotp.TOTP(secret), int(now().timestamp()) // STEP
    steps = range(here + DRIFT, here - DRIFT - 1, -1)
    plain = "".join(code.split()).encode()
    found = [step for step in steps if hmac.compare_digest(app.generate_otp(step).encode(), plain)]
    return found[0] if found else None


def _new_codes(tx: WriteTx, user_id: int) -> list[str]:
    made = ["".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP)) for _ in range(CODES)]
    tx.sql.execute(sa.delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    tx.sql.execute(sa.insert(recovery_codes), [{"user_id": user_id, "hash": digest(code)} for code in made])
    return ["-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in made]


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="change how you sign in with a token")
    return actor.user_id
