"""The tags that lists can be filtered by. Source: hub-core contract L5 and L6, hub-platform contract section 8."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import search
from hubkeep.accounts import ANONYMOUS
from hubkeep.kit import BadInput
from hubkeep.repos import Kind
from hubkeep.search import TYPES, Vocable
from hubkeep.wire.caller import TheHub
from hubkeep.wire.json import Json

router = APIRouter()


@router.get("/api/models-tags-by-type")
async def models_tags_by_type(request: Request, hub: TheHub) -> Response:
    """Tags of models; asked without a token, so the answer is the same for everybody."""
    return await _tags(Kind.MODEL, request, hub)


@router.get("/api/datasets-tags-by-type")
async def datasets_tags_by_type(request: Request, hub: TheHub) -> Response:
    """Tags of datasets, likewise."""
    return await _tags(Kind.DATASET, request, hub)


async def _tags(kind: Kind, request: Request, hub: TheHub) -> Response:
    only = request.query_params.get("type") or None
    if only is not None and only not in TYPES[kind]:
        raise BadInput(field="type", reason=f"{only[:40]!r} is not one of {', '.join(TYPES[kind])}")
    found = await hub.read(search.tags_by_type, ANONYMOUS, kind, only)
    return Json({name: [_shape(tag) for tag in tags] for name, tags in found.items()})


def _shape(tag: Vocable) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": tag.id, "label": tag.label, "type": tag.type, "count": tag.count}
    return shown | ({"subType": tag.subtype} if tag.subtype else {})
