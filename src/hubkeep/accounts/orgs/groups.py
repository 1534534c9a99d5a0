"""Resource groups: some of an organization's repositories, with members and roles of their own."""

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hubkeep.accounts.access import group_role, lends, role_in
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.org_tables import resource_groups
from hubkeep.accounts.orgs.errors import GroupNameTaken, GroupNotFound
from hubkeep.accounts.orgs.events import ResourceGroupDeleting
from hubkeep.accounts.orgs.queries import group_by_id, groups_where
from hubkeep.accounts.orgs.rights import (
    check_text,
    is_member,
    may_administer,
    org_for_admin,
    org_named,
    sees_all,
)
from hubkeep.accounts.orgs.types import AutoJoin, NewGroup, ResourceGroup
from hubkeep.accounts.scopes import Permission
from hubkeep.accounts.types import Actor, Owner, Role
from hubkeep.kit import BadInput, ReadTx, WriteTx, now
from hubkeep.kit.tables import made_id

MAX_NAME, MAX_DESCRIPTION = 200, 500  # Source: hub-platform contract section 17
MAX_GROUPS = 500  # of one organization
SCOPES = ("all", "read_plus")
_WRITE = (Permission.ORG_WRITE, Permission.GROUP_WRITE)


def list_groups(tx: ReadTx, actor: Actor, org_name: str) -> list[ResourceGroup]:
    """Return an organization's groups: all to its administrators, to other members those they are in.

    Raises:
        OrgNotFound, NotSignedIn.
        NotAllowed: for who is no member.
    """
    org = org_named(tx, org_name)
    if actor.anonymous:
        raise NotSignedIn
    if sees_all(actor, org.id):
        return groups_where(tx, resource_groups.c.org_id == org.id)
    if not is_member(actor, org.id):
        raise NotAllowed(what=f"see the resource groups of {org.name}")
    mine = resource_groups.c.id.in_(sorted(actor.groups))
    return groups_where(tx, resource_groups.c.org_id == org.id, mine)


def get_group(tx: ReadTx, actor: Actor, org_name: str, group_id: int) -> tuple[Owner, ResourceGroup]:
    """Return an organization and one of its groups, to those who may see it.

    Raises:
        OrgNotFound, NotSignedIn, GroupNotFound.
    """
    org = org_named(tx, org_name)
    if actor.anonymous:
        raise NotSignedIn
    group = group_by_id(tx, group_id)
    if group is None or not _sees(actor, org.id, group):
        raise GroupNotFound
    return org, group


def may_administer_group(actor: Actor, org_id: int, group_id: int) -> bool:
    """Return whether `actor` may change who is in a group: its administrators, and the organization's."""
    lent = lends(actor, org_id, *_WRITE)
    return may_administer(actor, org_id, *_WRITE) or (lent and group_role(actor, group_id) is Role.ADMIN)


def group_for_admin(tx: ReadTx, actor: Actor, org_name: str, group_id: int) -> tuple[Owner, ResourceGroup]:
    """Return the organization and its group, to those who may say who is in it.

    Raises:
        OrgNotFound, GroupNotFound, NotSignedIn, NotAllowed.
    """
    org, group = get_group(tx, actor, org_name, group_id)
    if not may_administer_group(actor, org.id, group_id):
        raise NotAllowed(what=f"change the resource group {group.name}")
    return org, group


def create_group(tx: WriteTx, actor: Actor, org_name: str, new: NewGroup) -> ResourceGroup:
    """Make a group; only the organization's administrators do. Its members are added by `add_to_group`.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed, BadInput, GroupNameTaken.
    """
    org = org_for_admin(tx, actor, org_name, "make resource groups", *_WRITE)
    count = sa.select(sa.func.count()).where(resource_groups.c.org_id == org.id)
    if tx.sql.execute(count).scalar_one() >= MAX_GROUPS:
        raise BadInput(field="name", reason=f"at most {MAX_GROUPS} resource groups an organization")
    name = _named(new.name)
    row = {
        "org_id": org.id,
        "name": name,
        "name_lower": name.lower(),
        "description": check_text("description", new.description, MAX_DESCRIPTION),
        "created_at": now(),
        **_auto(new.auto_join),
    }
    try:
        with tx.sql.begin_nested():
            made = made_id(tx.sql.execute(sa.insert(resource_groups).values(**row)))
    except IntegrityError:
        raise GroupNameTaken(name=name) from None
    audit(tx, actor, "resource_group.create", owner_id=org.id, data={"org": org.name, "group": name})
    return _found(tx, made)


def update_group(
    tx: WriteTx,
    actor: Actor,
    org_name: str,
    group_id: int,
    *,
    name: str | None = None,
    description: str | None = None,
) -> ResourceGroup:
    """Give a group another name or description.

    Raises:
        OrgNotFound, GroupNotFound, NotSignedIn, NotAllowed, BadInput, GroupNameTaken.
    """
    org, before = group_for_admin(tx, actor, org_name, group_id)
    wanted = replace(
        before,
        name=before.name if name is None else _named(name),
        description=before.description
        if description is None
        else check_text("description", description, MAX_DESCRIPTION),
    )
    values = {
        "name": wanted.name,
        "name_lower": wanted.name.lower(),
        "description": wanted.description,
    }
    try:
        with tx.sql.begin_nested():
            tx.sql.execute(
                sa.update(resource_groups).where(resource_groups.c.id == group_id).values(**values)
            )
    except IntegrityError:
        raise GroupNameTaken(name=wanted.name) from None
    if wanted != before:
        data = {
            "org": org.name,
            "before": {"name": before.name, "description": before.description},
            "after": {"name": wanted.name, "description": wanted.description},
        }
        audit(tx, actor, "resource_group.update", owner_id=org.id, data=data)
    return _found(tx, group_id)


def set_auto_join(
    tx: WriteTx, actor: Actor, org_name: str, group_id: int, auto_join: AutoJoin | None
) -> ResourceGroup:
    """Say what those who join the organization from now on get in the group; None: nothing.

    Only the organization's administrators do. Raises what `update_group` raises.
    """
    org = org_for_admin(tx, actor, org_name, "decide who joins resource groups by themselves", *_WRITE)
    _, before = get_group(tx, actor, org_name, group_id)
    values = _auto(auto_join)
    tx.sql.execute(sa.update(resource_groups).where(resource_groups.c.id == group_id).values(**values))
    data = {
        "org": org.name,
        "group": before.name,
        "before": _said(before.auto_join),
        "after": _said(auto_join),
    }
    audit(tx, actor, "resource_group.settings", owner_id=org.id, data=data)
    return _found(tx, group_id)


def delete_group(tx: WriteTx, actor: Actor, org_name: str, group_id: int) -> None:
    """Delete a group: what was in it belongs to the whole organization again, and to its members' eyes.

    Raises:
        OrgNotFound, GroupNotFound, NotSignedIn, NotAllowed, and what those refuse who hear of it.
    """
    org = org_for_admin(tx, actor, org_name, "delete resource groups", *_WRITE)
    _, group = get_group(tx, actor, org_name, group_id)
    tx.emit(ResourceGroupDeleting(group_id, org))
    tx.sql.execute(sa.delete(resource_groups).where(resource_groups.c.id == group_id))
    audit(tx, actor, "resource_group.delete", owner_id=org.id, data={"org": org.name, "group": group.name})


def require_group(tx: ReadTx, actor: Actor, org_id: int, group_id: int) -> ResourceGroup:
    """Return a group of the organization in which the person may make something new.

    What they came with is judged by whoever makes it.

    Raises:
        GroupNotFound: none of this organization, or none that `actor` may see.
        NotAllowed: their role there is too weak.
    """
    group = group_by_id(tx, group_id)
    whole = actor.is_admin or role_in(actor, org_id) is Role.ADMIN
    if group is None or group.org_id != org_id or not (whole or group_id in actor.groups):
        raise GroupNotFound
    if not whole and group_role(actor, group_id) not in (Role.CONTRIBUTOR, Role.WRITE, Role.ADMIN):
        raise NotAllowed(what=f"put something into the resource group {group.name}")
    return group


def _sees(actor: Actor, org_id: int, group: ResourceGroup) -> bool:
    mine = sees_all(actor, org_id) or (is_member(actor, org_id) and group.id in actor.groups)
    return group.org_id == org_id and mine


def _named(name: str) -> str:
    clean = check_text("name", name, MAX_NAME)
    if not clean:
        raise BadInput(field="name", reason="must not be empty")
    return clean


def _auto(auto_join: AutoJoin | None) -> dict[str, str | None]:
    if auto_join is None:
        return {"auto_role": None, "auto_scope": None}
    if auto_join.scope not in SCOPES:
        raise BadInput(field="autoJoin.scope", reason=f"must be one of {', '.join(SCOPES)}")
    return {"auto_role": auto_join.role.value, "auto_scope": auto_join.scope}


def _said(auto_join: AutoJoin | None) -> dict[str, str] | None:
    return {"role": auto_join.role.value, "scope": auto_join.scope} if auto_join else None


def _found(tx: ReadTx, group_id: int) -> ResourceGroup:
    group = group_by_id(tx, group_id)
    assert group is not None
    return group
