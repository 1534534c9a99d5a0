"""Make, list, change and revoke tokens."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn, TokenNameTaken, TokenNotFound
from hubkeep.accounts.queries import TOKEN, token_of
from hubkeep.accounts.scopes import Scopes, check_scopes
from hubkeep.accounts.secrets import check_brought, digest, mint_token
from hubkeep.accounts.tables import tokens
from hubkeep.accounts.types import Actor, Token, TokenKind, TokenRole
from hubkeep.kit import BadInput, ReadTx, WriteTx, now
from hubkeep.kit.tables import made_id

MAX_NAME = 100
MAX_TOKENS = 500


@dataclass(frozen=True)
class NewToken:
    """A token to make. `scopes` belong to fine-grained ones; `client_id` names the app or publisher that gets it."""

    name: str
    role: TokenRole
    scopes: Scopes | None = None
    expires_at: datetime | None = None
    kind: TokenKind = TokenKind.USER
    client_id: str | None = None


def make_token(
    tx: WriteTx,
    actor: Actor,
    name: str,
    role: TokenRole,
    scopes: Scopes | None = None,
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """Make a token for the actor; return it and its value, which is shown this once.

    Raises:
        NotSignedIn, NotAllowed: nobody, or somebody who came with a token: tokens are made in a session.
        And what `issue` raises.
    """
    user_id = _in_session(actor)
    count = sa.select(sa.func.count()).where(
        tokens.c.user_id == user_id, tokens.c.kind == TokenKind.USER.value
    )
    if tx.sql.execute(count).scalar_one() >= MAX_TOKENS:
        raise BadInput(field="name", reason=f"at most {MAX_TOKENS} tokens a user: revoke one first")
    made = issue(tx, user_id, NewToken(name, role, scopes, expires_at))
    audit(tx, actor, "token.create", owner_id=user_id, data=_told(made[0]))
    return made


def add_token(
    tx: WriteTx, user_id: int, name: str, role: TokenRole, value: str | None = None
) -> tuple[Token, str]:
    """Add a whole token for a user; with `value`, the one that an operator brings. Raises what `issue` raises."""
    return issue(tx, user_id, NewToken(name, role), value)


def issue(tx: WriteTx, user_id: int, new: NewToken, value: str | None = None) -> tuple[Token, str]:
    """Give out a token: what a person, an app, a service account or a trusted publisher gets. Whoever calls has asked whether they may.

    Raises:
        BadInput: a name, value, scopes or end against the rules.
        TokenNameTaken: this person has a token of that name, or somebody has that value.
    """
    if not 1 <= len(new.name.strip()) <= MAX_NAME:
        raise BadInput(field="name", reason=f"must have 1 to {MAX_NAME} characters")
    secret = mint_token() if value is None else check_brought(value)
    row = {
        "user_id": user_id,
        "name": new.name.strip(),
        "kind": new.kind.value,
        "client_id": new.client_id,
        "created_at": now(),
        **_limits(new.role, new.scopes, new.expires_at),
        **_value(secret),
    }
    try:
        with tx.sql.begin_nested():
            made = tx.sql.execute(sa.insert(tokens).values(**row))
    except IntegrityError:
        raise TokenNameTaken(name=new.name) from None
    return _one(tx, tokens.c.id == made_id(made)), secret


def list_tokens(tx: ReadTx, actor: Actor) -> list[Token]:
    """Return the tokens that the actor made, newest first, without their values. Raises NotSignedIn, NotAllowed."""
    user_id = _own(actor)
    mine = sa.select(*TOKEN).where(tokens.c.user_id == user_id, tokens.c.kind == TokenKind.USER.value)
    return [token_of(row) for row in tx.sql.execute(mine.order_by(tokens.c.id.desc()))]


def token_with(tx: ReadTx, actor: Actor, token_id: int) -> Token:
    """Return one of the actor's tokens. Raises NotSignedIn, NotAllowed, TokenNotFound."""
    return _one(tx, _mine(_in_session(actor), token_id))


def change_token(
    tx: WriteTx,
    actor: Actor,
    token_id: int,
    role: TokenRole,
    scopes: Scopes | None,
    expires_at: datetime | None,
) -> Token:
    """Change what one of the actor's tokens may do, and until when; its value stays.

    Raises:
        NotSignedIn, NotAllowed, TokenNotFound, BadInput.
    """
    mine = _mine(_in_session(actor), token_id)
    before = _one(tx, mine)
    end = expires_at if expires_at != before.expires_at else None  # an end that is past already may stay
    limits = {**_limits(role, scopes, end), "expires_at": expires_at}
    tx.sql.execute(sa.update(tokens).where(mine).values(**limits))
    after = _one(tx, mine)
    told = {"before": _told(before), "after": _told(after)}
    audit(tx, actor, "token.update", owner_id=actor.user_id, data={**_told(after), **told})
    return after


def rotate_token(tx: WriteTx, actor: Actor, token_id: int) -> tuple[Token, str]:
    """Give one of the actor's tokens another value; the old one stops working at once.

    Raises:
        NotSignedIn, NotAllowed, TokenNotFound.
    """
    mine = _mine(_in_session(actor), token_id)
    secret = mint_token()
    tx.sql.execute(
        sa.update(tokens).where(mine).values(**_value(secret), created_at=now(), last_used_at=None)
    )
    token = _one(tx, mine)
    audit(tx, actor, "token.rotate", owner_id=actor.user_id, data=_told(token))
    return token, secret


def revoke_token(tx: WriteTx, actor: Actor, token_id: int) -> None:
    """Delete one of the actor's tokens; it stops working at once. Raises NotSignedIn, NotAllowed, TokenNotFound."""
    mine = _mine(_in_session(actor), token_id)
    token = _one(tx, mine)
    tx.sql.execute(sa.delete(tokens).where(mine))
    audit(tx, actor, "token.revoke", owner_id=actor.user_id, data=_told(token))


def forget_expired_tokens(tx: WriteTx) -> int:
    """Delete the tokens of programs that have expired; return how many. People see theirs until they delete them."""
    over = sa.and_(tokens.c.expires_at < now(), tokens.c.kind != TokenKind.USER.value)
    return tx.sql.execute(sa.delete(tokens).where(over)).rowcount


def _limits(role: TokenRole, scopes: Scopes | None, expires_at: datetime | None) -> dict[str, object]:
    if (scopes is not None) is not (role is TokenRole.FINE_GRAINED):
        raise BadInput(field="scopes", reason="belong to fine-grained tokens, and to no others")
    if expires_at is not None and expires_at <= now():
        raise BadInput(field="expires_at", reason="must be in the future")
    text = check_scopes(scopes).text if scopes is not None else None
    return {"role": role.value, "scopes": text, "expires_at": expires_at}


def _value(secret: str) -> dict[str, str]:
    return {"hash": digest(secret), "last4": secret[-4:]}


def _told(token: Token) -> dict[str, object]:
    told: dict[str, object] = {"name": token.name, "role": token.role.value, "last4": token.last4}
    if token.scopes is not None:
        told["scopes"] = token.scopes.text
    if token.expires_at is not None:
        told["expiresAt"] = token.expires_at.isoformat()
    return told


def _mine(user_id: int, token_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        tokens.c.id == token_id, tokens.c.user_id == user_id, tokens.c.kind == TokenKind.USER.value
    )


def _one(tx: ReadTx, condition: sa.ColumnElement[bool]) -> Token:
    row = tx.sql.execute(sa.select(*TOKEN).where(condition)).first()
    if row is None:
        raise TokenNotFound
    return token_of(row)


def _own(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn
    if actor.scopes is not None:
        raise NotAllowed(what="see tokens with a fine-grained token")
    return actor.user_id


def _in_session(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="change tokens with a token: sign in with your password")
    return actor.user_id
