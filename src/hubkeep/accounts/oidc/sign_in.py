"""Sign in with an account elsewhere: to the identity provider and back.

Source: OpenID Connect Core section 3.1 (code flow), RFC 7636 (PKCE).
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import sqlalchemy as sa

from hubkeep.accounts.add_org import set_member
from hubkeep.accounts.add_user import add_user
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NameTaken, OwnerNotFound
from hubkeep.accounts.names import check_owner_name
from hubkeep.accounts.oidc.errors import ExternalSignInOff, SignInRefused
from hubkeep.accounts.oidc.provider import fetch_json, provider_of
from hubkeep.accounts.oidc.tables import external_identities, external_roles
from hubkeep.accounts.queries import is_confirmed, owner_now, user_by_id, users_with_email
from hubkeep.accounts.sign_in import open_session
from hubkeep.accounts.tables import memberships, users
from hubkeep.accounts.types import Actor, NewSession, Origin, OwnerKind, Role, User
from hubkeep.kit import BadInput, Database, ReadTx, Settings, WriteTx, now
from hubkeep.kit.settings import OidcSettings

MAX_TRIES = 50  # names with a number behind, before giving up
_ODD = re.compile(r"[^A-Za-z0-9_-]+")
_STRENGTH = [Role.NO_ACCESS, Role.READ, Role.CONTRIBUTOR, Role.WRITE, Role.ADMIN]


@dataclass(frozen=True)
class Leaving:
    """A browser about to go to the provider: where to, and what it must bring back."""

    to: str
    state: str
    nonce: str
    verifier: str


def leave(settings: Settings) -> Leaving:
    """Return where to send a browser. Asks the provider; hold no transaction. Raises ExternalSignInOff, ProviderUnreachable."""
    oidc = _on(settings)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": oidc.client_id,
        "redirect_uri": callback(settings),
        "response_type": "code",
        "scope": oidc.scopes,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    address = provider_of(oidc.issuer).address("authorization_endpoint")
    return Leaving(f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", state, nonce, verifier)


def come_back(
    db: Database, settings: Settings, code: str, nonce: str, verifier: str, origin: Origin
) -> NewSession:
    """Open a session for who comes back with a code.

    Raises:
        ExternalSignInOff, ProviderUnreachable, BadIdToken, SignInRefused.
    """
    oidc = _on(settings)
    provider = provider_of(oidc.issuer)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback(settings),
        "code_verifier": verifier,
        "client_id": oidc.client_id,
    }
    headers = {}
    if oidc.client_secret:
        pair = f"{quote(oidc.client_id, safe='')}:{quote(oidc.client_secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    told = fetch_json(provider.address("token_endpoint"), oidc.issuer, form, headers)
    claims = provider.claims(str(told.get("id_token", "")), oidc.client_id, nonce)
    claims = _with_userinfo(settings, told, claims)
    with db.write() as tx:
        user = _person(tx, settings, claims, origin)
        _give_roles(tx, settings, user, claims)
        return open_session(tx, user, origin)


def callback(settings: Settings) -> str:
    """Return the address to come back to: what the operator registers at the provider."""
    return f"{settings.url}/login/callback"


def _with_userinfo(settings: Settings, told: Mapping[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
    """Many providers tell names and groups only when asked with the access token."""
    oidc = settings.oidc
    needed = {oidc.username_claim, *([oidc.groups_claim] if oidc.admin_groups or oidc.org_roles else [])}
    if needed <= claims.keys() or not isinstance(told.get("access_token"), str):
        return claims
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    more = fetch_json(provider_of(oidc.issuer).address("userinfo_endpoint"), oidc.issuer, headers=headers)
    if more.get("sub") != claims["sub"]:
        raise SignInRefused(reason="the identity provider spoke of two people")
    return {**more, **claims}


def _person(tx: WriteTx, settings: Settings, claims: Mapping[str, Any], origin: Origin) -> User:
    oidc = settings.oidc
    user = _known(tx, oidc.issuer, claims["sub"])
    if user is None and oidc.link_by_email:
        user = _by_email(tx, claims)
        if user is not None:
            _link(tx, oidc.issuer, claims["sub"], user, origin)
    if user is None:
        if not oidc.create_users:
            raise SignInRefused(reason="an operator has to add you first")
        user = _create(tx, claims, str(claims.get(oidc.username_claim) or ""))
        _link(tx, oidc.issuer, claims["sub"], user, origin)
    if user.disabled:
        raise SignInRefused(reason="your account is disabled")
    return user


def _known(tx: ReadTx, issuer: str, subject: str) -> User | None:
    here = sa.and_(external_identities.c.issuer == issuer, external_identities.c.subject == subject)
    user_id = tx.sql.execute(sa.select(external_identities.c.user_id).where(here)).scalar()
    return user_by_id(tx, user_id) if user_id is not None else None


def _by_email(tx: ReadTx, claims: Mapping[str, Any]) -> User | None:
    """Return who has that address here, if the provider has made sure that it is theirs there, and this hub here.

    Anybody may write somebody else's address into their account, and would be joined with them.
    """
    email = claims.get("email")
    if not isinstance(email, str) or "@" not in email or claims.get("email_verified") is not True:
        return None
    found = [user for user in users_with_email(tx, email) if is_confirmed(tx, user.id)]
    return found[0] if len(found) == 1 else None


def _create(tx: WriteTx, claims: Mapping[str, Any], wanted: str) -> User:
    email = claims.get("email")
    base = _ODD.sub("-", wanted.partition("@")[0] or str(email or "").partition("@")[0]).strip("-")[:80]
    base = re.sub("--+", "-", base) or "person"
    fullname = str(claims.get("name") or base)[:255]
    for number in range(1, MAX_TRIES):
        name = base if number == 1 else f"{base}-{number}"
        try:
            check_owner_name(name)
            with tx.sql.begin_nested():
                return add_user(tx, name, email if isinstance(email, str) else "", fullname=fullname)
        except (NameTaken, BadInput):
            continue
    raise SignInRefused(reason="there is no name left like yours")


def _link(tx: WriteTx, issuer: str, subject: str, user: User, origin: Origin) -> None:
    row = {"issuer": issuer, "subject": subject, "user_id": user.id, "created_at": now()}
    tx.sql.execute(sa.insert(external_identities).values(**row))
    facts = {"issuer": issuer, "subject": subject}
    audit(
        tx,
        Actor(user.id, user.name, origin=origin),
        "user.link_identity",
        owner_id=user.id,
        data=facts,
    )


def _give_roles(tx: WriteTx, settings: Settings, user: User, claims: Mapping[str, Any]) -> None:
    """Make the person what their groups elsewhere say: in organizations, and as an operator."""
    oidc = settings.oidc
    given = claims.get(oidc.groups_claim, [])
    groups = {group for group in (given if isinstance(given, list) else [given]) if isinstance(group, str)}
    if oidc.admin_groups:
        is_admin = bool(groups & set(oidc.admin_groups))
        if is_admin is not user.is_admin:
            tx.sql.execute(sa.update(users).where(users.c.id == user.id).values(is_admin=is_admin))
            audit(
                tx, Actor(user.id, user.name), "user.change_admin", owner_id=user.id, data={"admin": is_admin}
            )
    wanted = _wanted_roles(tx, oidc.org_roles, groups)
    mine = external_roles.c.user_id == user.id
    before = set(tx.sql.execute(sa.select(external_roles.c.org_id).where(mine)).scalars())
    for org_id in before - wanted.keys():
        here = sa.and_(memberships.c.user_id == user.id, memberships.c.org_id == org_id)
        tx.sql.execute(sa.delete(memberships).where(here))
        tx.sql.execute(sa.delete(external_roles).where(mine, external_roles.c.org_id == org_id))
        audit(tx, Actor(user.id, user.name), "org.remove_user", owner_id=org_id, data={"user": user.name})
    for org_id, role in wanted.items():
        if _role(tx, user.id, org_id) is not role:
            set_member(tx, org_id, user.id, role)
            told = {"user": user.name, "role": role.value}
            audit(tx, Actor(user.id, user.name), "org.add_user", owner_id=org_id, data=told)
        if org_id not in before:
            tx.sql.execute(sa.insert(external_roles).values(user_id=user.id, org_id=org_id))


def _wanted_roles(tx: ReadTx, mapping: Mapping[str, str], groups: set[str]) -> dict[int, Role]:
    """Return the strongest role that groups give in each organization; one that does not exist yet gives none."""
    wanted: dict[int, Role] = {}
    for group, target in mapping.items():
        name, _, role = target.partition(":")
        if group not in groups:
            continue
        try:
            org = owner_now(tx, name)
        except OwnerNotFound:
            continue
        if org.kind is OwnerKind.ORG:
            wanted[org.id] = max(wanted.get(org.id, Role.NO_ACCESS), Role(role), key=_STRENGTH.index)
    return wanted


def _role(tx: ReadTx, user_id: int, org_id: int) -> Role | None:
    here = sa.and_(memberships.c.user_id == user_id, memberships.c.org_id == org_id)
    found = tx.sql.execute(sa.select(memberships.c.role).where(here)).scalar()
    return Role(found) if found is not None else None


def _on(settings: Settings) -> OidcSettings:
    if not settings.oidc.issuer:
        raise ExternalSignInOff
    return settings.oidc
