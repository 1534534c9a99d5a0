"""Small calls that every client process may make."""

from fastapi import APIRouter
from starlette.responses import Response

from hubkeep.wire.json import Json

router = APIRouter()


@router.get("/api/agent-harnesses")
async def agent_harnesses() -> Response:
    """Answer the question every client process starts with. Source: hub-core contract M1, trap 48."""
    return Json({"standardEnvVars": [], "harnesses": {}})


@router.head("/api/telemetry/{topic:rest}")
async def telemetry(topic: str) -> Response:
    """Accept and forget: this hub keeps no telemetry. Source: hub-core contract M2."""
    del topic
    return Response(status_code=204)
