"""Every SELECT about organizations starts here."""

from collections.abc import Collection

import sqlalchemy as sa

from hubkeep.accounts.many_owners import owners_known
from hubkeep.accounts.org_tables import (
    invitations,
    invite_links,
    orgs,
    resource_group_members,
    resource_groups,
)
from hubkeep.accounts.orgs.types import (
    AutoJoin,
    Invitation,
    InviteLink,
    OrgProfile,
    ResourceGroup,
)
from hubkeep.accounts.tables import memberships
from hubkeep.accounts.types import GroupRole, Role
from hubkeep.kit import ReadTx
from hubkeep.kit.tables import Row


def org_profile(tx: ReadTx, org_id: int) -> OrgProfile:
    """Return what an organization says of itself."""
    row = tx.sql.execute(sa.select(orgs).where(orgs.c.id == org_id)).first()
    if row is None:
        return OrgProfile()
    return OrgProfile(row.details, row.website, row.github, row.twitter, row.linkedin, row.members_hidden)


def member_role(tx: ReadTx, org_id: int, user_id: int) -> Role | None:
    """Return somebody's role in an organization, None for who is no member."""
    mine = sa.and_(memberships.c.org_id == org_id, memberships.c.user_id == user_id)
    role = tx.sql.execute(sa.select(memberships.c.role).where(mine)).scalar()
    return Role(role) if role is not None else None


def count_members(tx: ReadTx, org_id: int) -> int:
    """Return how many people belong to an organization."""
    here = sa.select(sa.func.count()).where(memberships.c.org_id == org_id)
    return int(tx.sql.execute(here).scalar_one())


def invitations_where(tx: ReadTx, *conditions: sa.ColumnElement[bool]) -> list[Invitation]:
    """Return invitations, the newest first."""
    found = sa.select(invitations).where(*conditions).order_by(invitations.c.id.desc())
    rows = tx.sql.execute(found).all()
    known = owners_known(
        tx, {each for row in rows for each in (row.org_id, row.user_id, row.invited_by) if each}
    )
    return [
        Invitation(
            row.id,
            known[row.org_id],
            known[row.user_id],
            Role(row.role),
            known.get(row.invited_by),
            row.created_at,
            row.expires_at,
        )
        for row in rows
    ]


def links_where(tx: ReadTx, *conditions: sa.ColumnElement[bool]) -> list[InviteLink]:
    """Return links, the newest first."""
    found = sa.select(invite_links).where(*conditions).order_by(invite_links.c.id.desc())
    rows = tx.sql.execute(found).all()
    known = owners_known(tx, {each for row in rows for each in (row.org_id, row.made_by) if each})
    return [
        InviteLink(
            row.id,
            known[row.org_id],
            row.email,
            Role(row.role),
            known.get(row.made_by),
            row.created_at,
            row.expires_at,
            row.max_uses,
            row.uses,
        )
        for row in rows
    ]


_INSIDE = resource_group_members.alias("inside")
_COUNT = (
    sa.select(sa.func.count())
    .where(_INSIDE.c.group_id == resource_groups.c.id)
    .correlate(resource_groups)
    .scalar_subquery()
    .label("members")
)


def groups_where(tx: ReadTx, *conditions: sa.ColumnElement[bool]) -> list[ResourceGroup]:
    """Return resource groups in name order."""
    found = sa.select(resource_groups, _COUNT).where(*conditions).order_by(resource_groups.c.name_lower)
    return [group_fact(row) for row in tx.sql.execute(found)]


def group_by_id(tx: ReadTx, group_id: int) -> ResourceGroup | None:
    """Look a resource group up by number; no permission asked."""
    return next(iter(groups_where(tx, resource_groups.c.id == group_id)), None)


def group_fact(row: Row) -> ResourceGroup:
    """Turn a row of `groups_where` into the fact."""
    auto = AutoJoin(Role(row.auto_role), row.auto_scope) if row.auto_role else None
    return ResourceGroup(row.id, row.org_id, row.name, row.description, auto, row.created_at, row.members)


def groups_of(
    tx: ReadTx, user_ids: Collection[int], org_id: int | None = None
) -> dict[int, dict[int, list[GroupRole]]]:
    """Return people's resource groups: user, then organization, then the groups there in name order."""
    in_group = resource_group_members.c
    found = (
        sa.select(resource_group_members, resource_groups.c.name, resource_groups.c.created_at, _COUNT)
        .join(resource_groups, resource_groups.c.id == in_group.group_id)
        .where(in_group.user_id.in_(sorted(set(user_ids))))
        .order_by(resource_groups.c.name_lower)
    )
    if org_id is not None:
        found = found.where(in_group.org_id == org_id)
    groups: dict[int, dict[int, list[GroupRole]]] = {}
    for row in tx.sql.execute(found):
        fact = GroupRole(row.group_id, row.name, Role(row.role), row.created_at, row.members)
        groups.setdefault(row.user_id, {}).setdefault(row.org_id, []).append(fact)
    return groups
