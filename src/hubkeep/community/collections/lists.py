"""Find collections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import Actor, owners_named
from hubkeep.community.collections import queries
from hubkeep.community.collections.errors import ItemNotFound
from hubkeep.community.collections.items import key_of
from hubkeep.community.collections.tables import collection_items, collection_upvotes, collections
from hubkeep.community.collections.types import SHOWN_ITEMS, Collection, ItemKind, Page, Shown, Sort
from hubkeep.kit import BadInput, ReadTx

PAGE = 100
MAX_CHOICES = 50  # owners or items of one query
MAX_COUNTED = 1000
_COLUMN: dict[Sort, sa.Column[Any]] = {
    Sort.MODIFIED: collections.c.updated_at,
    Sort.TRENDING: collections.c.hot,
    Sort.UPVOTES: collections.c.upvotes,
}


@dataclass(frozen=True)
class Query:
    """What to list: of any of `owners`, with any of `items` (kind, name, collection's number), titles with `search` in them."""

    owners: Sequence[str] = ()
    items: Sequence[tuple[ItemKind, str, int]] = ()
    search: str = ""
    sort: Sort = Sort.MODIFIED
    after: tuple[str | float, int] | None = None
    limit: int = PAGE


def get(tx: ReadTx, actor: Actor, collection_id: int) -> Shown:
    """Return a collection with what stands in it. Raises CollectionNotFound."""
    return queries.shown(tx, actor, [queries.find(tx, actor, collection_id)])[0]


def count_upvoted(tx: ReadTx, user_id: int) -> int:
    """Return how many collections a person voted for."""
    theirs = collection_upvotes.c.user_id == user_id
    return int(tx.sql.execute(sa.select(sa.func.count()).where(theirs)).scalar_one())


def list_collections(tx: ReadTx, actor: Actor, query: Query) -> Page:
    """Return a page of what `actor` may see, with the first few items of each. Raises BadInput."""
    if len(query.owners) > MAX_CHOICES or len(query.items) > MAX_CHOICES:
        raise BadInput(field="owner" if query.owners else "item", reason=f"at most {MAX_CHOICES}")
    column = _COLUMN[query.sort]
    wanted = sa.select(*queries.COLUMNS, column.label("sorted_by")).where(*_conditions(tx, actor, query))
    if query.after is not None:
        here = sa.tuple_(column, collections.c.id)
        start = sa.tuple_(
            sa.literal(_value(query.sort, query.after[0]), column.type), sa.literal(query.after[1])
        )
        wanted = wanted.where(here < start)
    order = wanted.order_by(column.desc(), collections.c.id.desc()).limit(query.limit + 1)
    rows = tx.sql.execute(order).all()
    found: list[Collection] = [queries.fact(row) for row in rows[: query.limit]]
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    following = None if last is None else (_plain(last.sorted_by), int(last.id))
    return Page(queries.shown(tx, actor, found, SHOWN_ITEMS), following)


def count_collections(tx: ReadTx, actor: Actor, query: Query) -> int:
    """Return how many `list_collections` finds on all its pages, `MAX_COUNTED` at most."""
    some = sa.select(collections.c.id).where(*_conditions(tx, actor, query)).limit(MAX_COUNTED).subquery()
    return int(tx.sql.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def _conditions(tx: ReadTx, actor: Actor, query: Query) -> list[sa.ColumnElement[bool]]:
    found = [queries.visible(actor)]
    if query.owners:
        owners = owners_named(tx, query.owners)
        found.append(collections.c.owner_id.in_([owner.id for owner in owners.values()]))
    if query.items:
        keys = [key for item in query.items if (key := _key(tx, actor, *item)) is not None]
        having = sa.select(collection_items.c.collection_id).where(collection_items.c.key.in_(keys))
        found.append(collections.c.id.in_(having))
    if query.search.strip():
        found.append(collections.c.title_lower.contains(query.search.strip().lower(), autoescape=True))
    return found


def _key(tx: ReadTx, actor: Actor, kind: ItemKind, name: str, number: int) -> str | None:
    try:
        return key_of(tx, actor, kind, name, number)
    except ItemNotFound:
        return None


def _plain(value: Any) -> str | float:
    """Return a sort value as JSON has it; a moment as text, since a float would lose its last digits."""
    return value.isoformat() if isinstance(value, datetime) else float(value)


def _value(sort: Sort, value: Any) -> Any:
    """Read a sort value back. Raises BadInput."""
    try:
        if sort is Sort.MODIFIED:
            return datetime.fromisoformat(value).astimezone(UTC)
        return int(float(value)) if sort is Sort.UPVOTES else float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadInput(field="cursor", reason="it was altered") from None
