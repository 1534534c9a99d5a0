"""What the caller, or an organization of theirs, owns and stores. Source: hub-core contract R6, R7."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos
from hubkeep.hub import Hub
from hubkeep.kit import BadInput, wire_date
from hubkeep.repos import Repo
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import cursor_of, limit_of, next_link

router = APIRouter()
PAGE = 1000


@router.get("/api/settings/repositories")
async def mine(request: Request, caller: Caller, hub: TheHub) -> Response:
    """List what the caller owns."""
    return await _owned(request, caller, hub, None)


@router.get("/api/organizations/{name:seg}/settings/repositories")
async def of_organization(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List what an organization owns, for its members."""
    return await _owned(request, caller, hub, name)


async def _owned(request: Request, caller: Caller, hub: Hub, owner: str | None) -> Response:
    after = cursor_of(request) or 0
    if not isinstance(after, int):
        raise BadInput(field="cursor", reason="it was altered")
    found, last = await hub.read(repos.list_owned, caller, owner, after=after, limit=limit_of(request, PAGE))
    return Json([_shown(repo) for repo in found], headers=next_link(request, hub, last))


def _shown(repo: Repo) -> dict[str, Any]:
    return {
        "id": repo.full_name,
        "type": repo.kind.value,
        "updatedAt": wire_date(repo.last_modified),
        "visibility": "private" if repo.private else "public",
        "storage": repo.used_storage,
    }
