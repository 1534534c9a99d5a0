"""What those who join an organization get in its resource groups by themselves."""

import sqlalchemy as sa

from hubkeep.accounts.org_tables import resource_group_members, resource_groups
from hubkeep.accounts.types import Role
from hubkeep.kit import WriteTx
from hubkeep.kit.tables import insert_missing


def join_groups(tx: WriteTx, org_id: int, user_id: int, role: Role) -> None:
    """Put somebody who joins an organization into the groups that they join by themselves."""
    automatic = sa.and_(resource_groups.c.org_id == org_id, resource_groups.c.auto_role.is_not(None))
    for row in tx.sql.execute(sa.select(resource_groups).where(automatic)).all():
        if row.auto_scope == "read_plus" and role is Role.NO_ACCESS:
            continue
        values = {"user_id": user_id, "org_id": org_id, "group_id": row.id, "role": row.auto_role}
        insert_missing(tx.sql, resource_group_members, [values])
