"""What a few letters may mean, for the search box of pages and for programs. Source: hub-platform contract section 8."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import search
from hubkeep.accounts import Actor, OwnerKind
from hubkeep.community import collections
from hubkeep.community.collections import Shown, Sort
from hubkeep.hub import Hub
from hubkeep.kit import BadInput, NotBuiltYet, ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search import Found, Suggestions
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import limit_of, many
from hubkeep.wire.shapes.collection import slug
from hubkeep.wire.shapes.names import avatar_url, object_id

router = APIRouter()
MAX_LIMIT, DEFAULT_LIMIT = 20, 5
MAX_EXCLUDED = 1000  # as many more are looked up, of each kind
KINDS = {kind.value: kind for kind in Kind}
PEOPLE = {"user": OwnerKind.USER, "org": OwnerKind.ORG}
_NONE_HERE = ("paper", "bucket")  # kinds of thing that may be asked for, and of which there are none
COLLECTION = "collection"
TYPES = (*KINDS, *PEOPLE, COLLECTION, *_NONE_HERE)
_NOT_YET = (
    "orgsFilter",
    "reposFilter",
    "includeInvitees",
    "repoName",
    "discussionId",
    "discussionCollectionName",
)
_NAMES = {"q", "limit", "type", "lang", "library", "namespace", "exclude", "pipelines", "spacesTags"}


class _Asked(BaseModel):
    """What to look for; the same as a query or as a body."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    q: str = ""
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    type: list[str] = []
    lang: str | None = None
    library: str | None = None
    namespace: str | None = None
    exclude: list[str] = []
    pipelines: list[str] | str = []
    spacesTags: list[str] = []  # noqa: N815  the wire's name


@router.get("/api/quicksearch")
async def quicksearch(request: Request, caller: Caller, hub: TheHub) -> Response:
    """Find repositories, people and organizations by a piece of their name."""
    for name in request.query_params:
        if name.removesuffix("[]") in _NOT_YET:
            raise NotBuiltYet(feature=f"The parameter {name} of quick search")
        if name.removesuffix("[]") not in _NAMES:
            raise BadInput(field=name[:40], reason=f"is not one of {', '.join(sorted(_NAMES))}")
    params = request.query_params
    asked = _Asked(
        q=params.get("q", ""),
        limit=limit_of(request, MAX_LIMIT, DEFAULT_LIMIT),
        type=many(request, "type"),
        lang=params.get("lang"),
        library=params.get("library"),
        namespace=params.get("namespace"),
        exclude=many(request, "exclude"),
        pipelines=many(request, "pipelines"),
        spacesTags=many(request, "spacesTags"),
    )
    return Json(await _find(asked, caller, hub))


@router.post("/api/quicksearch")
async def quicksearch_by_body(body: _Asked, caller: Caller, hub: TheHub) -> Response:
    """Find the same, asked by a body: `exclude` may be long."""
    return Json(await _find(body, caller, hub))


async def _find(asked: _Asked, caller: Caller, hub: Hub) -> dict[str, Any]:
    types = [part for value in asked.type for part in value.split(",") if part] or list(TYPES)
    if unknown := [name for name in types if name not in TYPES]:
        raise BadInput(field="type", reason=f"{unknown[0][:40]!r} is not one of {', '.join(TYPES)}")
    if len(asked.exclude) > MAX_EXCLUDED:
        raise BadInput(field="exclude", reason=f"at most {MAX_EXCLUDED:,} names")
    pipelines = [asked.pipelines] if isinstance(asked.pipelines, str) else asked.pipelines
    found = await hub.read(
        search.suggest,
        caller,
        asked.q,
        kinds=[KINDS[name] for name in types if name in KINDS],
        people=[PEOPLE[name] for name in types if name in PEOPLE],
        limit=asked.limit,
        author=asked.namespace,
        tags=[tag for tag in (asked.lang, asked.library, *pipelines, *asked.spacesTags) if tag],
        exclude=asked.exclude,
    )
    titled: Sequence[Shown] = []
    count = 0
    if COLLECTION in types and asked.q.strip():
        titled, count = await hub.read(_titled, caller, asked)
    return _shape(hub, asked.q, found) | {
        "collections": [_collection(one) for one in titled],
        "collectionsCount": count,
    }


def _titled(tx: ReadTx, actor: Actor, asked: _Asked) -> tuple[Sequence[Shown], int]:
    owners = [asked.namespace] if asked.namespace else []
    wanted = collections.Query(owners, search=asked.q, sort=Sort.TRENDING, limit=asked.limit)
    return collections.list_collections(tx, actor, wanted).items, collections.count_collections(
        tx, actor, wanted
    )


def _shape(hub: Hub, text: str, found: Suggestions) -> dict[str, Any]:
    shown: dict[str, Any] = {"q": text}
    for kind in Kind:
        of_kind = found.repos.get(kind, Found([], 0))
        shown[kind.plural] = [_repo(info) for info in of_kind.items]
        shown[f"{kind.plural}Count"] = of_kind.count
    for name in _NONE_HERE:
        shown |= {f"{name}s": [], f"{name}sCount": 0}
    for key, name, owners in (("users", "user", found.users), ("orgs", "name", found.orgs)):
        shown[key] = [
            {
                "_id": object_id(owner.id, owner.created_at),
                "avatarUrl": avatar_url(hub.url, owner.name, owner.avatar),
                "fullname": owner.fullname,
                name: owner.name,
            }
            for owner in owners
        ]
    return shown


def _collection(one: Shown) -> dict[str, Any]:
    collection = one.collection
    shown = {
        "_id": object_id(collection.id, collection.created_at),
        "title": collection.title,
        "slug": slug(collection, one.owner),
    }
    return shown | ({"description": collection.description} if collection.description else {})


def _repo(info: Info) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": info.repo.full_name, "trendingWeight": info.repo.trending}
    if info.repo.private:
        shown["private"] = True
    if info.repo.kind is Kind.SPACE:
        emoji = info.metadata.card_data.get("emoji")
        shown["emoji"] = emoji if isinstance(emoji, str) else "🚀"
    return shown
