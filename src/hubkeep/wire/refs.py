"""Branches, tags, special refs, squash."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos
from hubkeep.kit import NotBuiltYet
from hubkeep.repos import Ref
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import flag

router = APIRouter()
REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Branch(_Body):
    starting_point: Annotated[str | None, Field(alias="startingPoint")] = None
    empty_branch: Annotated[bool, Field(alias="emptyBranch")] = False
    overwrite: bool = False


class _Tag(_Body):
    tag: str
    message: str | None = None


class _Squash(_Body):
    message: str | None = None


@router.get(REPO + "/refs")
async def list_refs(kind: Any, ns: str, name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List every ref. Source: hub-core contract G4: three lists always, pull requests when asked."""
    found = await hub.read(repos.list_refs, caller, kind, f"{ns}/{name}")
    shown = {
        "branches": _under(found, "refs/heads/"),
        "converts": _under(found, "refs/convert/"),
        "tags": _under(found, "refs/tags/"),
    }
    if flag(request, "include_prs") or flag(request, "include_pull_requests"):
        shown["pullRequests"] = _under(found, "refs/pr/")
    return Json(shown)


@router.post(REPO + "/branch/{rev:rest}")
async def create_branch(
    kind: Any, ns: str, name: str, rev: str, caller: Caller, hub: TheHub, body: _Branch | None = None
) -> Response:
    """Create a branch."""
    body = body or _Branch()
    if body.empty_branch:
        raise NotBuiltYet(feature="Creating an empty branch")
    await hub.work(
        repos.create_branch, caller, kind, f"{ns}/{name}", rev, body.starting_point, overwrite=body.overwrite
    )
    return Json({})


@router.delete(REPO + "/branch/{rev:rest}")
async def delete_branch(kind: Any, ns: str, name: str, rev: str, caller: Caller, hub: TheHub) -> Response:
    """Delete a branch."""
    await hub.work(repos.delete_branch, caller, kind, f"{ns}/{name}", rev)
    return Json({})


@router.post(REPO + "/tag/{rev:rev}")
async def create_tag(
    kind: Any, ns: str, name: str, rev: str, body: _Tag, caller: Caller, hub: TheHub
) -> Response:
    """Create a tag. Source: hub-core contract trap 41: the target is in the path, the name in the body."""
    await hub.work(repos.create_tag, caller, kind, f"{ns}/{name}", body.tag, rev, body.message)
    return Json({})


@router.delete(REPO + "/tag/{rev:rest}")
async def delete_tag(kind: Any, ns: str, name: str, rev: str, caller: Caller, hub: TheHub) -> Response:
    """Delete a tag; here the path holds its name."""
    await hub.work(repos.delete_tag, caller, kind, f"{ns}/{name}", rev)
    return Json({})


@router.post(REPO + "/super-squash/{rev:rest}")
async def super_squash(
    kind: Any, ns: str, name: str, rev: str, caller: Caller, hub: TheHub, body: _Squash | None = None
) -> Response:
    """Replace a branch's history by one commit."""
    oid = await hub.work(
        repos.super_squash, caller, kind, f"{ns}/{name}", rev, body.message if body else None
    )
    return Json({"commitId": oid})


def _under(refs: list[Ref], prefix: str) -> list[dict[str, str]]:
    return [
        {"name": ref.name.removeprefix(prefix), "ref": ref.name, "targetCommit": ref.commit_oid}
        for ref in refs
        if ref.name.startswith(prefix)
    ]
