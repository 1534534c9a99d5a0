"""A browser comes with an app's request; the person agrees; the app gets a code.

Source: RFC 6749 section 4.1, RFC 7636 (PKCE), OpenID Connect Core section 3.1.2.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.oauth.apps import app_of, note_use, require_redirect
from hubkeep.accounts.oauth.errors import OAuthError
from hubkeep.accounts.oauth.grants import consent_of, remember
from hubkeep.accounts.oauth.scope import org_ids_of, read_scope
from hubkeep.accounts.oauth.tables import oauth_codes
from hubkeep.accounts.oauth.types import Consent, Wanted
from hubkeep.accounts.secrets import digest
from hubkeep.accounts.types import Actor
from hubkeep.kit import ReadTx, WriteTx, now

CODE_LIFE = timedelta(minutes=5)
MAX_STATE, MAX_NONCE = 4000, 500
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43,128}")


class Returned(Exception):
    """A refusal that the app is told, at its own address `to`."""

    def __init__(self, to: str) -> None:
        super().__init__(to)
        self.to = to


def read_request(tx: ReadTx, asked: Mapping[str, str]) -> Wanted:
    """Read what an app sent a browser with.

    Raises:
        InvalidClient, InvalidRedirect: shown to the person: nobody is sent to an address that is not known.
        Returned: everything else, which the app is told.
    """
    app = app_of(tx, asked.get("client_id", ""))
    uri = require_redirect(app, asked.get("redirect_uri", ""))
    state = asked.get("state", "")[:MAX_STATE]
    try:
        _require_code(asked.get("response_type", ""))
        scope = read_scope(app, asked.get("scope", ""))
        challenge = _challenge(asked, confidential=app.confidential)
        orgs = frozenset(int(one, 16) for one in asked.get("orgIds", "").split(",") if _is_id(one))
    except OAuthError as error:
        raise Returned(refused(uri, state, error.error, str(error))) from None
    nonce = asked.get("nonce", "")[:MAX_NONCE]
    return Wanted(app, uri, scope, state, challenge, nonce, orgs, asked.get("prompt", ""))


def agreed_before(tx: ReadTx, actor: Actor, wanted: Wanted) -> Consent | None:
    """Return the consent of before if it covers the request and the app does not want to ask again."""
    if actor.user_id is None or "consent" in wanted.prompt.split():
        return None
    given = consent_of(tx, actor.user_id, wanted.app.client_id)
    asked = Consent(wanted.scope, org_ids_of(wanted.org_ids, actor.roles))
    return Consent(wanted.scope, given.org_ids) if given is not None and given.covers(asked) else None


def give_code(tx: WriteTx, actor: Actor, wanted: Wanted, org_ids: frozenset[int]) -> str:
    """Let an app in; return the address to send the browser to, with a code that is good once.

    Raises:
        NotSignedIn, NotAllowed: nobody, or somebody who came with a token.
    """
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="let an app in with a token: sign in with your password")
    consent = Consent(wanted.scope, org_ids_of(org_ids, actor.roles) - {actor.user_id})
    code = secrets.token_urlsafe(32)
    row = {
        "hash": digest(code),
        "family": secrets.token_hex(16),
        "client_id": wanted.app.client_id,
        "user_id": actor.user_id,
        "redirect_uri": wanted.redirect_uri,
        "scope": consent.words,
        "org_ids": consent.orgs,
        "challenge": wanted.challenge,
        "nonce": wanted.nonce,
        "expires_at": now() + CODE_LIFE,
        "used": False,
    }
    tx.sql.execute(sa.delete(oauth_codes).where(oauth_codes.c.expires_at < now() - timedelta(days=1)))
    tx.sql.execute(sa.insert(oauth_codes).values(**row))
    remember(tx, actor.user_id, wanted.app.client_id, consent)
    note_use(tx, wanted.app)
    told = {"app": wanted.app.name, "clientId": wanted.app.client_id, "scope": consent.words}
    audit(tx, actor, "oauth.authorize", owner_id=actor.user_id, data=told)
    return _with_query(wanted.redirect_uri, {"code": code, "state": wanted.state})


def refused(uri: str, state: str, error: str, reason: str) -> str:
    """Return the address that tells an app that it was refused."""
    return _with_query(uri, {"error": error, "error_description": reason, "state": state})


def _require_code(response_type: str) -> None:
    if response_type != "code":
        raise OAuthError(reason="response_type: must be code")


def _challenge(asked: Mapping[str, str], *, confidential: bool) -> str:
    challenge = asked.get("code_challenge", "")
    if not challenge and confidential:
        return ""
    if not _CHALLENGE.fullmatch(challenge):
        raise OAuthError(reason="code_challenge: an app without a secret must send one (PKCE)")
    if asked.get("code_challenge_method", "plain") != "S256":
        raise OAuthError(reason="code_challenge_method: must be S256")
    return challenge


def _is_id(text: str) -> bool:
    return 1 <= len(text) <= 24 and all(char in "0123456789abcdef" for char in text)


def _with_query(uri: str, more: Mapping[str, str]) -> str:
    parts = urlsplit(uri)
    pairs = parse_qsl(parts.query, keep_blank_values=True) + [(k, v) for k, v in more.items() if v]
    return urlunsplit(parts._replace(query=urlencode(pairs)))
