"""Notifications and what people watch. Source: hub-platform contract section 7."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos
from hubkeep.accounts import Actor, OwnerNotFound, owner_now
from hubkeep.community import notifications
from hubkeep.community.notifications import Filter, Reason, Target, Watched, WatchState
from hubkeep.kit import BadInput, HubError, ReadTx, WriteTx
from hubkeep.repos import Kind
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import flag
from hubkeep.wire.shapes import notification as shape
from hubkeep.wire.shapes.ids import number_of

router = APIRouter()
PATH = "/api/notifications"
_REASONS = {
    "all": frozenset(Reason),
    "participating": frozenset({Reason.MENTION, Reason.PARTICIPATING}),
    "mentions": frozenset({Reason.MENTION}),
}
_NOT_HERE = ("postAuthor", "paperId", "articleId")  # this hub has none of these: nothing matches


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Chosen(_Body):
    discussion_ids: Annotated[list[str] | None, Field(alias="discussionIds", max_length=1000)] = None


class _Mark(_Chosen):
    read: bool = True


class _Switches(_Body):
    notifications: dict[str, bool | str]
    prepaid_amount: Annotated[str | None, Field(alias="prepaidAmount")] = None


class _Target(_Body):
    id: str
    type: Literal["org", "user", "repo"]


class _Watch(_Body):
    add: list[_Target] = []
    delete: list[_Target] = []


@router.get(PATH)
async def list_notifications(request: Request, caller: Caller, hub: TheHub) -> Response:
    """List the caller's notifications, 25 a page."""
    page = request.query_params.get("p", "0")
    if not (page.isascii() and page.isdigit() and len(page) < 10):
        raise BadInput(field="p", reason=f"must be a page number from 0, not {page[:20]!r}")
    ask = _filter(request)

    def listed(tx: ReadTx, actor: Actor) -> notifications.Page:
        return notifications.list_notifications(tx, actor, ask(tx, actor), int(page))

    return Json(shape.page(await hub.read(listed, caller), hub.url))


@router.post(PATH + "/mark-as-read")
async def mark(request: Request, caller: Caller, hub: TheHub, body: _Mark | None = None) -> Response:
    """Mark notifications read: those named, or with `applyToAll` those of the query."""
    body = body or _Mark()
    choose = _choice(request, body)
    changed = await hub.write(
        lambda tx, actor: notifications.mark(tx, actor, choose(tx, actor), read=body.read), caller
    )
    return Json({"changed": changed})


@router.delete(PATH)
async def clear(request: Request, caller: Caller, hub: TheHub, body: _Chosen | None = None) -> Response:
    """Let notifications go: those named, or with `applyToAll` those of the query."""
    choose = _choice(request, body or _Chosen())
    changed = await hub.write(lambda tx, actor: notifications.clear(tx, actor, choose(tx, actor)), caller)
    return Json({"changed": changed})


@router.get("/api/settings/notifications")
async def switches(caller: Caller, hub: TheHub) -> Response:
    """Show the caller's switches."""
    return Json({"notifications": await hub.read(notifications.switches, caller)})


@router.patch("/api/settings/notifications")
async def set_switches(body: _Switches, caller: Caller, hub: TheHub) -> Response:
    """Change some of the caller's switches."""
    wanted = {name: value for name, value in body.notifications.items() if isinstance(value, bool)}
    # A moment, not a switch: product news, of which this hub sends none.
    if other := body.notifications.keys() - wanted.keys() - {"product_updates_after"}:
        raise BadInput(field=f"notifications.{min(other)}", reason="must be true or false")
    return Json({"notifications": await hub.write(notifications.set_switches, caller, wanted)})


@router.get("/api/settings/watch")
async def watched(caller: Caller, hub: TheHub) -> Response:
    """Show what the caller watches and what they muted."""
    return Json(_watch_state(await hub.read(notifications.watched, caller)))


@router.patch("/api/settings/watch")
async def watch(body: _Watch, caller: Caller, hub: TheHub) -> Response:
    """Watch some things and stop hearing of others; ids are those of the API, or names (`owner`, `datasets/owner/name`)."""

    def change(tx: WriteTx, actor: Actor) -> WatchState:
        add, remove = ([_target(tx, actor, one) for one in some] for some in (body.add, body.delete))
        return notifications.watch(tx, actor, add, remove)

    return Json(_watch_state(await hub.write(change, caller)))


def _target(tx: ReadTx, actor: Actor, one: _Target) -> Target:
    kind, number = Watched(one.type), number_of(one.id)
    if number:
        return Target(kind, number)
    try:
        if kind is Watched.REPO:
            return Target(kind, repos.get(tx, actor, *_repo_name(one.id)).id)
        return Target(kind, owner_now(tx, one.id).id)
    except (repos.RepoNotFound, OwnerNotFound):
        raise notifications.NothingToWatch(kind=one.type, id=one.id) from None


def _repo_name(text: str) -> tuple[Kind, str]:
    """Read `owner/name` (a model) or `datasets/owner/name`."""
    prefix, _, rest = text.partition("/")
    for kind in Kind:
        if prefix == kind.plural and rest.count("/") == 1:
            return kind, rest
    return Kind.MODEL, text


def _choice(request: Request, body: _Chosen) -> Any:
    """Return a function that says what a call is about. Raises BadInput when it says nothing."""
    if flag(request, "applyToAll"):
        return _filter(request)
    if body.discussion_ids is None:
        raise BadInput(field="discussionIds", reason="is missing; or set applyToAll=true")
    ids = [number_of(text) for text in body.discussion_ids]
    return lambda _tx, _actor: ids


def _filter(request: Request) -> Any:
    """Return a function that builds the filter of the query; repositories are looked up inside the transaction."""
    params = request.query_params
    status, mention = params.get("readStatus", "all"), params.get("mention", "all")
    if status not in ("all", "unread"):
        raise BadInput(field="readStatus", reason=f"{status[:20]!r} is not one of all, unread")
    if mention not in _REASONS:
        raise BadInput(field="mention", reason=f"{mention[:20]!r} is not one of {', '.join(_REASONS)}")
    kind, name, until = params.get("repoType"), params.get("repoName"), _moment(params.get("lastUpdate"))
    if kind is not None and kind not in (*Kind, "bucket"):
        raise BadInput(field="repoType", reason=f"{kind[:20]!r} is not one of {', '.join(Kind)}")

    def build(tx: ReadTx, actor: Actor) -> Filter:
        return Filter(
            unread=status == "unread",
            reasons=_REASONS[mention],
            kind=kind,
            repo_ids=None if name is None else _numbers(tx, actor, kind, name),
            until=until,
            nothing=any(params.get(key) for key in _NOT_HERE),
        )

    return build


def _numbers(tx: ReadTx, actor: Actor, kind: str | None, name: str) -> list[int]:
    """Return the repositories of that name that the actor may see, of one kind or of each."""
    found = []
    for one in [Kind(kind)] if kind in set(Kind) else list(Kind):
        try:
            found.append(repos.get(tx, actor, one, name).id)
        except HubError:
            continue
    return found


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(field="lastUpdate", reason="must be a date like 2024-01-02T03:04:05.000Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _watch_state(state: WatchState) -> dict[str, Any]:
    return {
        "watched": [{"id": f"{one.id:024x}", "type": one.kind.value} for one in state.watched],
        "muted": [{"id": f"{one.id:024x}", "type": one.kind.value} for one in state.muted],
    }
