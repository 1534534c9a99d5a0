"""Delete an organization that owns nothing any more."""

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.orgs.events import OrgDeleting
from hubkeep.accounts.orgs.rights import org_for_admin
from hubkeep.accounts.orgs.service_accounts import drop_service_accounts
from hubkeep.accounts.tables import owners
from hubkeep.accounts.types import Actor, Owner
from hubkeep.kit import WriteTx


def delete_org(tx: WriteTx, actor: Actor, name: str) -> Owner:
    """Delete an organization, its members' roles, groups and invitations. Its name is free again.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed: for who is not an administrator.
        OrgNotEmpty: it owns repositories.
    """
    org = org_for_admin(tx, actor, name, "delete this organization")
    tx.emit(OrgDeleting(org))
    drop_service_accounts(tx, org.id)
    tx.sql.execute(sa.delete(owners).where(owners.c.id == org.id))
    audit(tx, actor, "org.delete", owner_id=org.id, data={"name": org.name})
    return org
