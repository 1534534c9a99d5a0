"""From a code or a refresh token to an access token.

Source: RFC 6749 sections 4.1.3 and 6; RFC 9700 section 4.14 (a refresh token is good once; used twice, it was stolen).
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hubkeep.accounts.oauth.apps import note_use
from hubkeep.accounts.oauth.errors import InvalidGrant
from hubkeep.accounts.oauth.grants import end_family
from hubkeep.accounts.oauth.scope import stored_orgs, stored_scope, token_scopes
from hubkeep.accounts.oauth.tables import oauth_codes, oauth_issued, oauth_refreshes
from hubkeep.accounts.oauth.types import App, Consent, Issued
from hubkeep.accounts.queries import user_by_id
from hubkeep.accounts.secrets import digest
from hubkeep.accounts.tables import tokens
from hubkeep.accounts.tokens import NewToken, issue
from hubkeep.accounts.types import TokenKind, TokenRole
from hubkeep.kit import WriteTx, now

ACCESS_LIFE = timedelta(hours=8)
REFRESH_LIFE = timedelta(days=30)
# The command line keeps its token in a file for long, and renews it a day before its end.
CLI_ACCESS_LIFE, CLI_REFRESH_LIFE = timedelta(days=30), timedelta(days=180)
GRACE = timedelta(minutes=1)  # processes that share a token's file renew it at the same moment
MAX_LIVE = 200  # access tokens of one app for one person


@dataclass(frozen=True)
class Sign:
    """One sign-in: whose, to which app, for what, in which family."""

    app: App
    user_id: int
    consent: Consent
    family: str
    nonce: str = ""


def redeem_code(tx: WriteTx, app: App, code: str, redirect_uri: str, verifier: str) -> Issued | None:
    """Turn a code into tokens; None when the code was used before: everything that came of it has been ended, commit that.

    Raises:
        InvalidGrant.
    """
    here = oauth_codes.c.hash == digest(code)
    row = tx.sql.execute(sa.select(oauth_codes).where(here).with_for_update()).first()
    if row is None or row.client_id != app.client_id or row.expires_at < now():
        raise InvalidGrant
    if row.used:
        end_family(tx, row.family)
        return None
    if redirect_uri != row.redirect_uri and not (redirect_uri == "" and len(app.redirect_uris) == 1):
        raise InvalidGrant
    if row.challenge and not secrets.compare_digest(_s256(verifier), row.challenge):
        raise InvalidGrant
    tx.sql.execute(sa.update(oauth_codes).where(here).values(used=True))
    consent = Consent(stored_scope(row.scope), stored_orgs(row.org_ids))
    return give(tx, Sign(app, row.user_id, consent, row.family, row.nonce))


def refresh(tx: WriteTx, app: App, text: str) -> Issued | None:
    """Turn a refresh token into new tokens; None when it was used before: the whole sign-in has been ended, commit that.

    Raises:
        InvalidGrant.
    """
    here = oauth_refreshes.c.hash == digest(text)
    row = tx.sql.execute(sa.select(oauth_refreshes).where(here).with_for_update()).first()
    if row is None or row.client_id != app.client_id or row.expires_at < now():
        raise InvalidGrant
    if row.used_at is not None and row.used_at < now() - GRACE:
        end_family(tx, row.family)
        return None
    if row.used_at is None:
        tx.sql.execute(sa.update(oauth_refreshes).where(here).values(used_at=now()))
    consent = Consent(stored_scope(row.scope), stored_orgs(row.org_ids))
    return give(tx, Sign(app, row.user_id, consent, row.family))


def give(tx: WriteTx, sign: Sign) -> Issued:
    """Give out an access token and a refresh token. Raises InvalidGrant for a person who is gone or disabled."""
    user = user_by_id(tx, sign.user_id)
    if user is None or user.disabled:
        raise InvalidGrant
    _make_room(tx, sign)
    access, keep = (CLI_ACCESS_LIFE, CLI_REFRESH_LIFE) if sign.app.trusted else (ACCESS_LIFE, REFRESH_LIFE)
    moment = now()
    token, secret = issue(tx, sign.user_id, _new(sign, moment + access))
    given = {"family": sign.family, "scope": sign.consent.words, "org_ids": sign.consent.orgs}
    tx.sql.execute(sa.insert(oauth_issued).values(token_id=token.id, **given))
    fresh = "hfr_" + secrets.token_urlsafe(40)
    row = {
        "hash": digest(fresh),
        "client_id": sign.app.client_id,
        "user_id": sign.user_id,
        "expires_at": moment + keep,
        **given,
    }
    tx.sql.execute(sa.insert(oauth_refreshes).values(**row))
    note_use(tx, sign.app)
    seconds = int(access.total_seconds())
    return Issued(secret, fresh, seconds, sign.user_id, sign.app.client_id, sign.consent.scope, sign.nonce)


def revoke(tx: WriteTx, app: App, text: str) -> None:
    """End the sign-in that a token belongs to, if it is one of this app. Source: RFC 7009."""
    hashed = digest(text)
    refreshes = sa.select(oauth_refreshes.c.family).where(
        oauth_refreshes.c.hash == hashed, oauth_refreshes.c.client_id == app.client_id
    )
    accesses = (
        sa.select(oauth_issued.c.family)
        .join(tokens, tokens.c.id == oauth_issued.c.token_id)
        .where(tokens.c.hash == hashed, tokens.c.client_id == app.client_id)
    )
    for family in {*tx.sql.execute(refreshes).scalars(), *tx.sql.execute(accesses).scalars()}:
        end_family(tx, family)


def _new(sign: Sign, end: datetime) -> NewToken:
    """Return what to issue: our own command line gets all of a person's powers, everybody else what was agreed."""
    role, scopes = TokenRole.WRITE, None
    if not sign.app.trusted:
        role, scopes = TokenRole.FINE_GRAINED, token_scopes(sign.user_id, sign.consent)
    return NewToken(sign.app.name, role, scopes, end, TokenKind.OAUTH, sign.app.client_id)


def _make_room(tx: WriteTx, sign: Sign) -> None:
    """Drop what is over, and the oldest access tokens beyond a bound."""
    mine = sa.and_(tokens.c.user_id == sign.user_id, tokens.c.client_id == sign.app.client_id)
    tx.sql.execute(sa.delete(tokens).where(mine, tokens.c.expires_at < now()))
    kept = sa.select(tokens.c.id).where(mine).order_by(tokens.c.id.desc()).limit(MAX_LIVE - 1)
    oldest = tx.sql.execute(sa.select(tokens.c.id).where(mine, tokens.c.id.not_in(kept))).scalars().all()
    tx.sql.execute(sa.delete(tokens).where(tokens.c.id.in_(oldest)))
    tx.sql.execute(
        sa.delete(oauth_refreshes).where(
            oauth_refreshes.c.user_id == sign.user_id, oauth_refreshes.c.expires_at < now()
        )
    )


def _s256(verifier: str) -> str:
    hashed = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
