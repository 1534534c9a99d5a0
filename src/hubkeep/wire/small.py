"""Small calls that every client process may make."""

from fastapi import APIRouter
from starlette.responses import Response

from hubkeep import search
from hubkeep.wire.json import Json

router = APIRouter()


@router.get("/api/agent-harnesses")
async def agent_harnesses() -> Response:
    """Answer the question every client process starts with. Source: hub-core contract M1, trap 48."""
    return Json({"standardEnvVars": [], "harnesses": {}})


@router.get("/api/tasks")
async def tasks() -> Response:
    """List every task; nothing here runs models, so none has a model that widgets would use.

    Source: hub-platform contract section 8; clients read `widgetModels` of each.
    """
    known = search.vocabulary()
    shown = {
        name: {"id": name, "label": label, "widgetModels": [], "datasets": [], "metrics": [], "models": []}
        for name, label in known.tasks.items()
    }
    return Json(shown)


@router.head("/api/telemetry/{topic:rest}")
async def telemetry(topic: str) -> Response:
    """Accept and forget: this hub keeps no telemetry. Source: hub-core contract M2."""
    del topic
    return Response(status_code=204)
