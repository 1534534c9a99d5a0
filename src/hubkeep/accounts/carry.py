"""People and organizations on their way to another hub: by name, without anything secret."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from hubkeep.accounts.add_org import add_org, set_member
from hubkeep.accounts.add_user import add_user
from hubkeep.accounts.audit import audit
from hubkeep.accounts.audit_entries import require_operator
from hubkeep.accounts.errors import OwnerNotFound
from hubkeep.accounts.queries import owner_named
from hubkeep.accounts.tables import memberships, owners
from hubkeep.accounts.types import Actor, OwnerKind, Role
from hubkeep.kit import BadInput, ReadTx, WriteTx


@dataclass(frozen=True)
class Carried:
    """A user or an organization as it travels; `members` of an organization are names and roles."""

    name: str
    kind: OwnerKind
    fullname: str = ""
    members: Mapping[str, Role] = field(default_factory=dict)


def carry_out(tx: ReadTx, actor: Actor, owner_ids: Collection[int]) -> dict[int, Carried]:
    """Return these users and organizations by number, disabled ones too. For operators."""
    require_operator(actor)
    rows = tx.sql.execute(sa.select(owners).where(owners.c.id.in_(owner_ids))).all()
    found = {}
    for row in rows:
        kind = OwnerKind(row.kind)
        members = _members(tx, row.id) if kind is OwnerKind.ORG else {}
        found[row.id] = Carried(row.name, kind, row.fullname, members)
    return found


def carry_in(tx: WriteTx, actor: Actor, carried: Carried) -> tuple[int, bool]:
    """Return the number of who has that name here, added if nobody has; and whether they were.

    Added people have no password and no token: nobody can be them until an operator hands out a link. An organization that is
    here already keeps its members: what comes from outside gives nobody rights over what is here.

    Raises:
        NotSignedIn, NotAllowed: the actor is no operator.
        BadInput: a name against the rules, or one that is an organization there and a user here.
    """
    require_operator(actor)
    try:
        found = owner_named(tx, carried.name)
    except OwnerNotFound:
        return _add(tx, actor, carried), True
    if found.kind is not carried.kind:
        raise BadInput(
            field="name", reason=f"{found.name} is a {found.kind} here, and a {carried.kind} there"
        )
    return found.id, False


def _add(tx: WriteTx, actor: Actor, carried: Carried) -> int:
    fullname = carried.fullname[:255]
    if carried.kind is OwnerKind.USER:
        made = add_user(tx, carried.name, fullname=fullname).id
    else:
        made = add_org(tx, carried.name, {}, fullname=fullname).id
        for name, role in carried.members.items():
            user_id, _ = carry_in(tx, actor, Carried(name, OwnerKind.USER))
            set_member(tx, made, user_id, role)
    members = {name: role.value for name, role in carried.members.items()}
    told = {"name": carried.name} | ({"members": members} if members else {})
    audit(tx, actor, f"{carried.kind.value}.import", owner_id=made, data=told)
    return made


def _members(tx: ReadTx, org_id: int) -> dict[str, Role]:
    rows = tx.sql.execute(
        sa.select(owners.c.name, memberships.c.role)
        .join(memberships, memberships.c.user_id == owners.c.id)
        .where(memberships.c.org_id == org_id)
        .order_by(owners.c.name_lower)
    )
    return {row.name: Role(row.role) for row in rows}
