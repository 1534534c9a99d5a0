"""Small calls that every client process may make."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

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


@router.get("/robots.txt")
async def robots() -> Response:
    """Keep crawlers off the API and the downloads."""
    return PlainTextResponse("User-agent: *\nDisallow: /api/\nDisallow: /*/resolve/\nDisallow: /*/raw/\n")
