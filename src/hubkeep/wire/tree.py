"""What is in a repository: tree, paths-info, treesize."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos
from hubkeep.kit import BadInput
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import cursor_of, flag, limit_of, next_link
from hubkeep.wire.shapes.entry import entry

router = APIRouter()
REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}"
PAGE, EXPANDED_PAGE = 1000, 50  # Source: hub-core contract 2.7


@router.get(REPO + "/tree/{rev:rev}")
async def root(
    kind: Any, ns: str, name: str, rev: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """List the root folder."""
    return await folder(kind, ns, name, rev, "", request, caller, hub)


@router.get(REPO + "/tree/{rev:rev}/{path:rest}")
async def folder(
    kind: Any, ns: str, name: str, rev: str, path: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """List a folder; with `recursive`, everything below it, folders too."""
    expand, recursive = flag(request, "expand"), flag(request, "recursive")
    after = cursor_of(request)
    if after is not None and not isinstance(after, str):
        raise BadInput(field="cursor", reason="it was altered")
    limit = limit_of(request, EXPANDED_PAGE if expand else PAGE)
    page = await hub.read(
        repos.tree,
        caller,
        hub.stores,
        kind,
        f"{ns}/{name}",
        rev,
        path,
        recursive=recursive,
        expand=expand,
        after=after,
        limit=limit,
    )
    return Json([entry(listed) for listed in page.entries], headers=next_link(request, hub, page.next))


@router.post(REPO + "/paths-info/{rev:rev}")
async def paths_info(
    kind: Any, ns: str, name: str, rev: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """Look up many paths. Source: hub-core contract trap 45: a form from Python, JSON from JavaScript."""
    paths, expand = await _asked(request)
    found = await hub.read(
        repos.paths_info, caller, hub.stores, kind, f"{ns}/{name}", rev, paths, expand=expand
    )
    return Json([entry(listed) for listed in found])


@router.get(REPO + "/treesize/{rev:rev}/{path:rest}")
async def tree_size(
    kind: Any, ns: str, name: str, rev: str, path: str, caller: Caller, hub: TheHub
) -> Response:
    """Add up a folder."""
    size = await hub.read(repos.tree_size, caller, hub.stores, kind, f"{ns}/{name}", rev, path)
    return Json({"path": path.strip("/"), "size": size})


async def _asked(request: Request) -> tuple[list[str], bool]:
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = await request.json()
            paths, expand = body["paths"], body.get("expand", False)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadInput(field="paths", reason="the body must be an object with a list `paths`") from None
    else:
        form = await request.form(max_fields=10_000)
        paths, expand = form.getlist("paths"), str(form.get("expand", "")).lower() == "true"
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise BadInput(field="paths", reason="must be a list of texts")
    return [str(path) for path in paths], bool(expand)
