"""Repo info at any revision, and permission checks."""

from dataclasses import replace
from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos, search
from hubkeep.accounts import Action, Actor
from hubkeep.community import pulls
from hubkeep.hub import Hub
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search import Linked
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import flag, many
from hubkeep.wire.shapes import info as shape
from hubkeep.wire.shapes.group import group_ref

router = APIRouter()
REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}"


@router.get(REPO)
async def repo_info(kind: Any, ns: str, name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """Facts of a repository on its default branch."""
    return await _info(request, caller, hub, kind, f"{ns}/{name}", None)


@router.get(REPO + "/revision/{rev:rev}")
async def repo_info_at(
    kind: Any, ns: str, name: str, rev: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """Facts of a repository at a revision."""
    return await _info(request, caller, hub, kind, f"{ns}/{name}", rev)


@router.get(REPO + "/auth-check")
async def auth_check(kind: Any, ns: str, name: str, caller: Caller, hub: TheHub) -> Response:
    """Succeed if the caller may read the repository, and what is in it. Source: hub-platform contract 1.5."""
    await hub.read(repos.get_content, caller, kind, f"{ns}/{name}")
    return Json({})


@router.get(REPO + "/auth-check/write")
async def auth_check_write(kind: Any, ns: str, name: str, caller: Caller, hub: TheHub) -> Response:
    """Succeed if the caller may write to the repository."""
    await hub.read(repos.get_for, caller, kind, f"{ns}/{name}", Action.WRITE)
    return Json({})


@router.get(REPO + "/scan")
async def scan(kind: Any, ns: str, name: str, caller: Caller, hub: TheHub) -> Response:
    """Tell what malware scans found: this hub runs none."""
    await hub.read(repos.get_for, caller, kind, f"{ns}/{name}", Action.READ)
    return Json({"scansDone": False, "filesWithIssues": []})


async def _info(
    request: Request, caller: Caller, hub: Hub, kind: Kind, full_name: str, rev: str | None
) -> Response:
    asked = shape.check_expand(kind, many(request, "expand"))
    blobs, security = flag(request, "blobs"), flag(request, "securityStatus")
    siblings = not asked or "siblings" in asked
    looks = kind is Kind.MODEL and (not asked or not shape.FROM_THE_INDEX.isdisjoint(asked))
    found, linked = await hub.read(
        _facts, caller, hub, kind, full_name, rev, siblings=siblings, blobs=blobs, looks=looks
    )
    found = await _with_proposed(caller, hub, found) if "evalResults" in asked else found
    shown = shape.expanded(found, asked, linked) if asked else shape.full(found, linked, blobs=blobs)
    if "resourceGroup" in asked and found.repo.resource_group_id is not None:
        group = await hub.read(repos.resource_group_of, caller, kind, full_name)
        shown |= {"resourceGroup": group_ref(group)} if group else {}
    if security:
        shown["securityRepoStatus"] = {"scansDone": False, "filesWithIssues": []}
    return Json(shown)


async def _with_proposed(caller: Caller, hub: Hub, found: Info) -> Info:
    """Return the facts with the results that open pull requests propose. Source: hub-platform contract section 10."""
    proposed = await hub.read(lambda tx, _: pulls.results_of_pulls(tx, found.repo.id), caller)
    more = [*found.metadata.eval_results, *proposed]
    return replace(found, metadata=msgspec.structs.replace(found.metadata, eval_results=more))


def _facts(
    tx: ReadTx,
    actor: Actor,
    hub: Hub,
    kind: Kind,
    full_name: str,
    rev: str | None,
    *,
    siblings: bool,
    blobs: bool,
    looks: bool,
) -> tuple[Info, Linked | None]:
    found = repos.info(tx, actor, hub.stores, kind, full_name, rev, siblings=siblings, blobs=blobs)
    linked = search.linked(tx, actor, kind, found.repo.full_name, shape.MAX_SPACES) if looks else None
    return found, linked
