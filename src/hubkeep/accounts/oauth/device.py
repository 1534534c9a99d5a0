"""Sign in a program that has no browser: `hf auth login`. The person enters a short code in a browser that is signed in.

Source: RFC 8628, hub-platform contract 1.2.
"""

import secrets
from datetime import timedelta

import sqlalchemy as sa

from hubkeep.accounts.attempts import count_attempt, device_limits, program_limits, take_back
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.oauth.apps import app_of
from hubkeep.accounts.oauth.errors import (
    AccessDenied,
    CodeNotFound,
    ExpiredCode,
    InvalidClient,
    InvalidGrant,
    OAuthError,
    Pending,
    SlowDown,
)
from hubkeep.accounts.oauth.exchange import Sign, give
from hubkeep.accounts.oauth.grants import remember
from hubkeep.accounts.oauth.scope import read_scope, stored_scope
from hubkeep.accounts.oauth.tables import oauth_devices
from hubkeep.accounts.oauth.types import App, Consent, Device, Issued, NewDevice
from hubkeep.accounts.secrets import digest
from hubkeep.accounts.types import NOWHERE, Actor, Origin
from hubkeep.kit import Database, ReadTx, WriteTx, now
from hubkeep.kit.tables import Row

LIFE = timedelta(minutes=15)
INTERVAL = 5  # seconds between two questions; the client adds 5 when it is told to slow down
EARLY = 1.0  # seconds by which a question may come too soon: networks are not clocks
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, no digits: no words, nothing to confuse. 20 ** 8 codes
MAX_WAITING = 10_000


def begin_device(tx: WriteTx, client_id: str, scope: str, origin: Origin = NOWHERE) -> NewDevice:
    """Give a program its two codes. Raises InvalidClient, InvalidScope, OAuthError, TooManyAttempts."""
    app = app_of(tx, client_id)
    if app.confidential:
        raise InvalidClient
    wanted = read_scope(app, scope)
    count_attempt(tx, program_limits("device", origin))
    tx.sql.execute(sa.delete(oauth_devices).where(oauth_devices.c.expires_at < now()))
    waiting = tx.sql.execute(sa.select(sa.func.count()).select_from(oauth_devices)).scalar_one()
    if waiting >= MAX_WAITING:
        raise OAuthError(reason="too many programs wait for somebody to sign in: try again in a few minutes")
    device_code, code = secrets.token_urlsafe(32), "".join(secrets.choice(LETTERS) for _ in range(8))
    row = {
        "hash": digest(device_code),
        "user_code": code,
        "client_id": app.client_id,
        "scope": " ".join(sorted(wanted)),
        "status": "pending",
        "interval": INTERVAL,
        "expires_at": now() + LIFE,
    }
    tx.sql.execute(sa.insert(oauth_devices).values(**row))
    return NewDevice(device_code, shown(code), INTERVAL, int(LIFE.total_seconds()))


def device_waiting(tx: ReadTx, actor: Actor, user_code: str) -> Device:
    """Return who waits for a code, to somebody who is signed in. Raises NotSignedIn, CodeNotFound."""
    if actor.user_id is None:
        raise NotSignedIn
    row = _waiting(tx, user_code)
    return Device(shown(row.user_code), app_of(tx, row.client_id), stored_scope(row.scope), row.expires_at)


def find_device(db: Database, actor: Actor, user_code: str) -> Device:
    """Return who waits for a code that somebody entered. Guessing is slowed, then stopped, whatever is guessed.

    Raises:
        NotSignedIn, CodeNotFound, TooManyAttempts.
    """
    if actor.user_id is None:
        raise NotSignedIn
    limits = device_limits(actor.user_id)
    with db.write() as tx:
        count_attempt(tx, limits)
    with db.read() as tx:
        found = device_waiting(tx, actor, user_code)
    with db.write() as tx:
        take_back(tx, limits)
    return found


def decide_device(tx: WriteTx, actor: Actor, user_code: str, *, approve: bool) -> Device:
    """Let the program that waits for a code sign in as the actor, or refuse it.

    Raises:
        NotSignedIn, NotAllowed, CodeNotFound.
    """
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="approve a device with a token: sign in with your password")
    device = device_waiting(tx, actor, user_code)
    row = _waiting(tx, user_code)
    values = {"status": "approved" if approve else "denied", "user_id": actor.user_id}
    tx.sql.execute(sa.update(oauth_devices).where(oauth_devices.c.hash == row.hash).values(**values))
    if approve:
        remember(tx, actor.user_id, row.client_id, Consent(device.scope))
        told = {"app": device.app.name, "clientId": row.client_id, "scope": row.scope}
        audit(tx, actor, "oauth.authorize", owner_id=actor.user_id, data=told)
    return device


def poll_device(tx: WriteTx, app: App, device_code: str) -> Issued | OAuthError:
    """Answer a program that asks whether somebody has entered its code.

    Refusals that the program should act on are returned, not raised: what is noted about them must be committed.

    Raises:
        InvalidGrant: no such code, or another program's.
    """
    here = oauth_devices.c.hash == digest(device_code)
    row = tx.sql.execute(sa.select(oauth_devices).where(here).with_for_update()).first()
    if row is None or row.client_id != app.client_id:
        raise InvalidGrant
    moment = now()
    if row.expires_at < moment:
        return ExpiredCode()
    if row.status == "denied":
        return AccessDenied()
    if row.status == "approved":
        tx.sql.execute(sa.delete(oauth_devices).where(here))
        return give(tx, Sign(app, row.user_id, Consent(stored_scope(row.scope)), secrets.token_hex(16)))
    if row.asked_at is not None and (moment - row.asked_at).total_seconds() < row.interval - EARLY:
        wait = row.interval + INTERVAL
        tx.sql.execute(sa.update(oauth_devices).where(here).values(asked_at=moment, interval=wait))
        return SlowDown(seconds=wait)
    tx.sql.execute(sa.update(oauth_devices).where(here).values(asked_at=moment))
    return Pending()


def shown(code: str) -> str:
    """Return a code as people read it.

    >>> shown("BCDFGHJK")
    'BCDF-GHJK'
    """
    return f"{code[:4]}-{code[4:]}"


def _waiting(tx: ReadTx, user_code: str) -> Row:
    plain = "".join(char for char in user_code.upper() if char in LETTERS)[:16]
    row = tx.sql.execute(
        sa.select(oauth_devices).where(
            oauth_devices.c.user_code == plain,
            oauth_devices.c.status == "pending",
            oauth_devices.c.expires_at > now(),
        )
    ).first()
    if row is None:
        raise CodeNotFound
    return row
