"""Resource groups on their way to another hub: what keeps private repositories to some of an organization's members."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import OwnerNotFound
from hubkeep.accounts.org_tables import resource_group_members, resource_groups
from hubkeep.accounts.orgs.group_members import members_of_group
from hubkeep.accounts.orgs.groups import MAX_DESCRIPTION, MAX_NAME
from hubkeep.accounts.orgs.queries import groups_where
from hubkeep.accounts.orgs.rights import check_text
from hubkeep.accounts.orgs.types import AutoJoin
from hubkeep.accounts.queries import owner_now
from hubkeep.accounts.tables import memberships
from hubkeep.accounts.types import Actor, Owner, Role
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.kit.tables import made_id


@dataclass(frozen=True)
class CarriedGroup:
    """A resource group as it travels; `members` by name."""

    name: str
    created_at: datetime
    description: str = ""
    auto_join: AutoJoin | None = None
    members: Mapping[str, Role] = field(default_factory=dict)


def groups_out(tx: ReadTx, org_id: int) -> list[CarriedGroup]:
    """Return an organization's resource groups in name order."""
    return [
        CarriedGroup(
            group.name,
            group.created_at,
            group.description,
            group.auto_join,
            {one.user.name: one.role for one in members_of_group(tx, group.id)},
        )
        for group in groups_where(tx, resource_groups.c.org_id == org_id)
    ]


def add_groups(tx: WriteTx, actor: Actor, org: Owner, groups: Sequence[CarriedGroup]) -> None:
    """Add the groups that the organization does not have, with those of their members that belong to it. Raises BadInput."""
    for group in groups:
        if group_number(tx, org.id, group.name) is None:
            _add(tx, actor, org, group)


def group_number(tx: ReadTx, org_id: int, name: str) -> int | None:
    """Return which resource group of an organization has that name."""
    same = sa.and_(resource_groups.c.org_id == org_id, resource_groups.c.name_lower == name.lower())
    found = tx.sql.execute(sa.select(resource_groups.c.id).where(same)).scalar()
    return int(found) if found is not None else None


def _add(tx: WriteTx, actor: Actor, org: Owner, group: CarriedGroup) -> None:
    name = check_text("name", group.name, MAX_NAME)
    if not name or name != group.name:
        raise BadInput(field="name", reason=f"{group.name[:80]!r} is no name for a resource group")
    row = {
        "org_id": org.id,
        "name": name,
        "name_lower": name.lower(),
        "description": check_text("description", group.description, MAX_DESCRIPTION),
        "auto_role": group.auto_join.role.value if group.auto_join else None,
        "auto_scope": group.auto_join.scope if group.auto_join else None,
        "created_at": group.created_at,
    }
    made = made_id(tx.sql.execute(sa.insert(resource_groups).values(**row)))
    known = _numbers(tx, group.members)
    belongs = sa.select(memberships.c.user_id).where(memberships.c.org_id == org.id)
    rows = [
        {"user_id": user_id, "org_id": org.id, "group_id": made, "role": known[user_id].value}
        for user_id in tx.sql.execute(belongs).scalars()
        if user_id in known
    ]
    if rows:
        tx.sql.execute(sa.insert(resource_group_members), rows)
    audit(tx, actor, "resource_group.create", owner_id=org.id, data={"org": org.name, "group": name})


def _numbers(tx: ReadTx, members: Mapping[str, Role]) -> dict[int, Role]:
    """Return members by number: whoever has that name here, or had it before."""
    found = {}
    for name, role in members.items():
        with suppress(OwnerNotFound):
            found[owner_now(tx, name).id] = role
    return found
