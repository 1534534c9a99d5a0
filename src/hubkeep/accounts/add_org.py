"""Add an organization, and people to it."""

from collections.abc import Mapping

import sqlalchemy as sa

from hubkeep.accounts.add_user import add_owner
from hubkeep.accounts.auto_join import join_groups
from hubkeep.accounts.events import OwnerAdded
from hubkeep.accounts.names import check_owner_name
from hubkeep.accounts.queries import owner_named, user_named
from hubkeep.accounts.tables import memberships
from hubkeep.accounts.types import Owner, OwnerKind, Role
from hubkeep.kit import WriteTx


def add_org(tx: WriteTx, name: str, members: Mapping[str, Role], *, fullname: str = "") -> Owner:
    """Add an organization with its first members (user name to role).

    Raises:
        BadInput, NameTaken: the name.
        OwnerNotFound: a member who does not exist; nothing is added.
    """
    check_owner_name(name)
    org_id = add_owner(tx, OwnerKind.ORG, name, fullname or name)
    for user_name, role in members.items():
        set_member(tx, org_id, user_named(tx, user_name).id, role)
    org = owner_named(tx, name)
    tx.emit(OwnerAdded(org))
    return org


def set_member(tx: WriteTx, org_id: int, user_id: int, role: Role) -> None:
    """Make a user a member, or change the role they have. Who is new joins the resource groups that are open to them."""
    here = sa.and_(memberships.c.org_id == org_id, memberships.c.user_id == user_id)
    changed = tx.sql.execute(sa.update(memberships).where(here).values(role=role.value))
    if changed.rowcount == 0:
        tx.sql.execute(sa.insert(memberships).values(org_id=org_id, user_id=user_id, role=role.value))
        join_groups(tx, org_id, user_id, role)
