"""Make an organization of one's own."""

import sqlalchemy as sa

from hubkeep.accounts.add_org import add_org
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.org_tables import orgs
from hubkeep.accounts.orgs.types import OrgChanges
from hubkeep.accounts.orgs.update_org import checked
from hubkeep.accounts.tables import memberships
from hubkeep.accounts.types import Actor, Owner, Role
from hubkeep.kit import BadInput, WriteTx

MAX_ORGS = 100  # that one person administers


def create_org(tx: WriteTx, actor: Actor, name: str, said: OrgChanges | None = None) -> Owner:
    """Make an organization; who makes it administers it.

    Raises:
        NotSignedIn, NotAllowed: nobody, or a token that may not write.
        BadInput, NameTaken: the name, a text over its limit, or too many organizations.
    """
    if actor.user_id is None:
        raise NotSignedIn
    if not actor.can_write:
        raise NotAllowed(what="create organizations: this token can only read")
    _not_too_many(tx, actor.user_id)
    values = checked(said or OrgChanges())
    fullname = values.pop("fullname", "") or name
    org = add_org(tx, name, {actor.name: Role.ADMIN}, fullname=fullname)
    tx.sql.execute(sa.insert(orgs).values(id=org.id, **values))
    audit(tx, actor, "org.create", owner_id=org.id, data={"name": org.name, "fullname": org.fullname})
    return org


def _not_too_many(tx: WriteTx, user_id: int) -> None:
    mine = sa.and_(memberships.c.user_id == user_id, memberships.c.role == Role.ADMIN.value)
    count = tx.sql.execute(sa.select(sa.func.count()).select_from(memberships).where(mine)).scalar_one()
    if count >= MAX_ORGS:
        raise BadInput(field="name", reason=f"you administer {count} organizations, {MAX_ORGS} at most")
