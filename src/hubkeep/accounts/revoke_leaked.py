"""Revoke tokens that leaked: whoever finds one may end it, and has proved by its value that they have it."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.letters import tell
from hubkeep.accounts.queries import TOKEN, token_of
from hubkeep.accounts.secrets import digest
from hubkeep.accounts.tables import tokens
from hubkeep.accounts.types import Actor
from hubkeep.kit import BadInput, WriteTx

MOST, MAX_LENGTH = 200, 2048


def revoke_leaked(tx: WriteTx, actor: Actor, values: Sequence[str]) -> None:
    """Revoke every token whose value is given, and write to whose it was. Others are passed over: nobody learns which.

    Raises:
        BadInput: too many.
    """
    if len(values) > MOST:
        raise BadInput(field="credentials", reason=f"at most {MOST} at once")
    hashes = {digest(value.strip()) for value in values if len(value) <= MAX_LENGTH}
    leaked = tokens.c.hash.in_(hashes)
    found = [token_of(row) for row in tx.sql.execute(sa.select(*TOKEN).where(leaked))]
    tx.sql.execute(sa.delete(tokens).where(tokens.c.id.in_([token.id for token in found])))
    for token in found:
        data = {"name": token.name, "last4": token.last4, "leaked": True}
        audit(tx, actor, "token.revoke", owner_id=token.user_id, data=data)
        tell(
            tx,
            token.user_id,
            f"Your access token {token.name} (…{token.last4}) was found where it should not be, and revoked.",
        )
