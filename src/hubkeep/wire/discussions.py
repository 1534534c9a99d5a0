"""Discussions and pull requests. Source: hub-platform contract section 3."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hubkeep.accounts import Credentials
from hubkeep.community import discussions, notifications, pulls
from hubkeep.community.discussions import Happened, HideReason, Query, Reaction, Sorting, Status
from hubkeep.hub import Hub
from hubkeep.kit import BadInput
from hubkeep.repos import Kind
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import cursor_of, flag, limit_of, next_link
from hubkeep.wire.shapes import discussion as shape
from hubkeep.wire.shapes.ids import number_of
from hubkeep.wire.shapes.names import repo_url
from hubkeep.wire.shapes.speech import texts_of

router = APIRouter()
REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}/discussions"
ONE = REPO + "/{num:int}"
COMMENT = ONE + "/comment/{comment_id:seg}"

_TYPES = {"all": None, "discussion": False, "pull_request": True}
_STATUSES = {"all": None, "open": True, "closed": False}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _New(_Body):
    title: str
    description: str = ""
    pull_request: Annotated[bool, Field(alias="pullRequest")] = False
    base: str | None = None  # ours: the branch of a pull request


class _Comment(_Body):
    comment: str


class _MaybeComment(_Body):
    comment: str | None = None


class _Title(_Body):
    title: str


class _Status(_Body):
    status: Literal["open", "closed"]
    comment: str | None = None


class _Content(_Body):
    content: str


class _Hide(_Body):
    reason: HideReason | None = None


class _Pin(_Body):
    pinned: bool


class _Lock(_Body):
    locked: bool


class _Mute(_Body):
    muted: bool


class _React(_Body):
    reaction: Reaction
    on: bool = True


@router.get(REPO)
async def list_discussions(
    kind: Any, ns: str, name: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """List discussions and pull requests, 50 a page."""
    found = await hub.read(discussions.list_discussions, caller, kind, f"{ns}/{name}", _query(request))
    return Json(shape.listing(found, hub.url))


@router.post(REPO)
async def create(kind: Any, ns: str, name: str, body: _New, caller: Caller, hub: TheHub) -> Response:
    """Open a discussion, or a pull request that is a draft at first."""
    full_name = f"{ns}/{name}"
    if body.pull_request:
        made = await hub.write(
            pulls.open_draft, caller, hub.stores, kind, full_name, body.title, body.description, body.base
        )
    elif body.base is not None:
        raise BadInput(field="base", reason="only a pull request has a base")
    else:
        made = await hub.write(discussions.create, caller, kind, full_name, body.title, body.description)
    discussion = made.discussion
    shown: dict[str, Any] = {
        "num": discussion.num,
        "url": shape.page_url(hub.url, made.repo, discussion.num),
        "pullRequest": discussion.is_pull_request,
    }
    if discussion.is_pull_request:
        shown["references"] = {"base": discussion.base_ref}
    return Json(shown)


@router.get(ONE)
async def details(
    kind: Any, ns: str, name: str, num: int, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """Return a discussion with its events; `diff=1` adds what a pull request changes.

    Clients ask once: the answer has everything, up to 10,000 events. `limit` and the `Link` to more are for others.
    """
    after = cursor_of(request)
    if after is not None and not (isinstance(after, int) and after >= 0):
        raise BadInput(field="cursor", reason="it was altered")
    found = await hub.work(
        pulls.details,
        caller,
        kind,
        f"{ns}/{name}",
        num,
        diff=flag(request, "diff"),
        after=after or 0,
        limit=limit_of(request, discussions.MAX_EVENTS),
    )
    spoken = await hub.read(
        notifications.spoken_of, caller, found.details.repo, texts_of(found.details.events)
    )
    shown = await hub.compute(shape.details, found, hub.url, spoken)  # Markdown takes its time: in a thread
    return Json(shown, headers=next_link(request, hub, found.details.next))


@router.delete(ONE)
async def delete(kind: Any, ns: str, name: str, num: int, caller: Caller, hub: TheHub) -> Response:
    """Delete a discussion."""
    await hub.write(discussions.delete, caller, kind, f"{ns}/{name}", num)
    return Json({})


@router.post(ONE + "/comment")
async def comment(
    kind: Any, ns: str, name: str, num: int, body: _Comment, caller: Caller, hub: TheHub
) -> Response:
    """Add a comment."""
    made = await hub.write(discussions.comment, caller, kind, f"{ns}/{name}", num, body.comment)
    return Json({"newMessage": await _event(made, caller, hub)}, 201)


@router.post(COMMENT + "/edit")
async def edit(
    kind: Any, ns: str, name: str, num: int, comment_id: str, body: _Content, caller: Caller, hub: TheHub
) -> Response:
    """Change a comment."""
    made = await hub.write(
        discussions.edit_comment, caller, kind, f"{ns}/{name}", num, number_of(comment_id), body.content
    )
    return Json({"updatedComment": await _event(made, caller, hub)})


@router.post(COMMENT + "/hide")
async def hide(
    kind: Any,
    ns: str,
    name: str,
    num: int,
    comment_id: str,
    caller: Caller,
    hub: TheHub,
    body: _Hide | None = None,
) -> Response:
    """Hide a comment for good."""
    reason = body.reason if body else None
    made = await hub.write(
        discussions.hide_comment, caller, kind, f"{ns}/{name}", num, number_of(comment_id), reason
    )
    return Json({"updatedComment": await _event(made, caller, hub)})


@router.post(COMMENT + "/reaction")
async def react(
    kind: Any, ns: str, name: str, num: int, comment_id: str, body: _React, caller: Caller, hub: TheHub
) -> Response:
    """React to a comment, or take it back."""
    made = await hub.write(
        discussions.react, caller, kind, f"{ns}/{name}", num, number_of(comment_id), body.reaction, on=body.on
    )
    return Json({"updatedComment": await _event(made, caller, hub)})


@router.post(ONE + "/title")
async def rename(
    kind: Any, ns: str, name: str, num: int, body: _Title, caller: Caller, hub: TheHub
) -> Response:
    """Change the title."""
    made = await hub.write(discussions.rename, caller, kind, f"{ns}/{name}", num, body.title)
    return Json({"newTitle": await _event(made, caller, hub)})


@router.post(ONE + "/status")
async def change_status(
    kind: Any, ns: str, name: str, num: int, body: _Status, caller: Caller, hub: TheHub
) -> Response:
    """Open or close."""
    made = await hub.write(
        discussions.change_status, caller, kind, f"{ns}/{name}", num, Status(body.status), body.comment
    )
    return Json({"newStatus": await _event(made, caller, hub)})


@router.post(ONE + "/merge")
async def merge(
    kind: Any,
    ns: str,
    name: str,
    num: int,
    caller: Caller,
    hub: TheHub,
    body: _MaybeComment | None = None,
) -> Response:
    """Merge a pull request."""
    text = body.comment if body else None
    made = await hub.work(pulls.merge, caller, kind, f"{ns}/{name}", num, text)
    return Json({"newStatus": await _event(made, caller, hub), "mergeCommitId": made.discussion.merge_oid})


@router.post(ONE + "/pin")
async def pin(kind: Any, ns: str, name: str, num: int, body: _Pin, caller: Caller, hub: TheHub) -> Response:
    """Pin to the top of the list, or not."""
    found = await hub.write(discussions.pin, caller, kind, f"{ns}/{name}", num, pinned=body.pinned)
    return Json({"pinned": found.discussion.pinned})


@router.post(ONE + "/lock")
async def lock(kind: Any, ns: str, name: str, num: int, body: _Lock, caller: Caller, hub: TheHub) -> Response:
    """Keep a discussion to those who may write to the repository, or not."""
    found = await hub.write(discussions.lock, caller, kind, f"{ns}/{name}", num, locked=body.locked)
    return Json({"locked": found.discussion.locked})


@router.post(ONE + "/mute")
async def mute(kind: Any, ns: str, name: str, num: int, body: _Mute, caller: Caller, hub: TheHub) -> Response:
    """Stop hearing of a discussion, or listen again."""
    await hub.write(discussions.mute, caller, kind, f"{ns}/{name}", num, muted=body.muted)
    return Json({"muted": body.muted})


@router.get(ONE + "/diff")
async def diff(kind: Any, ns: str, name: str, num: int, caller: Caller, hub: TheHub) -> Response:
    """Stream everything that a pull request changes."""
    text = await hub.work(pulls.pull_diff, caller, kind, f"{ns}/{name}", num)
    return StreamingResponse(text, media_type="text/plain; charset=utf-8")


@router.get(ONE + "/storage")
async def storage(kind: Any, ns: str, name: str, num: int, caller: Caller, hub: TheHub) -> Response:
    """Tell about how much a pull request takes."""
    size, deleted = await hub.work(pulls.storage, caller, kind, f"{ns}/{name}", num)
    return Json({"estimatedStorage": size, "refDeleted": deleted})


@router.delete(ONE + "/ref")
async def delete_ref(kind: Any, ns: str, name: str, num: int, caller: Caller, hub: TheHub) -> Response:
    """Delete the ref of a pull request that is over."""
    await hub.write(pulls.delete_ref, caller, hub.stores, kind, f"{ns}/{name}", num)
    return Json({})


async def _event(made: Happened, caller: Credentials, hub: Hub) -> dict[str, Any]:
    """Shape what just happened; a comment as its page shows it."""
    if made.event.comment is None:
        return shape.event(made, hub.url)
    spoken = await hub.read(notifications.spoken_of, caller, made.repo, texts_of([made.event]))
    return await hub.compute(shape.event, made, hub.url, spoken)


async def opened_by_commit(
    hub: Hub, caller: Caller, kind: Kind, full_name: str, rev: str, body: Any
) -> dict[str, str]:
    """Open a pull request with a commit; return what the commit endpoint answers then. Source: hub-core contract U3."""
    opened = await hub.work(pulls.open_with_commit, caller, kind, full_name, rev, body)
    repo, num = opened.happened.repo, opened.happened.discussion.num
    return {
        "commitOid": opened.oid,
        "commitUrl": f"{repo_url(hub.url, repo.kind, repo.full_name)}/commit/{opened.oid}",
        "pullRequestUrl": shape.page_url(hub.url, repo, num),
    }


def _query(request: Request) -> Query:
    params = request.query_params
    page = params.get("p", "0")
    if not (page.isascii() and page.isdigit() and len(page) < 10):
        raise BadInput(field="p", reason=f"must be a page number from 0, not {page[:20]!r}")
    sort = params.get("sort")
    if sort is not None and sort not in set(Sorting):
        raise BadInput(field="sort", reason=f"{sort[:20]!r} is not one of {', '.join(Sorting)}")
    return Query(
        page=int(page),
        is_pull_request=_chosen(request, "type", _TYPES),
        is_open=_chosen(request, "status", _STATUSES),
        author=params.get("author") or None,
        search=params.get("search", "")[:200],
        sorting=Sorting(sort) if sort else None,
    )


def _chosen(request: Request, name: str, choices: dict[str, bool | None]) -> bool | None:
    text = request.query_params.get(name, "all")
    if text not in choices:
        raise BadInput(field=name, reason=f"{text[:20]!r} is not one of {', '.join(choices)}")
    return choices[text]
