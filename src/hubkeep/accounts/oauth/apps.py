"""Apps: register, list, change their secret, delete; and which address they may be returned to."""

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa

from hubkeep.accounts.attempts import count_attempt, program_limits
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.oauth.errors import AppNotFound, InvalidClient, InvalidMetadata, InvalidRedirect
from hubkeep.accounts.oauth.scope import stored_scope
from hubkeep.accounts.oauth.tables import oauth_apps, oauth_codes, oauth_grants, oauth_refreshes
from hubkeep.accounts.oauth.types import App, Scope
from hubkeep.accounts.secrets import digest
from hubkeep.accounts.tables import tokens
from hubkeep.accounts.types import Actor
from hubkeep.kit import BadInput, ReadTx, WriteTx, now
from hubkeep.kit.tables import Row

# The official command line signs in as this app, on every hub. Source: hub-platform contract 0.5.
CLI_APP = App("26be6b09-91c5-47da-9861-d2d2bb7a7e36", "the hf command line", trusted=True)
MAX_NAME, MAX_URI, MAX_URIS, MAX_APPS = 100, 1000, 20, 50
UNUSED_LIFE = timedelta(days=1)  # of an app that registered itself and that nobody ever signed in to
MAX_UNUSED = 10_000
LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_PLAIN_PLACE = re.compile(r"[A-Za-z0-9._:\[\]-]*")
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")  # com.example.app, as RFC 8252 has it


def app_of(tx: ReadTx, client_id: str) -> App:
    """Return the app. Raises InvalidClient."""
    if client_id == CLI_APP.client_id:
        return CLI_APP
    row = tx.sql.execute(sa.select(oauth_apps).where(oauth_apps.c.client_id == client_id[:64])).first()
    if row is None:
        raise InvalidClient
    return _app(row)


def proven_app(tx: ReadTx, client_id: str, secret: str) -> App:
    """Return the app, which has shown its secret if it has one. Raises InvalidClient."""
    app = app_of(tx, client_id)
    if app.confidential:
        stored = tx.sql.execute(
            sa.select(oauth_apps.c.secret_hash).where(oauth_apps.c.client_id == client_id)
        ).scalar()
        if not secrets.compare_digest(str(stored), digest(secret)):
            raise InvalidClient
    return app


def register_app(
    tx: WriteTx,
    actor: Actor,
    name: str,
    redirect_uris: Sequence[str],
    scope: frozenset[Scope],
    homepage: str = "",
    *,
    confidential: bool,
    by_itself: bool = False,
) -> tuple[App, str]:
    """Register an app; return it and its secret, shown this once ("" for a public client).

    With `by_itself`, the app registers itself and belongs to nobody (RFC 7591): it is forgotten if nobody signs in to it.

    Raises:
        NotSignedIn, NotAllowed, BadInput, InvalidRedirect, InvalidMetadata, TooManyAttempts.
    """
    owner_id = None if by_itself else _in_session(actor)
    if by_itself:
        count_attempt(tx, program_limits("app", actor.origin))
    _make_room(tx, owner_id)
    app = App(
        client_id=secrets.token_hex(16),
        name=_name(name),
        homepage=_homepage(homepage),
        owner_id=owner_id,
        redirect_uris=check_redirects(redirect_uris),
        scope=scope,
        confidential=confidential,
        created_at=now(),
    )
    secret = secrets.token_urlsafe(32) if confidential else ""
    row = {
        "client_id": app.client_id,
        "secret_hash": digest(secret) if secret else None,
        "name": app.name,
        "homepage": app.homepage,
        "owner_id": owner_id,
        "redirect_uris": "\n".join(app.redirect_uris),
        "scope": " ".join(sorted(scope)),
        "created_at": app.created_at,
    }
    tx.sql.execute(sa.insert(oauth_apps).values(**row))
    facts = {"name": app.name, "clientId": app.client_id}
    audit(tx, actor, "oauth.app.create", owner_id=owner_id, data=facts)
    return app, secret


def my_apps(tx: ReadTx, actor: Actor) -> list[App]:
    """Return the apps that the actor registered, newest first. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    mine = sa.select(oauth_apps).where(oauth_apps.c.owner_id == actor.user_id)
    return [_app(row) for row in tx.sql.execute(mine.order_by(oauth_apps.c.created_at.desc()))]


def new_secret(tx: WriteTx, actor: Actor, client_id: str) -> tuple[App, str]:
    """Give one of the actor's apps another secret; the old one stops working at once. Raises AppNotFound, …."""
    app = _mine(tx, actor, client_id)
    if not app.confidential:
        raise BadInput(field="app", reason="is a public client: it has no secret")
    secret = secrets.token_urlsafe(32)
    here = oauth_apps.c.client_id == client_id
    tx.sql.execute(sa.update(oauth_apps).where(here).values(secret_hash=digest(secret)))
    audit(tx, actor, "oauth.app.rotate_secret", owner_id=app.owner_id, data={"clientId": client_id})
    return app, secret


def delete_app(tx: WriteTx, actor: Actor, client_id: str) -> None:
    """Delete one of the actor's apps, and end everybody's sign-ins to it. Raises AppNotFound, NotSignedIn, NotAllowed."""
    app = _mine(tx, actor, client_id)
    for table in (oauth_grants, oauth_codes, oauth_refreshes, tokens, oauth_apps):
        tx.sql.execute(sa.delete(table).where(table.c.client_id == client_id))
    facts = {"name": app.name, "clientId": client_id}
    audit(tx, actor, "oauth.app.delete", owner_id=app.owner_id, data=facts)


def note_use(tx: WriteTx, app: App) -> None:
    """Remember that somebody signed in to the app."""
    tx.sql.execute(sa.update(oauth_apps).where(oauth_apps.c.client_id == app.client_id).values(used_at=now()))


def require_redirect(app: App, uri: str) -> str:
    """Return `uri` if the app registered it; of a program on the person's own machine, with any port.

    Source: RFC 8252 section 7.3, hub-platform contract 1.4.

    Raises:
        InvalidRedirect.
    """
    if not uri and len(app.redirect_uris) == 1:
        return app.redirect_uris[0]
    if uri in app.redirect_uris or any(_same_but_port(uri, known) for known in app.redirect_uris):
        return uri
    raise InvalidRedirect(reason="is not one that this app registered")


def check_redirects(uris: Sequence[str]) -> tuple[str, ...]:
    """Return addresses that an app may be returned to. Raises InvalidRedirect."""
    if len(uris) > MAX_URIS:
        raise InvalidRedirect(reason=f"at most {MAX_URIS}")
    return tuple(dict.fromkeys(_check_redirect(uri) for uri in uris))


def _check_redirect(uri: str) -> str:
    if not 1 <= len(uri) <= MAX_URI or not uri.isascii() or not uri.isprintable() or set(uri) & set(' "\\<>'):
        raise InvalidRedirect(reason=f"must be an address of at most {MAX_URI} characters")
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidRedirect(reason="is not an address") from None
    if parts.fragment or "@" in parts.netloc:
        raise InvalidRedirect(reason="must have no fragment, name or password")
    if not _PLAIN_PLACE.fullmatch(
        parts.netloc
    ):  # it stands in the Content-Security-Policy of the page that asks
        raise InvalidRedirect(reason="must name a host by letters, digits, dots and dashes")
    loopback = parts.scheme == "http" and host in LOOPBACK
    if not (loopback or (parts.scheme == "https" and host) or _OWN_SCHEME.fullmatch(parts.scheme)):
        raise InvalidRedirect(reason="must be https, http on localhost, or a scheme like com.example.app")
    return uri


def _same_but_port(uri: str, known: str) -> bool:
    try:
        mine, other = urlsplit(uri), urlsplit(known)
        port = mine.port
    except ValueError:
        return False
    if (mine.scheme, other.scheme) != ("http", "http") or mine.hostname not in LOOPBACK:
        return False
    if "@" in mine.netloc or port == 0 or mine.fragment:
        return False
    return (mine.hostname, mine.path, mine.query) == (other.hostname, other.path, other.query)


def _mine(tx: ReadTx, actor: Actor, client_id: str) -> App:
    owner_id = _in_session(actor)
    mine = sa.and_(oauth_apps.c.client_id == client_id, oauth_apps.c.owner_id == owner_id)
    row = tx.sql.execute(sa.select(oauth_apps).where(mine)).first()
    if row is None:
        raise AppNotFound
    return _app(row)


def _make_room(tx: WriteTx, owner_id: int | None) -> None:
    count = sa.select(sa.func.count()).select_from(oauth_apps)
    if owner_id is not None:
        if tx.sql.execute(count.where(oauth_apps.c.owner_id == owner_id)).scalar_one() >= MAX_APPS:
            raise BadInput(field="app", reason=f"at most {MAX_APPS} apps a user: delete one first")
        return
    unused = sa.and_(oauth_apps.c.owner_id.is_(None), oauth_apps.c.used_at.is_(None))
    tx.sql.execute(sa.delete(oauth_apps).where(unused, oauth_apps.c.created_at < now() - UNUSED_LIFE))
    if tx.sql.execute(count.where(unused)).scalar_one() >= MAX_UNUSED:
        raise InvalidMetadata(reason="too many apps have registered themselves today: try again tomorrow")


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise InvalidMetadata(reason=f"name: must have 1 to {MAX_NAME} characters")
    return name


def _homepage(address: str) -> str:
    if address and (not address.startswith(("https://", "http://")) or len(address) > MAX_URI):
        raise InvalidMetadata(reason="homepage: must start with https:// or http://")
    return address


def _in_session(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="change apps with a token: sign in with your password")
    return actor.user_id


def _app(row: Row) -> App:
    return App(
        client_id=row.client_id,
        name=row.name,
        homepage=row.homepage,
        owner_id=row.owner_id,
        redirect_uris=tuple(row.redirect_uris.split("\n")) if row.redirect_uris else (),
        scope=stored_scope(row.scope),
        confidential=row.secret_hash is not None,
        created_at=row.created_at,
    )
