"""What stands in a collection: add, change, move, take out."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.community.collections import queries
from hubkeep.community.collections.change import require_writable, touch
from hubkeep.community.collections.errors import (
    CollectionFull,
    CollectionNotFound,
    ItemExists,
    ItemNotFound,
)
from hubkeep.community.collections.tables import collection_items
from hubkeep.community.collections.types import MAX_IMAGES, MAX_ITEMS, MAX_NOTE, ItemKind, Shown
from hubkeep.community.text import clean_text
from hubkeep.kit import BadInput, ReadTx, WriteTx, now
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import Kind, RepoMoved, RepoNotFound, get

_ARXIV = re.compile(r"\d{4}\.\d{4,5}(?:v\d+)?")
MAX_URL = 500


@dataclass(frozen=True)
class NewItem:
    """Something to add: a repository by name, a collection by number, a paper by arXiv id."""

    kind: ItemKind
    name: str = ""
    collection_id: int = 0
    note: str = ""


@dataclass(frozen=True)
class ItemChanges:
    """What to change; None leaves it as it is. `position` counts from 0."""

    note: str | None = None
    position: int | None = None
    images: Sequence[str] | None = None


def add_item(tx: WriteTx, actor: Actor, collection_id: int, new: NewItem) -> Shown:
    """Add something at the end.

    Raises:
        ItemExists, ItemNotFound, CollectionFull, BadInput, and what `require_writable` raises.
    """
    found = require_writable(tx, actor, collection_id)
    key = key_of(tx, actor, new.kind, new.name, new.collection_id)
    if key == f"{ItemKind.COLLECTION.value}:{found.id}":
        raise BadInput(field="item", reason="a collection cannot stand in itself")
    mine = collection_items.c.collection_id == found.id
    last = tx.sql.execute(
        sa.select(sa.func.count(), sa.func.max(collection_items.c.position)).where(mine)
    ).one()
    if last[0] >= MAX_ITEMS:
        raise CollectionFull(limit=MAX_ITEMS, what="items in this collection")
    row = {
        "collection_id": found.id,
        "kind": new.kind.value,
        "key": key,
        "position": 0 if last[1] is None else last[1] + 1,
        "note": clean_text(new.note, "note", 0, MAX_NOTE),
        "images": "[]",
        "added_at": now(),
    }
    if not insert_missing(tx.sql, collection_items, [row]):
        raise ItemExists(kind=new.kind.value)
    touch(tx, found.id)
    return queries.shown(tx, actor, [queries.find(tx, actor, found.id)])[0]


def update_item(tx: WriteTx, actor: Actor, collection_id: int, item_id: int, changes: ItemChanges) -> None:
    """Change an item's note, pictures or place; the others make room.

    Raises:
        ItemNotFound, BadInput, and what `require_writable` raises.
    """
    found = require_writable(tx, actor, collection_id)
    here = _here(found.id, item_id)
    if tx.sql.execute(sa.select(collection_items.c.id).where(here)).first() is None:
        raise ItemNotFound(item="such item")
    values: dict[str, object] = {}
    if changes.note is not None:
        values["note"] = clean_text(changes.note, "note", 0, MAX_NOTE)
    if changes.images is not None:
        values["images"] = json.dumps(check_images(changes.images))
    if values:
        tx.sql.execute(sa.update(collection_items).where(here).values(**values))
    if changes.position is not None:
        _move(tx, found.id, item_id, changes.position)
    touch(tx, found.id)


def delete_item(tx: WriteTx, actor: Actor, collection_id: int, item_id: int) -> None:
    """Take an item out; the others close the gap. Raises ItemNotFound, and what `require_writable` raises."""
    found = require_writable(tx, actor, collection_id)
    if tx.sql.execute(sa.delete(collection_items).where(_here(found.id, item_id))).rowcount == 0:
        raise ItemNotFound(item="such item")
    _renumber(tx, _order(tx, found.id))
    touch(tx, found.id)


def key_of(tx: ReadTx, actor: Actor, kind: ItemKind, name: str, collection_id: int = 0) -> str:
    """Return by which key something is kept, if `actor` may see it. Raises ItemNotFound."""
    match kind:
        case ItemKind.PAPER:
            if not _ARXIV.fullmatch(name):
                raise ItemNotFound(item=name)
            return f"paper:{name}"
        case ItemKind.COLLECTION:
            try:
                return f"collection:{queries.find(tx, actor, collection_id).id}"
            except CollectionNotFound:
                raise ItemNotFound(item=name) from None
        case ItemKind.BUCKET:
            raise ItemNotFound(item=name)  # there are none on this hub
        case _:
            return f"{kind.value}:{_repo_id(tx, actor, Kind(kind.value), name)}"


def _repo_id(tx: ReadTx, actor: Actor, kind: Kind, name: str) -> int:
    try:
        return get(tx, actor, kind, name).id
    except RepoMoved as moved:
        return get(tx, actor, kind, str(moved.facts["to"])).id
    except RepoNotFound:
        raise ItemNotFound(item=name) from None


def check_images(urls: Sequence[str]) -> list[str]:
    """Return addresses of pictures that an item may show. Raises BadInput."""
    if len(urls) > MAX_IMAGES:
        raise BadInput(field="gallery", reason=f"at most {MAX_IMAGES} pictures")
    for url in urls:
        if len(url) > MAX_URL or not _is_web(url):
            reason = f"must be http or https addresses of at most {MAX_URL} characters"
            raise BadInput(field="gallery", reason=reason)
    return list(urls)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, url))


def _order(tx: ReadTx, collection_id: int) -> list[int]:
    mine = sa.select(collection_items.c.id).where(collection_items.c.collection_id == collection_id)
    return list(tx.sql.execute(mine.order_by(collection_items.c.position, collection_items.c.id)).scalars())


def _move(tx: WriteTx, collection_id: int, item_id: int, position: int) -> None:
    if position < 0:
        raise BadInput(field="position", reason="must not be negative")
    order = _order(tx, collection_id)
    order.remove(item_id)
    order.insert(min(position, len(order)), item_id)
    _renumber(tx, order)


def _renumber(tx: WriteTx, order: Sequence[int]) -> None:
    for place, number in enumerate(order):
        here = sa.update(collection_items).where(
            collection_items.c.id == number, collection_items.c.position != place
        )
        tx.sql.execute(here.values(position=place))


def _here(collection_id: int, item_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(collection_items.c.collection_id == collection_id, collection_items.c.id == item_id)
