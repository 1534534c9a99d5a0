"""Who belongs to an organization."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.accounts.orgs.queries import groups_of, org_profile
from hubkeep.accounts.orgs.rights import is_member, org_named, sees_all
from hubkeep.accounts.orgs.types import Members, OrgMember
from hubkeep.accounts.queries import USER
from hubkeep.accounts.tables import memberships, owners, users
from hubkeep.accounts.types import Actor, GroupRole, Role, User
from hubkeep.kit import ReadTx
from hubkeep.kit.tables import Row

PAGE, MAX_PAGE = 500, 10_000


@dataclass(frozen=True)
class MemberFilter:
    """Which members. `email` must be the whole address, and is for administrators only."""

    search: str = ""
    email: str = ""


def list_members(
    tx: ReadTx,
    actor: Actor,
    name: str,
    wanted: MemberFilter | None = None,
    *,
    after: str | None = None,
    limit: int = PAGE,
) -> Members:
    """Return a page of an organization's members in name order; nobody where the list is hidden from `actor`.

    Raises OrgNotFound.
    """
    org, wanted = org_named(tx, name), wanted or MemberFilter()
    full = sees_all(actor, org.id)
    if not is_member(actor, org.id) and org_profile(tx, org.id).members_hidden:
        return Members([], None, hidden=True)
    conditions = [memberships.c.org_id == org.id, *_conditions(wanted, full=full)]
    if after is not None:
        conditions.append(owners.c.name_lower > after)
    page = (
        USER.add_columns(memberships.c.role)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(*conditions)
        .order_by(owners.c.name_lower)
        .limit(limit + 1)
    )
    rows = tx.sql.execute(page).all()
    groups = groups_of(tx, [row.id for row in rows[:limit]], org.id) if full else {}
    members = [_fact(row, groups.get(row.id, {}).get(org.id, [])) for row in rows[:limit]]
    following = members[-1].user.name.lower() if len(rows) > limit else None
    return Members(members, following, full=full)


def _conditions(wanted: MemberFilter, *, full: bool) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if not full:
        found.append(users.c.disabled.is_(False))
    if text := wanted.search.strip().lower()[:200]:
        named = owners.c.name_lower.contains(text, autoescape=True)
        called = sa.func.lower(owners.c.fullname).contains(text, autoescape=True)
        found.append(sa.or_(named, called))
    if wanted.email:
        found.append(users.c.email_lower == wanted.email.strip().lower() if full else sa.false())
    return found


def _fact(row: Row, groups: Sequence[GroupRole]) -> OrgMember:
    return OrgMember(User(*row[:-1]), Role(row.role), groups)
