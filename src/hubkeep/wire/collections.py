"""Collections. Source: hub-platform contract section 4."""

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from hubkeep.accounts import Actor, owners_known
from hubkeep.community import collections
from hubkeep.community.collections import (
    Changes,
    Collection,
    CollectionExists,
    ItemChanges,
    ItemKind,
    NewCollection,
    NewItem,
    Query,
    Shown,
    Sort,
    Theme,
)
from hubkeep.kit import BadInput, HubError, NotBuiltYet, WriteTx
from hubkeep.wire import errors
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import cursor_of, limit_of, many, next_link
from hubkeep.wire.shapes import collection as shape
from hubkeep.wire.shapes.group import group_ref
from hubkeep.wire.shapes.ids import group_number, number_of

router = APIRouter()
PATH = "/api/collections"
ONE = PATH + "/{ns:seg}/{slug:seg}"
ITEM = ONE + "/items/{item:seg}"
_TAIL = re.compile(r"(?:.*-)?([0-9a-fA-F]{24})", re.DOTALL)
_PLURALS = {
    "models": ItemKind.MODEL,
    "datasets": ItemKind.DATASET,
    "spaces": ItemKind.SPACE,
    "kernels": ItemKind.KERNEL,
    "papers": ItemKind.PAPER,
    "collections": ItemKind.COLLECTION,
    "buckets": ItemKind.BUCKET,
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Thing(_Body):
    id: str
    type: ItemKind


class _New(_Body):
    title: str
    namespace: str
    description: str = ""
    private: bool = False
    theme: Theme | None = None
    item: _Thing | None = None
    resource_group_id: Annotated[str | None, Field(alias="resourceGroupId")] = None


class _Update(_Body):
    title: str | None = None
    description: str | None = None
    position: Annotated[int | None, Field(ge=0, lt=1_000_000)] = None
    private: bool | None = None
    theme: Theme | None = None
    gating: Any = None


class _NewItem(_Body):
    item: _Thing
    note: str = ""


class _ItemChanges(_Body):
    note: str | None = None
    position: Annotated[int | None, Field(ge=0, lt=1_000_000)] = None
    gallery: list[str] | None = None


class _BatchLine(_Body):
    action: Literal["update"]
    id: Annotated[str, Field(alias="_id")]
    data: _ItemChanges


class _ResourceGroup(_Body):
    resource_group_id: Annotated[str | None, Field(alias="resourceGroupId")] = None


@router.get(PATH)
async def list_collections(request: Request, caller: Caller, hub: TheHub) -> Response:
    """List collections, the first four items of each."""
    found = await hub.read(collections.list_collections, caller, _query(request))
    shown = [shape.listed(one, hub.url) for one in found.items]
    return Json(shown, headers=next_link(request, hub, found.next))


@router.post(PATH)
async def create(body: _New, caller: Caller, hub: TheHub) -> Response:
    """Make a collection, perhaps with something in it."""
    new = NewCollection(
        body.namespace,
        body.title,
        body.description,
        body.private,
        body.theme or Theme.ORANGE,
        group_number(body.resource_group_id),
    )

    def make(tx: WriteTx, actor: Actor) -> Shown:
        made = collections.create(tx, actor, new)
        if body.item is None:
            return made
        return collections.add_item(tx, actor, made.collection.id, _new_item(body.item, ""))

    try:
        return Json(shape.full(await hub.write(make, caller), hub.url))
    except CollectionExists as taken:
        await _name(taken, caller, hub)
        raise


@router.get(ONE)
async def get(ns: str, slug: str, caller: Caller, hub: TheHub) -> Response:
    """Return a collection by its id: the words before it may be those of an older title."""
    del ns
    return Json(shape.full(await hub.read(collections.get, caller, _id(slug)), hub.url))


@router.patch(ONE)
async def update(ns: str, slug: str, body: _Update, caller: Caller, hub: TheHub) -> Response:
    """Change a collection. The answer is wrapped in `data`. Source: gotcha 6."""
    del ns
    if body.gating:
        raise NotBuiltYet(feature="Gating a collection")
    changes = Changes(body.title, body.description, body.private, body.theme, body.position)
    try:
        shown = await hub.write(collections.update, caller, _id(slug), changes)
    except CollectionExists as taken:
        await _name(taken, caller, hub)
        raise
    return Json({"data": shape.full(shown, hub.url)})


@router.delete(ONE)
async def delete(ns: str, slug: str, caller: Caller, hub: TheHub) -> Response:
    """Delete a collection."""
    del ns
    await hub.write(collections.delete, caller, _id(slug))
    return Json({})


@router.post(ONE + "/upvote")
async def upvote(ns: str, slug: str, caller: Caller, hub: TheHub) -> Response:
    """Vote for a collection."""
    del ns
    found = await hub.write(collections.upvote, caller, _id(slug), on=True)
    return Json({"upvotes": found.upvotes})


@router.delete(ONE + "/upvote")
async def take_vote_back(ns: str, slug: str, caller: Caller, hub: TheHub) -> Response:
    """Take a vote back."""
    del ns
    found = await hub.write(collections.upvote, caller, _id(slug), on=False)
    return Json({"upvotes": found.upvotes})


@router.post(ONE + "/items")
async def add_item(ns: str, slug: str, body: _NewItem, caller: Caller, hub: TheHub) -> Response:
    """Add something to a collection."""
    del ns
    new = _new_item(body.item, body.note)
    return Json(shape.full(await hub.write(collections.add_item, caller, _id(slug), new), hub.url))


@router.post(ONE + "/items/batch")
async def update_items(
    ns: str,
    slug: str,
    body: Annotated[list[_BatchLine], Field(max_length=1000)],
    caller: Caller,
    hub: TheHub,
) -> Response:
    """Change several items, all or none."""
    del ns

    def change(tx: WriteTx, actor: Actor) -> None:
        for line in body:
            collections.update_item(tx, actor, _id(slug), number_of(line.id), _changes(line.data))

    await hub.write(change, caller)
    return Json({})


@router.patch(ITEM)
async def update_item(
    ns: str, slug: str, item: str, body: _ItemChanges, caller: Caller, hub: TheHub
) -> Response:
    """Change an item's note, pictures or place."""
    del ns
    await hub.write(collections.update_item, caller, _id(slug), number_of(item), _changes(body))
    return Json({})


@router.delete(ITEM)
async def delete_item(ns: str, slug: str, item: str, caller: Caller, hub: TheHub) -> Response:
    """Take an item out of a collection."""
    del ns
    await hub.write(collections.delete_item, caller, _id(slug), number_of(item))
    return Json({})


@router.get(ONE + "/resource-group")
async def resource_group(ns: str, slug: str, caller: Caller, hub: TheHub) -> Response:
    """Tell which resource group a collection is in; nothing of it to those outside the organization."""
    del ns
    group = await hub.read(collections.resource_group_of, caller, _id(slug))
    return Json(group_ref(group) if group else None)


@router.post(ONE + "/resource-group")
async def set_resource_group(
    ns: str, slug: str, body: _ResourceGroup, caller: Caller, hub: TheHub
) -> Response:
    """Put a collection into a resource group, or out of every one."""
    del ns
    group_id = group_number(body.resource_group_id)
    shown, group = await hub.write(collections.set_resource_group, caller, _id(slug), group_id)
    found = shape.full(shown, hub.url)
    return Json(found | ({"resourceGroup": group_ref(group)} if group else {}))


def _id(slug: str) -> int:
    """Read the number out of `any-words-id`; 0, which nothing has, for anything else."""
    found = _TAIL.fullmatch(slug)
    return number_of(found.group(1)) if found else 0


def _new_item(thing: _Thing, note: str) -> NewItem:
    number = _id(thing.id.rpartition("/")[2]) if thing.type is ItemKind.COLLECTION else 0
    return NewItem(thing.type, thing.id, number, note)


def _changes(body: _ItemChanges) -> ItemChanges:
    return ItemChanges(body.note, body.position, body.gallery)


def _query(request: Request) -> Query:
    sort = request.query_params.get("sort") or Sort.MODIFIED.value
    if sort not in set(Sort):
        raise BadInput(field="sort", reason=f"{sort[:20]!r} is not one of {', '.join(Sort)}")
    after = cursor_of(request)
    if after is not None and not (isinstance(after, list) and len(after) == 2 and isinstance(after[1], int)):
        raise BadInput(field="cursor", reason="it was altered")
    return Query(
        owners=many(request, "owner"),
        items=[_item(text) for text in many(request, "item")],
        search=request.query_params.get("q", "")[:200],
        sort=Sort(sort),
        after=(after[0], after[1]) if after else None,
        limit=limit_of(request, collections.PAGE),
    )


def _item(text: str) -> tuple[ItemKind, str, int]:
    """Read `models/owner/name`, `papers/2311.12983` and their like."""
    plural, _, name = text.partition("/")
    if plural not in _PLURALS or not name:
        raise BadInput(field="item", reason=f"{text[:100]!r} must look like models/owner/name or papers/id")
    kind = _PLURALS[plural]
    return kind, name, _id(name.rpartition("/")[2]) if kind is ItemKind.COLLECTION else 0


async def _name(taken: CollectionExists, caller: Caller, hub: TheHub) -> None:
    """Find out the slug of the collection that has the title: clients go there."""
    other = taken.facts.get("collection")
    if isinstance(other, Collection):
        owners = await hub.read(lambda tx, _: owners_known(tx, [other.owner_id]), caller)
        taken.facts["slug"] = shape.slug(other, owners[other.owner_id])


def _existing(error: HubError, base: str) -> dict[str, Any]:
    del base
    slug = error.facts.get("slug")
    return {"slug": slug} if slug else {}


errors.EXTRA[CollectionExists] = _existing
