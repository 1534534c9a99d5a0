"""Lists of repositories: every filter, order and page. Source: hub-core contract section 7."""

import re
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos, search
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput
from hubkeep.repos import Kind, Stores
from hubkeep.search import MAX_LIMIT, Listing, Query
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import cursor_of, flag, limit_of, many, next_link
from hubkeep.wire.shapes import info as shape

router = APIRouter()
MAX_WITH_FILES = 100  # repositories of one page whose files are listed too

_NUMBER = re.compile(r"(min|max):(\d{1,18}(?:\.\d{1,9})?)([KMBT]?)", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_SHOW = {"sort", "direction", "limit", "cursor", "full", "expand", "cardData", "config"}
_ASK = {
    "search",
    "filter",
    "author",
    "gated",
    "pipeline_tag",
    "library",
    "language",
    "license",
    "dataset",
    "other",
}
_OF_KIND = {
    Kind.MODEL: {"apps", "inference", "inference_provider", "num_parameters"},
    Kind.DATASET: set[str](),
    Kind.SPACE: {"models", "datasets", "linked"},
    Kind.KERNEL: {"arxivIds"},
}
# What a tag begins with that pages ask for by a name of its own.
_PREFIXES = {
    kind: {
        "library": "library:" if kind is Kind.DATASET else "",
        "language": "language:" if kind is Kind.DATASET else "",
        "license": "license:",
        "dataset": "dataset:",
        "arxivIds": "arxiv:",
        "other": "",
    }
    for kind in Kind
}


_ABOUT = {
    "search": "a piece of the name; repeat it for several, all of which must be there",
    "filter": "a tag; repeat it for several, all of which must be there",
    "author": "the user or organization that owns it",
    "gated": "true or false",
    "pipeline_tag": "a task, such as text-generation",
    "library": "a library, such as transformers",
    "language": "a language, such as en",
    "license": "a license, such as mit",
    "dataset": "a dataset that it was trained on",
    "other": "any other tag",
    "apps": "a program that runs it, such as vllm; repeat it for several",
    "num_parameters": "such as min:6B,max:128B; either may be missing",
    "inference": "warm: models that an inference provider serves now",
    "inference_provider": "models that this provider serves now",
    "models": "a model that the Space uses; repeat it for several",
    "datasets": "a dataset that the Space uses; repeat it for several",
    "linked": "true: Spaces that say what they use",
    "arxivIds": "a paper",
    "sort": f"one of {', '.join(dict.fromkeys(name for kind in Kind for name in search.SORTS[kind]))}; the best first",
    "direction": "-1, or 1 for the worst first",
    "limit": f"1 to {MAX_LIMIT}",
    "cursor": "where the page before ended: part of its Link header",
    "full": "true: with commit, files and all the rest",
    "expand": "a fact to tell, instead of the usual ones; repeat it for several",
    "cardData": "true: with the metadata of the card",
    "config": "true: with what config.json says",
}
_QUERY = [
    {
        "name": name,
        "in": "query",
        "description": _ABOUT[name],
        "schema": {"type": "string"},
        "required": False,
    }
    for name in sorted(_SHOW | _ASK | set[str]().union(*_OF_KIND.values()))
]


@router.get("/api/{kind:plural}", openapi_extra={"parameters": _QUERY})
async def list_repos(kind: Any, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List what the caller may see."""
    _check_names(kind, request)
    asked = shape.check_expand(kind, many(request, "expand"))
    full = _is_full(kind, request)
    if asked and (flag(request, "full") or flag(request, "cardData") or flag(request, "config")):
        raise BadInput(field="expand", reason="cannot be used together with full, cardData or config")
    query = _query(kind, request)
    if flag(request, "full") or "siblings" in asked:
        listing = await hub.work(_list_with_files, caller, query)
    else:
        listing = await hub.read(search.listing, caller, query)
    cards, config = flag(request, "cardData"), flag(request, "config")
    trending = query.sort == "trendingScore"
    items = [
        shape.expanded(found, asked)
        if asked
        else shape.listed(found, full=full, card_data=cards, config=config, trending=trending)
        for found in listing.items
    ]
    return Json(items, headers=next_link(request, hub, listing.next))


def _list_with_files(stores: Stores, actor: Actor, query: Query) -> Listing:
    """List with the files of every repository, in shorter pages: it takes a look at each one's git objects."""
    with stores.db.read() as tx:
        found = search.listing(tx, actor, replace(query, limit=min(query.limit, MAX_WITH_FILES)))
        return Listing(repos.with_siblings(tx, stores, found.items), found.next)


def _check_names(kind: Kind, request: Request) -> None:
    """Refuse a parameter that nothing would come of: what it asks for would be missing without a word."""
    allowed = _SHOW | _ASK | _OF_KIND[kind]
    for name in request.query_params:
        if name.removesuffix("[]") not in allowed:
            raise BadInput(
                field=name[:40],
                reason=f"is no filter of {kind.plural}; there are {', '.join(sorted(allowed))}",
            )


def _is_full(kind: Kind, request: Request) -> bool:
    """Tell whether all is shown. A filter on models implies it, as the client's documentation says."""
    return flag(request, "full") or (kind is Kind.MODEL and bool(many(request, "filter")))


def _query(kind: Kind, request: Request) -> Query:
    params = request.query_params
    return Query(
        kind=kind,
        search=[text for text in many(request, "search") if text.strip()],
        author=_one(request, "author"),
        tags=_tags(kind, request),
        task=_one(request, "pipeline_tag"),
        apps=_values(request, "apps"),
        gated=flag(request, "gated") if params.get("gated") else None,
        parameters=_parameters(params.get("num_parameters")),
        models=_values(request, "models"),
        datasets=_values(request, "datasets"),
        linked=flag(request, "linked"),
        served=_served(request),
        sort=params.get("sort") or "trendingScore",
        ascending=_ascending(params.get("direction")),
        limit=limit_of(request, MAX_LIMIT),
        after=_after(request),
    )


def _values(request: Request, name: str) -> list[str]:
    """Return the values of a key, repeated or with commas. Source: hub-core contract trap 44."""
    return [part.strip() for value in many(request, name) for part in value.split(",") if part.strip()]


def _one(request: Request, name: str) -> str | None:
    values = [value for value in many(request, name) if value]
    if len(values) > 1:
        raise BadInput(field=name, reason="may be given once")
    return values[0] if values else None


def _tags(kind: Kind, request: Request) -> list[str]:
    """Return every tag asked for: as `filter`, or by the names that pages use, where a prefix may be left out."""
    tags = _values(request, "filter")
    for name, before in _PREFIXES[kind].items():
        tags += [before + value.removeprefix(f"{name}:") for value in _values(request, name)]
    return list(dict.fromkeys(tags))


def _served(request: Request) -> bool:
    """Tell whether only models are wanted that an inference provider serves now."""
    warm = _one(request, "inference")
    if warm not in (None, "warm"):
        raise BadInput(field="inference", reason=f"must be warm, not {warm[:20]!r}")
    return warm is not None or bool(_values(request, "inference_provider"))


def _parameters(text: str | None) -> tuple[int | None, int | None] | None:
    """Read `min:6B,max:128B`; either bound may be missing. Source: hub-core contract section 7."""
    if not text:
        return None
    bounds: dict[str, int] = {}
    for part in text.split(","):
        found = _NUMBER.fullmatch(part.strip())
        if found is None or found[1].lower() in bounds:
            raise BadInput(field="num_parameters", reason=f"must be like min:6B,max:128B, not {text[:40]!r}")
        bounds[found[1].lower()] = round(float(found[2]) * _UNITS[found[3].upper()])
    least, most = bounds.get("min"), bounds.get("max")
    if least is not None and most is not None and least > most:
        raise BadInput(field="num_parameters", reason="min is above max")
    return least, most


def _ascending(direction: str | None) -> bool:
    """Source: hub-core contract trap 44: old clients send `direction=-1`, which is the only order anybody uses."""
    if direction in (None, "", "-1", "1"):
        return direction == "1"
    raise BadInput(field="direction", reason="must be -1 or 1")


def _after(request: Request) -> int | None:
    cursor = cursor_of(request)
    if cursor is None or type(cursor) is int:
        return cursor
    raise BadInput(field="cursor", reason="it was altered")
