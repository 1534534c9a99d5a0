"""Give a member another role."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts.add_org import set_member
from hubkeep.accounts.audit import audit
from hubkeep.accounts.orgs.errors import LastAdmin, NotAMember
from hubkeep.accounts.orgs.group_members import place_in_group
from hubkeep.accounts.orgs.queries import member_role
from hubkeep.accounts.orgs.rights import alone, org_for_admin, other_admins
from hubkeep.accounts.queries import user_named
from hubkeep.accounts.tables import memberships
from hubkeep.accounts.types import Actor, Role, User
from hubkeep.kit import WriteTx


def change_role(
    tx: WriteTx, actor: Actor, name: str, user_name: str, role: Role, groups: Sequence[tuple[int, Role]] = ()
) -> User:
    """Give a member a role in the organization, and in some of its resource groups; their other groups stay.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed: for who is not an administrator.
        NotAMember, OwnerNotFound: who has no role cannot get another one.
        LastAdmin: the only administrator stays one.
        GroupNotFound: a group of another organization.
    """
    org = org_for_admin(tx, actor, name, "change the roles of members")
    alone(tx, org.id)
    user = user_named(tx, user_name)
    before = member_role(tx, org.id, user.id)
    if before is None:
        raise NotAMember(user=user.name, org=org.name)
    if before is Role.ADMIN and role is not Role.ADMIN and not other_admins(tx, org.id, user.id):
        raise LastAdmin(org=org.name)
    if role is not before:
        set_member(tx, org.id, user.id, role)
        data = {"org": org.name, "user": user.name, "before": before.value, "after": role.value}
        audit(tx, actor, "org.change_role", owner_id=org.id, data=data)
    for group_id, group_role in groups:
        place_in_group(tx, actor, org, group_id, user, group_role)
    return user


def drop_member(tx: WriteTx, org_id: int, user_id: int) -> bool:
    """Take somebody out of an organization and its groups; tell whether they were in it."""
    here = sa.and_(memberships.c.org_id == org_id, memberships.c.user_id == user_id)
    return tx.sql.execute(sa.delete(memberships).where(here)).rowcount > 0
