"""Large files of a repository: list, delete for good, copy to another one; safetensors headers."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos
from hubkeep.kit import BadInput, wire_date
from hubkeep.repos import Kind, LfsFile
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import cursor_of, flag, limit_of, next_link

router = APIRouter()
REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}"
PAGE = 1000  # Source: hub-core contract 2.7


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Deletions(_Body):
    sha: list[str]
    rewrite_history: Annotated[bool, Field(alias="rewriteHistory")] = False


class _Delete(_Body):
    deletions: _Deletions


class _Target(_Body):
    type: Kind
    name: str


class _Copied(_Body):
    xet_hash: Annotated[str | None, Field(alias="xetHash")] = None
    sha256: str
    filename: str | None = None


class _Copy(_Body):
    target: _Target
    files: list[_Copied]


@router.get(REPO + "/lfs-files")
async def list_lfs_files(
    kind: Any, ns: str, name: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """List large files. Source: hub-core contract G10."""
    after = cursor_of(request)
    if after is not None and not isinstance(after, str):
        raise BadInput(field="cursor", reason="it was altered")
    limit = limit_of(request, PAGE)
    found, last = await hub.work(repos.lfs_files, caller, kind, f"{ns}/{name}", after=after, limit=limit)
    return Json([_shown(file) for file in found], headers=next_link(request, hub, last))


@router.post(REPO + "/lfs-files/batch")
async def delete_many(kind: Any, ns: str, name: str, body: _Delete, caller: Caller, hub: TheHub) -> Response:
    """Delete large files for good."""
    wanted, rewrite = body.deletions.sha, body.deletions.rewrite_history
    await hub.work(repos.delete_lfs_files, caller, kind, f"{ns}/{name}", wanted, rewrite_history=rewrite)
    return Json({})


@router.delete(REPO + "/lfs-files/{sha:seg}")
async def delete_one(
    kind: Any, ns: str, name: str, sha: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """Delete one large file for good."""
    rewrite = flag(request, "rewriteHistory")
    await hub.work(repos.delete_lfs_files, caller, kind, f"{ns}/{name}", [sha], rewrite_history=rewrite)
    return Json({})


@router.post(REPO + "/lfs-files/duplicate")
async def copy(kind: Any, ns: str, name: str, body: _Copy, caller: Caller, hub: TheHub) -> Response:
    """Give another repository these files. Source: hub-core contract G13."""
    wanted = [file.sha256 for file in body.files]
    target = body.target
    missing = await hub.write(
        repos.copy_lfs_files, caller, hub.stores, kind, f"{ns}/{name}", target.type, target.name, wanted
    )
    failed = [{"sha256": sha256, "error": "Not a large file of the source repository"} for sha256 in missing]
    counts = {"processed": len(wanted), "succeeded": len(wanted) - len(failed)}
    return Json({"success": not failed, **counts, "failed": failed}, 207 if failed else 200)


@router.get(REPO + "/safetensors-metadata/{path:rest}")
async def safetensors_metadata(
    kind: Any, ns: str, name: str, path: str, caller: Caller, hub: TheHub
) -> Response:
    """Show every tensor of a sharded model. Source: hub-core contract G14."""
    index, headers = await hub.read(
        repos.safetensors_metadata, caller, hub.stores, kind, f"{ns}/{name}", path
    )
    return Json({"index": index, "headers": headers})


def _shown(file: LfsFile) -> dict[str, Any]:
    shown = {
        "fileOid": file.sha256,
        "oid": file.sha256,
        "filename": file.filename,
        "size": file.size,
        "pushedAt": wire_date(file.pushed_at),
    }
    if file.xet_hash:
        shown["xetHash"] = file.xet_hash
    if file.ref:
        shown["ref"] = file.ref.removeprefix("refs/heads/")
    return shown
