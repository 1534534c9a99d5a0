"""Make, change and delete collections."""

import math
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hubkeep.accounts import (
    Action,
    Actor,
    NotAllowed,
    NotSignedIn,
    Owner,
    Permission,
    may,
    may_create,
    orgs,
    owner_now,
)
from hubkeep.community.collections import queries
from hubkeep.community.collections.errors import CollectionExists, CollectionFull
from hubkeep.community.collections.tables import collection_items, collection_upvotes, collections
from hubkeep.community.collections.types import (
    MAX_COLLECTIONS,
    MAX_DESCRIPTION,
    MAX_TITLE,
    Collection,
    ItemKind,
    Shown,
    Theme,
)
from hubkeep.community.text import clean_line, clean_text
from hubkeep.community.voice import require_voice
from hubkeep.kit import BadInput, ReadTx, WriteTx, now
from hubkeep.kit.tables import insert_missing, made_id

HOT_SECONDS = (
    12.5 * 3600
)  # ten times the upvotes weigh as much as being made that much later, as feeds rank elsewhere


@dataclass(frozen=True)
class NewCollection:
    """A collection to make; `namespace` is a user's or an organization's name."""

    namespace: str
    title: str
    description: str = ""
    private: bool = False
    theme: Theme = Theme.ORANGE
    resource_group_id: int | None = None


@dataclass(frozen=True)
class Changes:
    """What to change; None leaves it as it is. `position` counts from 0 among the owner's collections."""

    title: str | None = None
    description: str | None = None
    private: bool | None = None
    theme: Theme | None = None
    position: int | None = None


def create(tx: WriteTx, actor: Actor, new: NewCollection) -> Shown:
    """Make a collection in a namespace where `actor` may make repositories.

    Raises:
        BadInput, CollectionExists, CollectionFull, OwnerNotFound, NotSignedIn, NotAllowed.
        GroupNotFound: a resource group of another organization, or none that `actor` is in.
    """
    if actor.user_id is None:
        raise NotSignedIn
    owner = owner_now(tx, new.namespace)
    require_place(tx, actor, owner, new.resource_group_id)
    title = clean_line(new.title, "title", 1, MAX_TITLE)
    mine = collections.c.owner_id == owner.id
    count, last = tx.sql.execute(
        sa.select(sa.func.count(), sa.func.max(collections.c.position)).where(mine)
    ).one()
    if count >= MAX_COLLECTIONS:
        raise CollectionFull(limit=MAX_COLLECTIONS, what=f"collections of {owner.name}")
    moment = now()
    row = {
        "owner_id": owner.id,
        "creator_id": actor.user_id,
        "resource_group_id": new.resource_group_id,
        "title": title,
        "title_lower": title.lower(),
        "description": clean_text(new.description, "description", 0, MAX_DESCRIPTION),
        "private": new.private,
        "theme": new.theme.value,
        "position": 0 if last is None else last + 1,
        "upvotes": 0,
        "hot": heat(0, moment),
        "created_at": moment,
        "updated_at": moment,
    }
    try:
        with tx.sql.begin_nested():
            made = made_id(tx.sql.execute(sa.insert(collections).values(**row)))
    except IntegrityError:
        same = _same_title(tx, owner.id, title)
        raise CollectionExists(owner=owner.name, title=title, collection=same) from None
    return queries.shown(tx, actor, [queries.find(tx, actor, made)])[0]


def require_place(tx: ReadTx, actor: Actor, owner: Owner, group_id: int | None) -> None:
    """Refuse whoever may not make collections there, in a resource group or outside. Raises NotAllowed, GroupNotFound."""
    if group_id is not None:
        orgs.require_group(tx, actor, owner.id, group_id)
    if not may_create(actor, owner.id, Permission.COLLECTION_WRITE, resource_group_id=group_id):
        raise NotAllowed(what=f"make a collection under {owner.name}")


def update(tx: WriteTx, actor: Actor, collection_id: int, changes: Changes) -> Shown:
    """Change a collection's own facts.

    Raises:
        BadInput, CollectionExists, CollectionNotFound, NotSignedIn, NotAllowed.
    """
    found = require_writable(tx, actor, collection_id)
    values: dict[str, object] = {}
    if changes.title is not None:
        title = clean_line(changes.title, "title", 1, MAX_TITLE)
        values |= {"title": title, "title_lower": title.lower()}
    if changes.description is not None:
        values["description"] = clean_text(changes.description, "description", 0, MAX_DESCRIPTION)
    if changes.private is not None:
        values["private"] = changes.private
    if changes.theme is not None:
        values["theme"] = changes.theme.value
    if values:
        _write(tx, found, values)
    if changes.position is not None:
        _move(tx, found, changes.position)
    return queries.shown(tx, actor, [queries.find(tx, actor, found.id)])[0]


def delete(tx: WriteTx, actor: Actor, collection_id: int) -> Collection:
    """Delete a collection; what stood in it stays. Raises CollectionNotFound, NotSignedIn, NotAllowed."""
    found = require_writable(tx, actor, collection_id)
    forget_item(tx, f"{ItemKind.COLLECTION.value}:{found.id}")
    tx.sql.execute(sa.delete(collections).where(collections.c.id == found.id))
    return found


def upvote(tx: WriteTx, actor: Actor, collection_id: int, *, on: bool) -> Collection:
    """Vote for a collection that one may see, or take it back; doing either twice changes nothing.

    Raises:
        CollectionNotFound, NotSignedIn, NotAllowed.
    """
    found = queries.find(tx, actor, collection_id)
    user_id = require_voice(actor, "vote for collections")
    key = {"collection_id": found.id, "user_id": user_id}
    if on:
        changed = insert_missing(tx.sql, collection_upvotes, [{**key, "at": now()}])
    else:
        mine = sa.and_(*(collection_upvotes.c[name] == value for name, value in key.items()))
        changed = -tx.sql.execute(sa.delete(collection_upvotes).where(mine)).rowcount
    if changed:
        votes = found.upvotes + changed
        row = {"upvotes": votes, "hot": heat(votes, found.created_at)}
        tx.sql.execute(sa.update(collections).where(collections.c.id == found.id).values(**row))
    return queries.find(tx, actor, collection_id)


def require_writable(tx: WriteTx, actor: Actor, collection_id: int) -> Collection:
    """Return the collection if `actor` may change it. Raises CollectionNotFound, NotSignedIn, NotAllowed."""
    found = queries.find(tx, actor, collection_id)
    if actor.anonymous:
        raise NotSignedIn
    if not may(actor, Action.WRITE, found):
        raise NotAllowed(what="change this collection")
    return found


def touch(tx: WriteTx, collection_id: int, **values: object) -> None:
    """Change columns, and note that the collection changed."""
    here = sa.update(collections).where(collections.c.id == collection_id)
    tx.sql.execute(here.values(updated_at=now(), **values))


def forget_item(tx: WriteTx, key: str) -> None:
    """Take something that is gone out of every collection."""
    tx.sql.execute(sa.delete(collection_items).where(collection_items.c.key == key))


def heat(votes: int, made_at: datetime) -> float:
    """Return the value by which trends are ordered."""
    return math.log10(max(votes, 0) + 1) + made_at.timestamp() / HOT_SECONDS


def _same_title(tx: WriteTx, owner_id: int, title: str) -> Collection | None:
    same = sa.and_(collections.c.owner_id == owner_id, collections.c.title_lower == title.lower())
    row = tx.sql.execute(sa.select(*queries.COLUMNS).where(same)).first()
    return queries.fact(row) if row is not None else None


def _write(tx: WriteTx, found: Collection, values: dict[str, object]) -> None:
    try:
        with tx.sql.begin_nested():
            touch(tx, found.id, **values)
    except IntegrityError:
        same = _same_title(tx, found.owner_id, str(values["title"]))
        raise CollectionExists(owner="The owner", title=values["title"], collection=same) from None


def _move(tx: WriteTx, found: Collection, position: int) -> None:
    """Put a collection at a place among its owner's; the others make room."""
    if position < 0:
        raise BadInput(field="position", reason="must not be negative")
    mine = sa.select(collections.c.id).where(collections.c.owner_id == found.owner_id)
    order = list(tx.sql.execute(mine.order_by(collections.c.position, collections.c.id)).scalars())
    order.remove(found.id)
    order.insert(min(position, len(order)), found.id)
    for place, number in enumerate(order):
        here = sa.update(collections).where(collections.c.id == number, collections.c.position != place)
        tx.sql.execute(here.values(position=place))
