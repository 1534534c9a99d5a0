"""Lists of repositories."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos
from hubkeep.kit import BadInput, NotBuiltYet
from hubkeep.repos import MAX_LIMIT, Kind, Query
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import cursor_of, flag, limit_of, many, next_link
from hubkeep.wire.shapes import info as shape

router = APIRouter()

# Queries of the contract that need the search index.
_LATER = ("num_parameters", "inference", "inference_provider", "apps", "models", "datasets", "linked")


@router.get("/api/{kind:plural}")
async def list_repos(kind: Any, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List what the caller may see. Source: hub-core contract section 7."""
    asked = shape.check_expand(kind, many(request, "expand"))
    query = _query(kind, request)
    full, cards, config = flag(request, "full"), flag(request, "cardData"), flag(request, "config")
    if "siblings" in asked if asked else full:
        listing = await hub.work(repos.list_with_files, caller, query)
    else:
        listing = await hub.read(repos.list_repos, caller, query)
    trending = query.sort == "trendingScore"
    items = [
        shape.expanded(found, asked)
        if asked
        else shape.listed(found, full=full, card_data=cards, config=config, trending=trending)
        for found in listing.items
    ]
    return Json(items, headers=next_link(request, hub, listing.next))


def _query(kind: Kind, request: Request) -> Query:
    params = request.query_params
    for name in _LATER:
        if params.get(name):
            raise NotBuiltYet(feature=f"The filter {name}")
    tags = [part for value in many(request, "filter") for part in value.split(",") if part]
    tags += [value for value in many(request, "pipeline_tag") if value]
    return Query(
        kind=kind,
        search=many(request, "search"),
        author=params.get("author"),
        tags=tags,
        gated=flag(request, "gated") if params.get("gated") else None,
        sort=params.get("sort") or "trendingScore",
        ascending=_ascending(params.get("direction")),
        limit=limit_of(request, MAX_LIMIT),
        after=_after(request),
    )


def _ascending(direction: str | None) -> bool:
    """Source: hub-core contract trap 44: old clients send `direction=-1`, which is the only order anybody uses."""
    if direction in (None, "", "-1", "1"):
        return direction == "1"
    raise BadInput(field="direction", reason="must be -1 or 1")


def _after(request: Request) -> tuple[Any, int] | None:
    cursor = cursor_of(request)
    if cursor is None:
        return None
    if not isinstance(cursor, list) or len(cursor) != 2 or not isinstance(cursor[1], int):
        raise BadInput(field="cursor", reason="it was altered")
    return cursor[0], cursor[1]
