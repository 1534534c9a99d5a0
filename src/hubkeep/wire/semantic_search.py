"""Spaces by what they are about. Source: hub-core contract L4.

This hub compares words where the Hub compares meanings: the score is the share of the sentence's words that a Space says.
"""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import search
from hubkeep.kit import BadInput
from hubkeep.repos import Info
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import flag, many
from hubkeep.wire.shapes import info as shape

router = APIRouter()
MOST = 50
_NAMES = {"q", "filter", "sdk", "includeNonRunning"}
_SHOWN = ("author", "likes", "private", "sdk", "tags", "trendingScore")


@router.get("/api/spaces/semantic-search")
async def semantic_search(request: Request, caller: Caller, hub: TheHub) -> Response:
    """List Spaces about what `q` says, best first, running or not: one page."""
    if unknown := {name.removesuffix("[]") for name in request.query_params} - _NAMES:
        raise BadInput(field=min(unknown)[:40], reason=f"is not one of {', '.join(sorted(_NAMES))}")
    flag(request, "includeNonRunning")
    tags = [
        part
        for name in ("filter", "sdk")
        for value in many(request, name)
        for part in value.split(",")
        if part
    ]
    found = await hub.read(search.spaces_about, caller, request.query_params.get("q", ""), tags, MOST)
    return Json([_shape(info, score) for info, score in found])


def _shape(info: Info, score: float) -> dict[str, Any]:
    card = info.metadata.card_data
    shown = shape.expanded(info, _SHOWN) | {"semanticRelevancyScore": round(score, 4)}
    texts = {"title": "title", "emoji": "emoji", "ai_short_description": "short_description"}
    return shown | {key: card[said] for key, said in texts.items() if isinstance(card.get(said), str)}
