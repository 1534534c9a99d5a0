"""Service accounts: programs of an organization, which act by fine-grained tokens and never sign in.

They are no members: within its scopes, a token of theirs acts with the organization's own powers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hubkeep.accounts.access import role_in, shows
from hubkeep.accounts.add_user import add_user
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NameTaken, NotAllowed, NotSignedIn, TokenNotFound
from hubkeep.accounts.names import MAX_NAME as MAX_USER_NAME
from hubkeep.accounts.org_tables import service_accounts
from hubkeep.accounts.orgs.errors import ServiceAccountNotFound
from hubkeep.accounts.orgs.rights import check_text, org_for_admin, org_named
from hubkeep.accounts.queries import TOKEN, token_of
from hubkeep.accounts.scopes import Entity, EntityType, Permission, Scopes, check_scopes
from hubkeep.accounts.secrets import digest, mint_token
from hubkeep.accounts.tables import owners, tokens
from hubkeep.accounts.tokens import NewToken, issue
from hubkeep.accounts.types import Actor, Owner, Role, Token, TokenKind, TokenRole
from hubkeep.kit import BadInput, ReadTx, WriteTx, now

MAX_NAME, MAX_DESCRIPTION = 50, 500  # Source: hub-platform contract section 17
MAX_ACCOUNTS, MAX_TOKENS = 100, 50
_WRITE = (Permission.SERVICE_WRITE, Permission.ORG_WRITE)
_READ = (Permission.SERVICE_READ, *_WRITE)
_NOT_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class ServiceAccount:
    """A program of an organization. `user` is the name under which it acts, `name` what people call it."""

    id: int
    org: Owner
    user: str
    name: str
    description: str
    created_at: datetime


def list_service_accounts(tx: ReadTx, actor: Actor, org_name: str) -> list[ServiceAccount]:
    """Return an organization's service accounts, to its administrators.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed.
    """
    return _found(tx, _org(tx, actor, org_name))


def get_service_account(
    tx: ReadTx, actor: Actor, org_name: str, account_id: int
) -> tuple[ServiceAccount, list[Token]]:
    """Return a service account and its tokens, newest first.

    Raises:
        ServiceAccountNotFound, and what `list_service_accounts` raises.
    """
    account = _one(tx, _org(tx, actor, org_name), account_id)
    mine = sa.select(*TOKEN).where(*_tokens_of(account.id)).order_by(tokens.c.id.desc())
    return account, [token_of(row) for row in tx.sql.execute(mine)]


def create_service_account(
    tx: WriteTx, actor: Actor, org_name: str, name: str, description: str = ""
) -> ServiceAccount:
    """Make a service account. Raises OrgNotFound, NotSignedIn, NotAllowed, BadInput."""
    org = org_for_admin(tx, actor, org_name, "make service accounts", *_WRITE)
    called = check_text("name", name, MAX_NAME)
    if not called:
        raise BadInput(field="name", reason="must not be empty")
    said = check_text("description", description, MAX_DESCRIPTION)
    if len(_found(tx, org)) >= MAX_ACCOUNTS:
        raise BadInput(field="name", reason=f"at most {MAX_ACCOUNTS} service accounts an organization")
    user_id = _free_user(tx, org.name, called)
    row = {"user_id": user_id, "org_id": org.id, "description": said, "created_by": actor.user_id}
    tx.sql.execute(sa.insert(service_accounts).values(**row))
    made = _one(tx, org, user_id)
    audit(tx, actor, "org.service_account.create", owner_id=org.id, data=_told(made))
    return made


def delete_service_account(tx: WriteTx, actor: Actor, org_name: str, account_id: int) -> None:
    """Delete a service account and its tokens. Raises what `get_service_account` raises."""
    org = org_for_admin(tx, actor, org_name, "delete service accounts", *_WRITE)
    account = _one(tx, org, account_id)
    tx.sql.execute(sa.delete(owners).where(owners.c.id == account.id))
    audit(tx, actor, "org.service_account.delete", owner_id=org.id, data=_told(account))


def make_service_token(
    tx: WriteTx, actor: Actor, org_name: str, account_id: int, name: str, scopes: Scopes
) -> tuple[Token, str]:
    """Make a token for a service account; its value is in the answer and never again.

    Raises:
        BadInput: the name, or scopes that mean nothing. And what `get_service_account` raises.
        NotAllowed: somebody who came with a fine-grained token would give more than it may.
    """
    org, account = _for_change(tx, actor, org_name, account_id)
    _give_no_more(actor, org, scopes)
    count = tx.sql.execute(
        sa.select(sa.func.count()).select_from(tokens).where(*_tokens_of(account.id))
    ).scalar_one()
    if count >= MAX_TOKENS:
        raise BadInput(field="displayName", reason=f"at most {MAX_TOKENS} tokens a service account")
    new = NewToken(name, TokenRole.FINE_GRAINED, scopes, None, TokenKind.SERVICE, str(org.id))
    token, secret = issue(tx, account.id, new)
    audit(tx, actor, "org.service_account.create_token", owner_id=org.id, data=_told(account, token))
    return token, secret


def change_service_token(
    tx: WriteTx,
    actor: Actor,
    org_name: str,
    account_id: int,
    token_id: int,
    *,
    name: str | None = None,
    scopes: Scopes | None = None,
) -> Token:
    """Change what a token of a service account is called, and what it may do.

    Raises:
        TokenNotFound, BadInput, and what `get_service_account` raises.
    """
    org, account = _for_change(tx, actor, org_name, account_id)
    before = _token(tx, account, token_id)
    called = before.name if name is None else check_text("displayName", name, 100)
    if scopes is not None:
        _give_no_more(actor, org, scopes)
    text = check_scopes(scopes).text if scopes is not None else (before.scopes or Scopes()).text
    here = sa.update(tokens).where(tokens.c.id == before.id)
    tx.sql.execute(here.values(name=called or before.name, scopes=text))
    after = _token(tx, account, token_id)
    told = _told(account, after) | {"before": (before.scopes or Scopes()).text, "after": text}
    audit(tx, actor, "org.service_account.update_token", owner_id=org.id, data=told)
    return after


def rotate_service_token(
    tx: WriteTx, actor: Actor, org_name: str, account_id: int, token_id: int
) -> tuple[Token, str]:
    """Give a token another value; the old one stops working at once. Raises what `change_service_token` raises."""
    org, account = _for_change(tx, actor, org_name, account_id)
    token = _token(tx, account, token_id)
    _give_no_more(actor, org, token.scopes or Scopes())
    secret = mint_token()
    row = {"hash": digest(secret), "last4": secret[-4:], "created_at": now(), "last_used_at": None}
    tx.sql.execute(sa.update(tokens).where(tokens.c.id == token.id).values(**row))
    audit(tx, actor, "org.service_account.rotate_token", owner_id=org.id, data=_told(account, token))
    return _token(tx, account, token_id), secret


def revoke_service_token(tx: WriteTx, actor: Actor, org_name: str, account_id: int, token_id: int) -> None:
    """Delete a token of a service account. Raises what `change_service_token` raises."""
    org, account = _for_change(tx, actor, org_name, account_id)
    token = _token(tx, account, token_id)
    tx.sql.execute(sa.delete(tokens).where(tokens.c.id == token.id))
    audit(tx, actor, "org.service_account.delete_token", owner_id=org.id, data=_told(account, token))


def drop_service_accounts(tx: WriteTx, org_id: int) -> None:
    """Delete the service accounts of an organization that goes."""
    theirs = sa.select(service_accounts.c.user_id).where(service_accounts.c.org_id == org_id)
    tx.sql.execute(sa.delete(owners).where(owners.c.id.in_(list(tx.sql.execute(theirs).scalars()))))


def _give_no_more(actor: Actor, org: Owner, scopes: Scopes) -> None:
    """Pass unless somebody who came with a fine-grained token would get, by another, what theirs may not. Raises NotAllowed."""
    mine = actor.scopes
    if mine is None:
        return
    all_over = mine.on.get(Entity(EntityType.ORG, org.id), frozenset()) | mine.everywhere
    more = scopes.everywhere - mine.everywhere
    for entity, given in scopes.on.items():
        more |= given - all_over - mine.on.get(entity, frozenset())
    if more or (scopes.gated and not mine.gated):
        raise NotAllowed(what=f"give {min(more, default='the way through gates')}: this token has it not")


def _org(tx: ReadTx, actor: Actor, org_name: str) -> Owner:
    org = org_named(tx, org_name)
    if actor.anonymous:
        raise NotSignedIn
    if not (shows(actor, org.id, *_READ) and (actor.is_admin or role_in(actor, org.id) is Role.ADMIN)):
        raise NotAllowed(what=f"see the service accounts of {org.name}")
    return org


def _for_change(tx: WriteTx, actor: Actor, org_name: str, account_id: int) -> tuple[Owner, ServiceAccount]:
    org = org_for_admin(tx, actor, org_name, "change service accounts", *_WRITE)
    return org, _one(tx, org, account_id)


def _found(tx: ReadTx, org: Owner, *conditions: sa.ColumnElement[bool]) -> list[ServiceAccount]:
    theirs = (
        sa.select(owners, service_accounts.c.description)
        .join(service_accounts, service_accounts.c.user_id == owners.c.id)
        .where(service_accounts.c.org_id == org.id, *conditions)
        .order_by(owners.c.name_lower)
    )
    return [
        ServiceAccount(row.id, org, row.name, row.fullname, row.description, row.created_at)
        for row in tx.sql.execute(theirs)
    ]


def _one(tx: ReadTx, org: Owner, account_id: int) -> ServiceAccount:
    found = _found(tx, org, service_accounts.c.user_id == account_id)
    if not found:
        raise ServiceAccountNotFound
    return found[0]


def _tokens_of(user_id: int) -> Sequence[sa.ColumnElement[bool]]:
    return tokens.c.user_id == user_id, tokens.c.kind == TokenKind.SERVICE.value


def _token(tx: ReadTx, account: ServiceAccount, token_id: int) -> Token:
    row = tx.sql.execute(sa.select(*TOKEN).where(tokens.c.id == token_id, *_tokens_of(account.id))).first()
    if row is None:
        raise TokenNotFound
    return token_of(row)


def _free_user(tx: WriteTx, org: str, name: str) -> int:
    """Add a user whose name says whose program it is, and which."""
    words = _NOT_WORDS.sub("-", name.lower()).strip("-") or "bot"
    base = f"{org[: MAX_USER_NAME - 40]}-{words[:30].strip('-')}-sa"
    for number in range(1, MAX_ACCOUNTS + 2):
        try:
            return add_user(tx, base if number == 1 else f"{base}{number}", fullname=name).id
        except NameTaken:
            continue
    raise NameTaken(name=base)


def _told(account: ServiceAccount, token: Token | None = None) -> dict[str, object]:
    told: dict[str, object] = {"org": account.org.name, "user": account.user, "name": account.name}
    return told | ({"token": token.name, "last4": token.last4} if token else {})
