"""What anybody may know about a user or an organization."""

import sqlalchemy as sa

from hubkeep.accounts.org_tables import orgs
from hubkeep.accounts.orgs.list_members import list_members
from hubkeep.accounts.orgs.rights import is_member
from hubkeep.accounts.queries import USER, orgs_of, owner_named, user_by_id
from hubkeep.accounts.tables import memberships, owners, users
from hubkeep.accounts.types import Actor, Member, Membership, OwnerKind, Profile, Role, User
from hubkeep.kit import ReadTx

SHOWN_MEMBERS = 24


def profile(tx: ReadTx, actor: Actor, name: str) -> Profile:
    """Return an owner, and their organizations or the first `SHOWN_MEMBERS` members that `actor` may see.

    Raises OwnerNotFound.
    """
    owner = owner_named(tx, name)
    if owner.kind is OwnerKind.USER:
        return Profile(owner, user_by_id(tx, owner.id), [], _shown(tx, actor, orgs_of(tx, owner.id)))
    seen = list_members(tx, actor, owner.name, limit=SHOWN_MEMBERS).items
    return Profile(owner, None, [Member(one.user, one.role) for one in seen], [])


def _shown(tx: ReadTx, actor: Actor, found: list[Membership]) -> list[Membership]:
    """Leave out organizations that hide who belongs to them, but for those who do."""
    hiding = sa.select(orgs.c.id).where(orgs.c.members_hidden, orgs.c.id.in_([one.org_id for one in found]))
    hidden = {number for number in tx.sql.execute(hiding).scalars() if not is_member(actor, number)}
    return [one for one in found if one.org_id not in hidden]


def members_of(tx: ReadTx, org_id: int) -> list[Member]:
    """Return an organization's members in name order."""
    rows = tx.sql.execute(
        USER.add_columns(memberships.c.role)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(memberships.c.org_id == org_id)
        .order_by(owners.c.name_lower, sa.asc(users.c.id))
    )
    return [Member(User(*row[:-1]), Role(row.role)) for row in rows]
