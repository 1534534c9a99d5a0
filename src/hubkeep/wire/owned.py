"""What the caller, or an organization of theirs, owns and stores. Source: hub-core contract R6, R7."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.hub import Hub
from hubkeep.kit import BadInput, ReadTx, wire_date
from hubkeep.kit.settings import QuotaSettings
from hubkeep.repos import Repo, Storage
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
    quotas, limit = hub.settings.quotas, limit_of(request, PAGE)
    (found, last), storage = await hub.read(_page, caller, quotas, owner, after, limit)
    return Json([_shown(repo, storage) for repo in found], headers=next_link(request, hub, last))


def _page(
    tx: ReadTx, actor: Actor, quotas: QuotaSettings, owner: str | None, after: int, limit: int
) -> tuple[tuple[list[Repo], int | None], Storage]:
    listed = repos.list_owned(tx, actor, owner, after=after, limit=limit)
    return listed, repos.storage_of(tx, actor, quotas, owner)


def _shown(repo: Repo, storage: Storage) -> dict[str, Any]:
    return {
        "id": repo.full_name,
        "type": repo.kind.value,
        "updatedAt": wire_date(repo.last_modified),
        "visibility": "private" if repo.private else "public",
        "storage": repo.used_storage,
        "storagePercent": storage.percent(repo.used_storage),
    }
