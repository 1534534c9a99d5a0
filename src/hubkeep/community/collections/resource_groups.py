"""Which resource group a collection is in."""

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor, NotAllowed, audit, may, orgs, owners_known
from hubkeep.accounts.orgs import ResourceGroup, ResourceGroupDeleting
from hubkeep.community.collections import queries
from hubkeep.community.collections.change import require_place
from hubkeep.community.collections.tables import collections
from hubkeep.community.collections.types import Collection, Shown
from hubkeep.kit import ReadTx, WriteTx

MOST = 1000  # collections shown of one group


def set_resource_group(
    tx: WriteTx, actor: Actor, collection_id: int, group_id: int | None
) -> tuple[Shown, ResourceGroup | None]:
    """Put a collection into a resource group of its organization, or (None) out of every one.

    Raises:
        CollectionNotFound, NotAllowed.
        GroupNotFound: a group of another organization, or none that `actor` is in.
    """
    found = queries.find(tx, actor, collection_id)
    if not may(actor, Action.MANAGE, found):
        raise NotAllowed(what="change this collection")
    owner = owners_known(tx, [found.owner_id])[found.owner_id]
    if group_id != found.resource_group_id:
        require_place(tx, actor, owner, group_id)
        here = sa.update(collections).where(collections.c.id == found.id)
        tx.sql.execute(here.values(resource_group_id=group_id))
        data = {"collection": found.title, "before": found.resource_group_id, "after": group_id}
        audit(tx, actor, "collection.update_resource_group", owner_id=owner.id, data=data)
    shown = queries.shown(tx, actor, [_after(tx, found.id)])[0]
    return shown, orgs.group_by_id(tx, group_id) if group_id is not None else None


def resource_group_of(tx: ReadTx, actor: Actor, collection_id: int) -> ResourceGroup | None:
    """Return the group that a collection is in, to those who belong to its organization. Raises CollectionNotFound."""
    found = queries.find(tx, actor, collection_id)
    if found.resource_group_id is None or not orgs.is_member(actor, found.owner_id):
        return None
    return orgs.group_by_id(tx, found.resource_group_id)


def collections_in_group(tx: ReadTx, actor: Actor, group_id: int) -> list[Shown]:
    """Return the collections of a group that `actor` may see, without what is in them."""
    inside = sa.select(*queries.COLUMNS).where(
        collections.c.resource_group_id == group_id, queries.visible(actor)
    )
    rows = tx.sql.execute(inside.order_by(collections.c.title_lower).limit(MOST))
    return queries.shown(tx, actor, [queries.fact(row) for row in rows], 0)


def let_out(tx: WriteTx, event: ResourceGroupDeleting) -> None:
    """Take every collection out of a group that goes."""
    here = sa.update(collections).where(collections.c.resource_group_id == event.group_id)
    tx.sql.execute(here.values(resource_group_id=None))


def _after(tx: ReadTx, collection_id: int) -> Collection:
    row = tx.sql.execute(sa.select(*queries.COLUMNS).where(collections.c.id == collection_id)).one()
    return queries.fact(row)
