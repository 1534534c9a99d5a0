"""What people have agreed to: remember it, list it, take it back."""

from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.oauth.apps import app_of
from hubkeep.accounts.oauth.errors import InvalidClient
from hubkeep.accounts.oauth.scope import stored_orgs, stored_scope
from hubkeep.accounts.oauth.tables import (
    oauth_codes,
    oauth_devices,
    oauth_grants,
    oauth_issued,
    oauth_refreshes,
)
from hubkeep.accounts.oauth.types import App, Connected, Consent
from hubkeep.accounts.tables import tokens
from hubkeep.accounts.types import Actor, TokenKind
from hubkeep.kit import ReadTx, WriteTx, now
from hubkeep.kit.tables import insert_missing


@dataclass(frozen=True)
class Given:
    """What an access token was given for."""

    consent: Consent
    client_id: str


def consent_of(tx: ReadTx, user_id: int, client_id: str) -> Consent | None:
    """Return what a person has agreed to for an app."""
    row = tx.sql.execute(sa.select(oauth_grants).where(_here(user_id, client_id))).first()
    return Consent(stored_scope(row.scope), stored_orgs(row.org_ids)) if row is not None else None


def given_for(tx: ReadTx, actor: Actor) -> Consent | None:
    """Return what the app agreed upon that the actor's token was given to; None for every other token."""
    if actor.token is None or actor.token.kind is not TokenKind.OAUTH:
        return None
    row = tx.sql.execute(sa.select(oauth_issued).where(oauth_issued.c.token_id == actor.token.id)).first()
    return Consent(stored_scope(row.scope), stored_orgs(row.org_ids)) if row is not None else Consent()


def remember(tx: WriteTx, user_id: int, client_id: str, consent: Consent) -> None:
    """Keep what a person agreed to: all of it together, until they take it back."""
    before = consent_of(tx, user_id, client_id) or Consent()
    now_given = Consent(before.scope | consent.scope, before.org_ids | consent.org_ids)
    values = {"scope": now_given.words, "org_ids": now_given.orgs, "granted_at": now()}
    insert_missing(tx.sql, oauth_grants, [{"user_id": user_id, "client_id": client_id, **values}])
    tx.sql.execute(sa.update(oauth_grants).where(_here(user_id, client_id)).values(**values))


def connected_apps(tx: ReadTx, actor: Actor) -> list[Connected]:
    """Return the apps that the actor signed in to, the latest first. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    mine = sa.select(oauth_grants).where(oauth_grants.c.user_id == actor.user_id)
    rows = tx.sql.execute(mine.order_by(oauth_grants.c.granted_at.desc())).all()
    return [
        Connected(
            _app_or_name(tx, row.client_id),
            Consent(stored_scope(row.scope), stored_orgs(row.org_ids)),
            row.granted_at,
        )
        for row in rows
    ]


def disconnect(tx: WriteTx, actor: Actor, client_id: str) -> None:
    """Take back what the actor gave an app: its tokens stop working at once. Raises NotSignedIn, NotAllowed."""
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="disconnect apps with a token: sign in with your password")
    end_app(tx, actor.user_id, client_id)
    tx.sql.execute(sa.delete(oauth_grants).where(_here(actor.user_id, client_id)))
    audit(tx, actor, "oauth.revoke", owner_id=actor.user_id, data={"clientId": client_id})


def end_app(tx: WriteTx, user_id: int, client_id: str) -> None:
    """End every sign-in of one person to one app."""
    for table in (oauth_codes, oauth_refreshes, oauth_devices, tokens):
        here = sa.and_(table.c.user_id == user_id, table.c.client_id == client_id)
        tx.sql.execute(sa.delete(table).where(here))


def end_family(tx: WriteTx, family: str) -> None:
    """End one sign-in: everything that came of one code."""
    issued = sa.select(oauth_issued.c.token_id).where(oauth_issued.c.family == family)
    tx.sql.execute(sa.delete(tokens).where(tokens.c.id.in_(issued)))
    tx.sql.execute(sa.delete(oauth_refreshes).where(oauth_refreshes.c.family == family))


def _app_or_name(tx: ReadTx, client_id: str) -> App:
    try:
        return app_of(tx, client_id)
    except InvalidClient:
        return App(client_id, "an app that is gone")


def _here(user_id: int, client_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(oauth_grants.c.user_id == user_id, oauth_grants.c.client_id == client_id)
