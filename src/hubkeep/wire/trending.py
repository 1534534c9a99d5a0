"""What many people look at these days. Source: hub-platform contract section 8."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import search
from hubkeep.kit import BadInput
from hubkeep.repos import Info, Kind
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import limit_of
from hubkeep.wire.shapes import info as shape

router = APIRouter()
MAX_LIMIT, DEFAULT_LIMIT = 20, 10
_KINDS = {"model": [Kind.MODEL], "dataset": [Kind.DATASET], "space": [Kind.SPACE]}
_KINDS["all"] = [Kind.MODEL, Kind.DATASET, Kind.SPACE]
_COMMON = ("author", "gated", "lastModified", "likes", "private", "trendingScore")
_SHOWN = {
    Kind.MODEL: (*_COMMON, "downloads", "pipeline_tag"),
    Kind.DATASET: (*_COMMON, "downloads"),
    Kind.SPACE: (*_COMMON, "createdAt", "sdk", "tags", "disabled"),
}


@router.get("/api/trending")
async def trending(request: Request, caller: Caller, hub: TheHub) -> Response:
    """List the repositories with the highest trending scores, of one kind or of all."""
    asked = request.query_params.get("type") or "all"
    if asked not in _KINDS:
        raise BadInput(field="type", reason=f"{asked[:40]!r} is not one of {', '.join(_KINDS)}")
    limit = limit_of(request, MAX_LIMIT, DEFAULT_LIMIT)
    found = await hub.read(search.trending_now, caller, _KINDS[asked], limit)
    return Json({"recentlyTrending": [_shape(info) for info in found]})


def _shape(info: Info) -> dict[str, Any]:
    kind = info.repo.kind
    data = shape.expanded(info, _SHOWN[kind]) | {"isLikedByUser": False, "repoType": kind.value}
    if kind is Kind.SPACE:
        card = info.metadata.card_data
        data |= {
            key: card[key] for key in ("title", "emoji", "colorFrom", "colorTo", "pinned") if key in card
        }
    return {"repoType": kind.value, "repoData": data}
