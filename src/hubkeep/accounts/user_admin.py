"""What operators do to users: find them, disable them, make them operators, give them a password or a way to choose one."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.audit_entries import require_operator
from hubkeep.accounts.links import reset_link
from hubkeep.accounts.queries import USER, user_named
from hubkeep.accounts.tables import memberships, owners, sessions, users
from hubkeep.accounts.types import COMMAND_LINE, Actor, Owner, OwnerKind, User
from hubkeep.kit import BadInput, ReadTx, Signer, WriteTx


def list_users(tx: ReadTx) -> list[User]:
    """Return every user in name order."""
    return [User(*row) for row in tx.sql.execute(USER.order_by(owners.c.name_lower))]


def find_users(tx: ReadTx, actor: Actor, text: str = "", *, after: str = "", limit: int = 50) -> list[User]:
    """Return users whose name or e-mail address begins with `text`, in name order, those behind the name `after`.

    Raises NotSignedIn, NotAllowed for who is no operator.
    """
    require_operator(actor)
    lower = text.strip().lower()
    query = USER.where(owners.c.name_lower > after.lower()).order_by(owners.c.name_lower)
    if lower:
        query = query.where(
            sa.or_(
                owners.c.name_lower.startswith(lower, autoescape=True),
                users.c.email_lower.startswith(lower, autoescape=True),
            )
        )
    return [User(*row) for row in tx.sql.execute(query.limit(limit))]


def find_orgs(
    tx: ReadTx, actor: Actor, text: str = "", *, after: str = "", limit: int = 50
) -> Sequence[tuple[Owner, int]]:
    """Return organizations whose name begins with `text`, and how many members each has; the rest as `find_users`."""
    require_operator(actor)
    query = (
        sa.select(owners, sa.func.count(memberships.c.user_id))
        .outerjoin(memberships, memberships.c.org_id == owners.c.id)
        .where(owners.c.kind == OwnerKind.ORG.value, owners.c.name_lower > after.lower())
        .group_by(owners.c.id)
        .order_by(owners.c.name_lower)
    )
    if text.strip():
        query = query.where(owners.c.name_lower.startswith(text.strip().lower(), autoescape=True))
    return [(Owner.of(row), int(row[-1])) for row in tx.sql.execute(query.limit(limit))]


def count_people(tx: ReadTx, actor: Actor) -> dict[str, int]:
    """Return how many users, operators, disabled users and organizations there are. Raises NotSignedIn, NotAllowed."""
    require_operator(actor)
    one = sa.func.count()
    row = tx.sql.execute(
        sa.select(
            sa.select(one).select_from(users).scalar_subquery().label("users"),
            sa.select(one).where(users.c.is_admin).scalar_subquery().label("operators"),
            sa.select(one).where(users.c.disabled).scalar_subquery().label("disabled"),
            sa.select(one)
            .where(owners.c.kind == OwnerKind.ORG.value)
            .scalar_subquery()
            .label("organizations"),
        )
    ).one()
    return dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for a row's dict


def set_disabled(tx: WriteTx, name: str, *, disabled: bool, actor: Actor = COMMAND_LINE) -> User:
    """Lock a user out, or let them in again; their tokens and repositories stay.

    Raises:
        NotSignedIn, NotAllowed, OwnerNotFound.
        BadInput: operators do not lock themselves out.
    """
    user = _other(tx, actor, name)
    tx.sql.execute(sa.update(users).where(users.c.id == user.id).values(disabled=disabled))
    if disabled:
        tx.sql.execute(sa.delete(sessions).where(sessions.c.user_id == user.id))
    if user.disabled != disabled:
        audit(
            tx,
            actor,
            f"user.{'disable' if disabled else 'enable'}",
            owner_id=user.id,
            data={"name": user.name},
        )
    return user_named(tx, name)


def set_operator(tx: WriteTx, name: str, *, operator: bool, actor: Actor = COMMAND_LINE) -> User:
    """Make a user an operator of the hub, or an ordinary user again. Raises what `set_disabled` raises."""
    user = _other(tx, actor, name)
    tx.sql.execute(sa.update(users).where(users.c.id == user.id).values(is_admin=operator))
    if user.is_admin != operator:
        told = {"name": user.name, "before": {"operator": user.is_admin}, "after": {"operator": operator}}
        audit(tx, actor, "user.operator", owner_id=user.id, data=told)
    return user_named(tx, name)


def make_reset_link(tx: WriteTx, actor: Actor, signer: Signer, url: str, name: str) -> str:
    """Return a link by which a user chooses a new password, for an operator to hand over. Raises as `set_disabled`."""
    require_operator(actor)
    user = user_named(tx, name)
    audit(tx, actor, "user.reset_link", owner_id=user.id, data={"name": user.name})
    return reset_link(tx, signer, url, user.id)


def set_password(tx: WriteTx, user_id: int, password_hash: str) -> None:
    """Replace a user's password (a hash from `hash_password`) and end every session they have."""
    tx.sql.execute(sa.update(users).where(users.c.id == user_id).values(password_hash=password_hash))
    tx.sql.execute(sa.delete(sessions).where(sessions.c.user_id == user_id))


def _other(tx: ReadTx, actor: Actor, name: str) -> User:
    require_operator(actor)
    user = user_named(tx, name)
    if user.id == actor.user_id:
        raise BadInput(field="name", reason="ask another operator to do that to you")
    return user
