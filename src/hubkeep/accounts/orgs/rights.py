"""Who may do what to an organization itself: its profile, its members, its groups."""

import sqlalchemy as sa

from hubkeep.accounts.access import lends, role_in, shows
from hubkeep.accounts.errors import NotAllowed, NotSignedIn, OwnerMoved
from hubkeep.accounts.former_names import former_owner
from hubkeep.accounts.orgs.errors import OrgNotFound
from hubkeep.accounts.scopes import Permission
from hubkeep.accounts.tables import memberships, owners, users
from hubkeep.accounts.types import Actor, Owner, OwnerKind, Role
from hubkeep.kit import BadInput, ReadTx, WriteTx

_READ = (Permission.ORG_READ, Permission.ORG_WRITE)


def org_named(tx: ReadTx, name: str) -> Owner:
    """Return the organization of that name, in any case. Raises OrgNotFound, OwnerMoved."""
    row = tx.sql.execute(sa.select(owners).where(owners.c.name_lower == name.lower()[:200])).first()
    if row is None and (found := former_owner(tx, name)) is not None:
        raise OwnerMoved(name=name, to=found.name)
    if row is None or row.kind != OwnerKind.ORG:
        raise OrgNotFound(name=name)
    return Owner(row.id, OwnerKind.ORG, row.name, row.fullname, row.created_at, row.avatar)


def is_member(actor: Actor, org_id: int) -> bool:
    """Return whether `actor` belongs to the organization, in whatever role, and came with what shows it.

    Operators belong everywhere.
    """
    return shows(actor, org_id, *_READ) and (actor.is_admin or role_in(actor, org_id) is not None)


def may_administer(actor: Actor, org_id: int, *permissions: Permission) -> bool:
    """Return whether `actor` may change the organization itself; a fine-grained token needs one of `permissions` there."""
    lent = lends(actor, org_id, *(permissions or (Permission.ORG_WRITE,)))
    return lent and (actor.is_admin or role_in(actor, org_id) is Role.ADMIN)


def sees_all(actor: Actor, org_id: int) -> bool:
    """Return whether `actor` sees what only administrators see; a read-only token is enough for that."""
    return shows(actor, org_id, *_READ) and (actor.is_admin or role_in(actor, org_id) is Role.ADMIN)


def org_for_admin(
    tx: ReadTx, actor: Actor, name: str, what: str = "change this organization", *permissions: Permission
) -> Owner:
    """Return the organization, to those who may administer it; to others `what` says what is not allowed.

    A fine-grained token needs one of `permissions` there, `org.write` when none are named.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed.
    """
    org = org_named(tx, name)
    if actor.anonymous:
        raise NotSignedIn
    if not may_administer(actor, org.id, *permissions):
        raise NotAllowed(what=what)
    return org


def alone(tx: WriteTx, org_id: int) -> None:
    """Let one transaction at a time change who belongs to an organization: two last administrators could leave at once."""
    tx.sql.execute(sa.select(owners.c.id).where(owners.c.id == org_id).with_for_update())


def other_admins(tx: ReadTx, org_id: int, user_id: int) -> int:
    """Return how many people beside `user_id` administer the organization and can sign in."""
    others = (
        sa.select(sa.func.count())
        .select_from(memberships.join(users, users.c.id == memberships.c.user_id))
        .where(
            memberships.c.org_id == org_id,
            memberships.c.role == Role.ADMIN.value,
            memberships.c.user_id != user_id,
            users.c.disabled.is_(False),
        )
    )
    return int(tx.sql.execute(others).scalar_one())


def check_text(field: str, text: str, limit: int) -> str:
    """Return a line of text without what no database or page can show. Raises BadInput."""
    clean = " ".join(text.replace("\0", " ").encode("utf-8", "replace").decode().split())
    if len(clean) > limit:
        raise BadInput(field=field, reason=f"at most {limit} characters, not {len(clean)}")
    return clean
