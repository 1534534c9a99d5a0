"""Collections on their way to another hub: what stands in them goes by its name."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hubkeep.accounts import COMMAND_LINE, OwnerNotFound, group_number, orgs, owner_now, owners_known
from hubkeep.community.collections.change import heat
from hubkeep.community.collections.errors import ItemNotFound
from hubkeep.community.collections.items import check_images, key_of
from hubkeep.community.collections.queries import REPO_KINDS
from hubkeep.community.collections.tables import collection_items, collection_upvotes, collections
from hubkeep.community.collections.types import (
    MAX_COLLECTIONS,
    MAX_DESCRIPTION,
    MAX_NOTE,
    MAX_TITLE,
    ItemKind,
)
from hubkeep.community.text import clean_line, clean_text
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.kit.tables import Row, insert_missing, made_id
from hubkeep.repos import names_of


@dataclass(frozen=True)
class CarriedItem:
    """Something in a collection; `name` is `owner/name` of a repository, `owner/title` of a collection, or an arXiv id."""

    kind: str
    name: str
    note: str
    images: Sequence[str]
    added_at: datetime


@dataclass(frozen=True)
class CarriedVote:
    """Somebody who voted for a collection, and when."""

    user_id: int
    at: datetime


@dataclass(frozen=True)
class CarriedCollection:
    """A collection as it travels; `group` is the name of its resource group, "" for none."""

    title: str
    description: str
    private: bool
    theme: str
    creator_id: int | None
    group: str
    created_at: datetime
    updated_at: datetime
    items: Sequence[CarriedItem]
    votes: Sequence[CarriedVote]


def carry_out(tx: ReadTx, owner_id: int) -> list[CarriedCollection]:
    """Return an owner's collections in their order. No permission is asked."""
    mine = sa.select(collections).where(collections.c.owner_id == owner_id)
    rows = tx.sql.execute(mine.order_by(collections.c.position, collections.c.id)).all()
    return [_out(tx, row) for row in rows]


def carry_in(tx: WriteTx, owner_id: int, carried: CarriedCollection) -> int | None:
    """Make a collection of an owner with what of it is here; None when they have one of that title.

    Raises:
        BadInput: too many of them, pictures of other kinds of addresses, a resource group that is not here.
    """
    mine = sa.select(collections.c.title_lower, collections.c.position).where(
        collections.c.owner_id == owner_id
    )
    titles = {row.title_lower: int(row.position) for row in tx.sql.execute(mine)}
    if carried.title.lower() in titles:
        return None
    if len(titles) >= MAX_COLLECTIONS:
        raise BadInput(field="collections", reason=f"at most {MAX_COLLECTIONS:,} of one owner")
    votes = len({one.user_id for one in carried.votes})
    title = clean_line(carried.title, "title", 1, MAX_TITLE)
    row = {
        "owner_id": owner_id,
        "creator_id": carried.creator_id,
        "resource_group_id": _group(tx, owner_id, carried.group),
        "title": title,
        "title_lower": title.lower(),
        "description": clean_text(carried.description, "description", 0, MAX_DESCRIPTION),
        "private": carried.private,
        "theme": carried.theme,
        "position": max(titles.values(), default=-1) + 1,
        "upvotes": votes,
        "hot": heat(votes, carried.created_at),
        "created_at": carried.created_at,
        "updated_at": carried.updated_at,
    }
    made = made_id(tx.sql.execute(sa.insert(collections).values(**row)))
    voted = [{"collection_id": made, "user_id": one.user_id, "at": one.at} for one in carried.votes]
    insert_missing(tx.sql, collection_upvotes, voted)
    for position, item in enumerate(carried.items):
        _write_item(tx, made, position, item)
    return made


def _out(tx: ReadTx, row: Row) -> CarriedCollection:
    group = orgs.group_by_id(tx, row.resource_group_id) if row.resource_group_id is not None else None
    voted = sa.select(collection_upvotes).where(collection_upvotes.c.collection_id == row.id)
    return CarriedCollection(
        title=row.title,
        description=row.description,
        private=row.private,
        theme=row.theme,
        creator_id=row.creator_id,
        group=group.name if group is not None else "",
        created_at=row.created_at,
        updated_at=row.updated_at,
        items=_items(tx, row.id),
        votes=[CarriedVote(one.user_id, one.at) for one in tx.sql.execute(voted)],
    )


def _items(tx: ReadTx, collection_id: int) -> list[CarriedItem]:
    here = sa.select(collection_items).where(collection_items.c.collection_id == collection_id)
    rows = tx.sql.execute(here.order_by(collection_items.c.position, collection_items.c.id)).all()
    names = _names(tx, [row.key for row in rows])
    return [
        CarriedItem(row.kind, names[row.key], row.note, json.loads(row.images), row.added_at)
        for row in rows
        if row.key in names
    ]


def _names(tx: ReadTx, keys: Sequence[str]) -> dict[str, str]:
    """Return by which names things stand in collections; what is gone is left out."""
    parts = {key: key.partition(":")[::2] for key in keys}
    repos = {int(rest) for kind, rest in parts.values() if kind in REPO_KINDS}
    inner = {int(rest) for kind, rest in parts.values() if kind == ItemKind.COLLECTION}
    names = names_of(tx, sorted(repos))
    rows = tx.sql.execute(sa.select(collections).where(collections.c.id.in_(inner))).all()
    owners = owners_known(tx, {row.owner_id for row in rows})
    titles = {row.id: f"{owners[row.owner_id].name}/{row.title}" for row in rows if row.owner_id in owners}
    found: dict[str, str | None] = {}
    for key, (kind, rest) in parts.items():
        if kind == ItemKind.PAPER:
            found[key] = rest
        else:
            found[key] = (titles if kind == ItemKind.COLLECTION else names).get(int(rest))
    return {key: name for key, name in found.items() if name is not None}


def _write_item(tx: WriteTx, collection_id: int, position: int, item: CarriedItem) -> None:
    """Put something in, if it is here."""
    kind = ItemKind(item.kind)
    try:
        number = _collection(tx, item.name) if kind is ItemKind.COLLECTION else 0
        key = key_of(tx, COMMAND_LINE, kind, item.name, number)
    except ItemNotFound:
        return
    row = {
        "collection_id": collection_id,
        "kind": item.kind,
        "key": key,
        "position": position,
        "note": clean_text(item.note, "note", 0, MAX_NOTE),
        "images": json.dumps(check_images(item.images)),
        "added_at": item.added_at,
    }
    insert_missing(tx.sql, collection_items, [row])


def _collection(tx: ReadTx, name: str) -> int:
    owner, _, title = name.partition("/")
    try:
        owner_id = owner_now(tx, owner).id
    except OwnerNotFound:
        return 0
    here = sa.and_(collections.c.owner_id == owner_id, collections.c.title_lower == title.lower())
    return tx.sql.execute(sa.select(collections.c.id).where(here)).scalar() or 0


def _group(tx: ReadTx, owner_id: int, name: str) -> int | None:
    found = group_number(tx, owner_id, name) if name else None
    if name and found is None:
        raise BadInput(field="group", reason=f"there is no resource group {name[:80]!r}")
    return found
