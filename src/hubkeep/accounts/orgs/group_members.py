"""Who is in a resource group, and in which role."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.many_owners import owners_known
from hubkeep.accounts.org_tables import resource_group_members
from hubkeep.accounts.orgs.errors import GroupNotFound, NotAMember, NotInGroup
from hubkeep.accounts.orgs.groups import group_for_admin
from hubkeep.accounts.orgs.queries import group_by_id, member_role
from hubkeep.accounts.orgs.types import GroupMember, ResourceGroup
from hubkeep.accounts.queries import USER, user_named
from hubkeep.accounts.tables import owners, users
from hubkeep.accounts.types import Actor, Owner, Role, User
from hubkeep.kit import BadInput, ReadTx, WriteTx

MAX_AT_ONCE = 1000


def members_of_group(tx: ReadTx, group_id: int) -> list[GroupMember]:
    """Return who is in a group, in name order; no permission asked."""
    rows = tx.sql.execute(
        USER.add_columns(resource_group_members.c.role, resource_group_members.c.added_by)
        .join(resource_group_members, resource_group_members.c.user_id == users.c.id)
        .where(resource_group_members.c.group_id == group_id)
        .order_by(owners.c.name_lower)
    ).all()
    known = owners_known(tx, {row.added_by for row in rows if row.added_by})
    return [GroupMember(User(*row[:-2]), Role(row.role), known.get(row.added_by)) for row in rows]


def add_to_group(
    tx: WriteTx, actor: Actor, org_name: str, group_id: int, people: Sequence[tuple[str, Role]]
) -> ResourceGroup:
    """Put members of the organization (user name to role) into one of its groups, all or none.

    Raises:
        OrgNotFound, GroupNotFound, NotSignedIn, NotAllowed: for who administers neither.
        BadInput, OwnerNotFound, NotAMember: who is not in the organization cannot be in a part of it.
    """
    if len(people) > MAX_AT_ONCE:
        raise BadInput(field="users", reason=f"at most {MAX_AT_ONCE} at once")
    org, _ = group_for_admin(tx, actor, org_name, group_id)
    for user_name, role in people:
        place_in_group(tx, actor, org, group_id, user_named(tx, user_name), role)
    return _now(tx, group_id)


def change_group_role(
    tx: WriteTx, actor: Actor, org_name: str, group_id: int, user_name: str, role: Role
) -> ResourceGroup:
    """Give a member of the group another role. Raises what `add_to_group` raises, and NotInGroup."""
    org, group = group_for_admin(tx, actor, org_name, group_id)
    user = user_named(tx, user_name)
    if _role_here(tx, group_id, user.id) is None:
        raise NotInGroup(user=user.name, group=group.name)
    place_in_group(tx, actor, org, group_id, user, role)
    return _now(tx, group_id)


def remove_from_group(
    tx: WriteTx, actor: Actor, org_name: str, group_id: int, user_name: str
) -> ResourceGroup:
    """Take somebody out of the group; they stay in the organization. Raises what `change_group_role` raises."""
    org, group = group_for_admin(tx, actor, org_name, group_id)
    user = user_named(tx, user_name)
    here = _here(group_id, user.id)
    if tx.sql.execute(sa.delete(resource_group_members).where(here)).rowcount == 0:
        raise NotInGroup(user=user.name, group=group.name)
    data = {"org": org.name, "group": group.name, "user": user.name}
    audit(tx, actor, "resource_group.remove_users", owner_id=org.id, data=data)
    return _now(tx, group_id)


def place_in_group(tx: WriteTx, actor: Actor, org: Owner, group_id: int, user: User, role: Role) -> None:
    """Put somebody into a group, or change their role there; that `actor` may has been decided.

    Raises:
        GroupNotFound: a group of another organization.
        NotAMember.
    """
    group = group_by_id(tx, group_id)
    if group is None or group.org_id != org.id:
        raise GroupNotFound
    if member_role(tx, org.id, user.id) is None:
        raise NotAMember(user=user.name, org=org.name)
    before = _role_here(tx, group_id, user.id)
    data = {"org": org.name, "group": group.name, "user": user.name, "after": role.value}
    if before is None:
        row = {"user_id": user.id, "org_id": org.id, "group_id": group_id, "role": role.value}
        tx.sql.execute(sa.insert(resource_group_members).values(**row, added_by=actor.user_id))
        audit(tx, actor, "resource_group.add_users", owner_id=org.id, data=data)
    elif before is not role:
        change = sa.update(resource_group_members).where(_here(group_id, user.id))
        tx.sql.execute(change.values(role=role.value))
        data |= {"before": before.value}
        audit(tx, actor, "resource_group.change_role", owner_id=org.id, data=data)


def _here(group_id: int, user_id: int) -> sa.ColumnElement[bool]:
    mine = resource_group_members.c
    return sa.and_(mine.group_id == group_id, mine.user_id == user_id)


def _role_here(tx: ReadTx, group_id: int, user_id: int) -> Role | None:
    role = tx.sql.execute(sa.select(resource_group_members.c.role).where(_here(group_id, user_id))).scalar()
    return Role(role) if role is not None else None


def _now(tx: ReadTx, group_id: int) -> ResourceGroup:
    group = group_by_id(tx, group_id)
    assert group is not None
    return group
