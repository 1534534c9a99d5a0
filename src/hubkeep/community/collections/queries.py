"""Every SELECT about collections starts here."""

import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from hubkeep import accounts
from hubkeep.accounts import COLLECTIONS, Action, Actor, Columns, may, owners_known
from hubkeep.community.collections.errors import CollectionNotFound
from hubkeep.community.collections.tables import collection_items, collection_upvotes, collections
from hubkeep.community.collections.types import Collection, Item, ItemKind, Shown, Theme
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.tables import Row
from hubkeep.repos import Info, Kind, infos_of

COLUMNS = [column for column in collections.c if column.name not in ("title_lower", "hot")]
_GUARDED = Columns(
    collections.c.id, collections.c.owner_id, collections.c.private, collections.c.resource_group_id
)
REPO_KINDS = frozenset(ItemKind(kind.value) for kind in Kind)


def fact(row: Row) -> Collection:
    """Turn a row of `COLUMNS` into the fact."""
    values = {column.name: getattr(row, column.name) for column in COLUMNS}
    return Collection(**{**values, "theme": Theme(values["theme"])})


def find(tx: ReadTx, actor: Actor, collection_id: int) -> Collection:
    """Return a collection that `actor` may see; whoever may write gets it alone until their transaction ends.

    Raises:
        CollectionNotFound.
    """
    query = sa.select(*COLUMNS).where(collections.c.id == collection_id)
    row = tx.sql.execute(query.with_for_update() if isinstance(tx, WriteTx) else query).first()
    found = fact(row) if row is not None else None
    if found is None or not may(actor, Action.READ, found):
        raise CollectionNotFound
    return found


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the WHERE that keeps private collections to those who may read them."""
    return accounts.visible(actor, _GUARDED, COLLECTIONS)


def shown(
    tx: ReadTx, actor: Actor, found: Sequence[Collection], most: int | None = None, *, inside: bool = True
) -> list[Shown]:
    """Return collections as `actor` sees them, with the first `most` of their items, in a few queries."""
    ids = [one.id for one in found]
    rows = _item_rows(tx, ids, most)
    infos = _infos(tx, actor, rows)
    inner = _inner(tx, actor, rows) if inside else {}
    owners = owners_known(tx, {one.owner_id for one in found})
    upvoted = _upvoted(tx, actor, ids)
    items: dict[int, list[Item]] = {one: [] for one in ids}
    for row in rows:
        item = _item(row, infos, inner)
        if item is not None:
            items[row.collection_id].append(item)
    return [
        Shown(one, owners[one.owner_id], items[one.id], one.id in upvoted)
        for one in found
        if one.owner_id in owners
    ]


def _item_rows(tx: ReadTx, ids: Sequence[int], most: int | None) -> list[Row]:
    mine = collection_items.c.collection_id.in_(ids)
    if most is None:
        whole = sa.select(collection_items).where(mine)
        return list(tx.sql.execute(whole.order_by(collection_items.c.position, collection_items.c.id)))
    place = (
        sa.func.row_number()
        .over(
            partition_by=collection_items.c.collection_id,
            order_by=(collection_items.c.position, collection_items.c.id),
        )
        .label("place")
    )
    ranked = sa.select(collection_items, place).where(mine).subquery()
    return list(
        tx.sql.execute(
            sa.select(ranked).where(ranked.c.place <= most).order_by(ranked.c.position, ranked.c.id)
        )
    )


def _infos(tx: ReadTx, actor: Actor, rows: Sequence[Row]) -> dict[int, Info]:
    wanted = sorted({_number(row) for row in rows if ItemKind(row.kind) in REPO_KINDS})
    return {info.repo.id: info for info in infos_of(tx, actor, wanted)}


def _inner(tx: ReadTx, actor: Actor, rows: Sequence[Row]) -> dict[int, Shown]:
    """Return collections inside the collections, without what is inside those."""
    wanted = sorted({_number(row) for row in rows if row.kind == ItemKind.COLLECTION})
    if not wanted:
        return {}
    query = sa.select(*COLUMNS).where(collections.c.id.in_(wanted), visible(actor))
    found = [fact(row) for row in tx.sql.execute(query)]
    return {one.collection.id: one for one in shown(tx, actor, found, 0, inside=False)}


def _upvoted(tx: ReadTx, actor: Actor, ids: Sequence[int]) -> set[int]:
    if actor.user_id is None:
        return set()
    mine = sa.and_(collection_upvotes.c.user_id == actor.user_id, collection_upvotes.c.collection_id.in_(ids))
    return set(tx.sql.execute(sa.select(collection_upvotes.c.collection_id).where(mine)).scalars())


def _item(row: Row, infos: Mapping[int, Info], inner: Mapping[int, Shown]) -> Item | None:
    """Turn a row into the fact; None for what the reader may not see."""
    kind = ItemKind(row.kind)
    item = Item(row.id, kind, row.position, row.note, tuple(json.loads(row.images)), row.added_at)
    match kind:
        case ItemKind.PAPER:
            return Item(**{**item.__dict__, "paper": row.key.partition(":")[2]})
        case ItemKind.COLLECTION:
            there = inner.get(_number(row))
            return Item(**{**item.__dict__, "inner": there}) if there else None
        case _:
            info = infos.get(_number(row))
            return Item(**{**item.__dict__, "info": info}) if info else None


def _number(row: Row) -> int:
    return int(row.key.partition(":")[2])
