"""Leave the hub for good."""

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.events import UserLeaves
from hubkeep.accounts.queries import owner_named, user_by_id
from hubkeep.accounts.tables import memberships, owners
from hubkeep.accounts.types import Actor, Role
from hubkeep.kit import BadInput, WriteTx


def delete_account(tx: WriteTx, actor: Actor, confirm: str) -> None:
    """Delete the actor's account: tokens, sessions, keys and memberships go, what they said stays without a name.

    The caller has asked for the password. Rooms above may refuse, when `UserLeaves` is told.

    Raises:
        NotSignedIn.
        BadInput: `confirm` is not the name of the account.
        NotAllowed: something would be left without anybody who looks after it.
    """
    if actor.user_id is None:
        raise NotSignedIn
    if actor.token is not None:
        raise NotAllowed(what="delete your account with a token")
    if confirm != actor.name:
        raise BadInput(field="confirm", reason=f"type {actor.name} to delete this account")
    _leaves_no_org_alone(tx, actor.user_id)
    user = user_by_id(tx, actor.user_id)
    assert user is not None
    tx.emit(UserLeaves(owner_named(tx, actor.name)))
    audit(tx, actor, "user.delete", owner_id=actor.user_id, data={"name": user.name, "email": user.email})
    tx.sql.execute(sa.delete(owners).where(owners.c.id == actor.user_id))


def _leaves_no_org_alone(tx: WriteTx, user_id: int) -> None:
    other = memberships.alias()
    another = sa.exists().where(
        other.c.org_id == memberships.c.org_id,
        other.c.user_id != user_id,
        other.c.role == Role.ADMIN.value,
    )
    alone = (
        sa.select(owners.c.name)
        .join(memberships, memberships.c.org_id == owners.c.id)
        .where(memberships.c.user_id == user_id, memberships.c.role == Role.ADMIN.value, ~another)
    )
    if (name := tx.sql.execute(alone.order_by(owners.c.name_lower)).scalar()) is not None:
        raise NotAllowed(what=f"leave {name} without an administrator: make somebody else one first")
