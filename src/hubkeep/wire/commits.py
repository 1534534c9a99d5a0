"""History: commits and differences."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hubkeep import repos
from hubkeep.git import Commit
from hubkeep.kit import BadInput, wire_date
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import cursor_of, limit_of, many, next_link

router = APIRouter()
REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}"
PAGE, MAX_PAGE = 50, 1000  # Source: hub-core contract 2.7


@router.get(REPO + "/commits/{rev:rev}")
async def commits(
    kind: Any, ns: str, name: str, rev: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """List commits, newest first. Source: hub-core contract G3."""
    limit = limit_of(request, MAX_PAGE, PAGE)
    skip = _skip(request, limit)
    found = await hub.read(
        repos.history, caller, hub.stores, kind, f"{ns}/{name}", rev, skip=skip, limit=limit
    )
    formatted = "formatted" in many(request, "expand")
    headers = {"X-Total-Count": str(found.total)} | next_link(
        request, hub, skip + limit if found.more else None
    )
    return Json([_commit(commit, formatted=formatted) for commit in found.commits], headers=headers)


@router.get(REPO + "/compare/{span:rest}")
async def compare(
    kind: Any, ns: str, name: str, span: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """Show what changed between two revisions (`base..head`), as text."""
    base, dots, head = span.partition("..")
    head = head.removeprefix(".")
    if not (base and dots and head):
        raise BadInput(field="compare", reason="must be `base..head`")
    raw = request.query_params.get("raw", "").lower() == "true"
    text = await hub.work(repos.compare, caller, kind, f"{ns}/{name}", base, head, raw=raw)
    return StreamingResponse(
        text, media_type="text/plain; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"}
    )


def _skip(request: Request, limit: int) -> int:
    cursor, page = cursor_of(request), request.query_params.get("p")
    if cursor is None and page is None:
        return 0
    if cursor is not None and isinstance(cursor, int) and cursor >= 0:
        return cursor
    if page is not None and page.isascii() and page.isdigit():
        return int(page) * limit
    raise BadInput(
        field="cursor" if cursor is not None else "p", reason="must be a page that this list offered"
    )


def _commit(commit: Commit, *, formatted: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": commit.oid,
        "title": commit.title,
        "message": commit.body,
        "authors": [{"user": commit.author}],
        "date": wire_date(commit.date),
    }
    if formatted:
        shown["formatted"] = {"title": commit.title, "message": commit.body}
    return shown
