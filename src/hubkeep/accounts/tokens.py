"""Make, list and revoke tokens."""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hubkeep.accounts.errors import NotAllowed, NotSignedIn, TokenNameTaken, TokenNotFound
from hubkeep.accounts.queries import TOKEN, token_of
from hubkeep.accounts.secrets import check_brought, digest, mint_token
from hubkeep.accounts.tables import tokens
from hubkeep.accounts.types import Actor, Token, TokenRole
from hubkeep.kit import BadInput, ReadTx, WriteTx, now
from hubkeep.kit.tables import made_id

MAX_NAME = 100
MAX_TOKENS = 500


def make_token(tx: WriteTx, actor: Actor, name: str, role: TokenRole) -> tuple[Token, str]:
    """Make a token for the actor; return it and its value, which is shown this once.

    Raises:
        NotSignedIn, NotAllowed: nobody, or somebody who came with a token: tokens are made in a session.
        And what `add_token` raises.
    """
    user_id = _in_session(actor)
    count = sa.select(sa.func.count()).where(tokens.c.user_id == user_id)
    if tx.sql.execute(count).scalar_one() >= MAX_TOKENS:
        raise BadInput(field="name", reason=f"at most {MAX_TOKENS} tokens a user: revoke one first")
    return add_token(tx, user_id, name, role)


def add_token(
    tx: WriteTx, user_id: int, name: str, role: TokenRole, value: str | None = None
) -> tuple[Token, str]:
    """Add a token for a user; with `value`, the one that an operator brings.

    Raises:
        BadInput: a name or value against the rules.
        TokenNameTaken: this user has a token of that name, or somebody has that value.
    """
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise BadInput(field="name", reason=f"must have 1 to {MAX_NAME} characters")
    secret = mint_token() if value is None else check_brought(value)
    row = {"user_id": user_id, "name": name.strip(), "role": role.value, "hash": digest(secret)}
    try:
        with tx.sql.begin_nested():
            made = tx.sql.execute(sa.insert(tokens).values(**row, created_at=now()))
    except IntegrityError:
        raise TokenNameTaken(name=name) from None
    found = sa.select(*TOKEN).where(tokens.c.id == made_id(made))
    return token_of(tx.sql.execute(found).one()), secret


def list_tokens(tx: ReadTx, actor: Actor) -> list[Token]:
    """Return the actor's tokens, newest first, without their values. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    mine = sa.select(*TOKEN).where(tokens.c.user_id == actor.user_id).order_by(tokens.c.id.desc())
    return [token_of(row) for row in tx.sql.execute(mine)]


def revoke_token(tx: WriteTx, actor: Actor, token_id: int) -> None:
    """Delete one of the actor's tokens; it stops working at once. Raises NotSignedIn, NotAllowed, TokenNotFound."""
    mine = sa.and_(tokens.c.id == token_id, tokens.c.user_id == _in_session(actor))
    if tx.sql.execute(sa.delete(tokens).where(mine)).rowcount != 1:
        raise TokenNotFound


def _in_session(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="change tokens with a token: sign in with your password")
    return actor.user_id
