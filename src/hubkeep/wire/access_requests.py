"""Gated repositories: ask for access, answer those who ask. Source: hub-platform contract section 5."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from hubkeep import repos
from hubkeep.hub import Hub
from hubkeep.kit import BadInput
from hubkeep.repos import AccessPlace, AccessRequest, AccessStatus, Kind, RequestPage, Whose
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.pages import cursor_of, limit_of, next_link
from hubkeep.wire.shapes import access_request as shape
from hubkeep.wire.shapes.ids import number_of

router = APIRouter()
REPO = "/api/{kind:plural}/{ns:seg}/{name:seg}/user-access-request"
PAGE = 1000  # Source: hub-platform contract section 5
MAX_BODY = 64 << 10


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Whose(_Body):
    user: str | None = None
    user_id: Annotated[str | None, Field(alias="userId")] = None

    def whose(self, request_id: str | None = None) -> Whose:
        """Return whose request is meant. Raises BadInput unless exactly one thing tells."""
        told = {"user": self.user, "userId": self.user_id, "requestId": request_id}
        given = [name for name, value in told.items() if value is not None]
        if len(given) != 1:
            raise BadInput(field="user", reason="name exactly one of `user`, `userId` or `requestId`")
        if request_id is not None:
            return Whose(request_id=number_of(request_id))
        return Whose(user_id=number_of(self.user_id)) if self.user_id is not None else Whose(self.user or "")


class _Handle(_Whose):
    request_id: Annotated[str | None, Field(alias="requestId")] = None
    status: AccessStatus
    rejection_reason: Annotated[str | None, Field(alias="rejectionReason")] = None


class _Batch(_Body):
    status: AccessStatus
    rejection_reason: Annotated[str | None, Field(alias="rejectionReason")] = None
    requests: list[_Whose]


@router.post(REPO + "/cancel")
async def cancel(kind: Any, ns: str, name: str, caller: Caller, hub: TheHub) -> Response:
    """Take the caller's own request back."""
    await hub.write(repos.cancel_my_access_request, caller, kind, f"{ns}/{name}")
    return Json({})


@router.post(REPO + "/handle")
async def handle(kind: Any, ns: str, name: str, body: _Handle, caller: Caller, hub: TheHub) -> Response:
    """Accept or reject a request, or put it back."""
    done = await hub.write(
        repos.handle_access_request,
        caller,
        kind,
        f"{ns}/{name}",
        body.whose(body.request_id),
        body.status,
        body.rejection_reason,
    )
    return Json(shape.access_request(done, hub.url))


@router.post(REPO + "/batch")
async def handle_many(kind: Any, ns: str, name: str, body: _Batch, caller: Caller, hub: TheHub) -> Response:
    """Accept, reject or put back many requests; the answer tells of each whether it was done."""
    done = await hub.write(
        repos.handle_access_requests,
        caller,
        kind,
        f"{ns}/{name}",
        [one.whose() for one in body.requests],
        body.status,
        body.rejection_reason,
    )
    told = [one.model_dump(by_alias=True, exclude_none=True) for one in body.requests]
    return Json(
        [
            who | ({"ok": True} if problem is None else {"ok": False, "error": problem})
            for who, problem in zip(told, done, strict=True)
        ]
    )


@router.post(REPO + "/grant")
async def grant(kind: Any, ns: str, name: str, body: _Whose, caller: Caller, hub: TheHub) -> Response:
    """Let somebody in who did not ask. The client reads JSON."""
    done = await hub.write(repos.grant_access, caller, kind, f"{ns}/{name}", body.whose())
    return Json(shape.access_request(done, hub.url))


@router.get(REPO + "/{status:seg}")
async def list_requests(
    kind: Any, ns: str, name: str, status: str, request: Request, caller: Caller, hub: TheHub
) -> Response:
    """List requests in one status, the latest first."""
    if status not in {one.value for one in AccessStatus}:
        raise BadInput(field="status", reason=f"must be one of {', '.join(AccessStatus)}")
    page = await hub.read(
        repos.list_access_requests,
        caller,
        kind,
        f"{ns}/{name}",
        AccessStatus(status),
        after=_moment(request, "after"),
        before=_moment(request, "before"),
        start=_start(request),
        limit=limit_of(request, PAGE),
    )
    following = [page.next[0].isoformat(), page.next[1]] if page.next else None
    return Json(
        [shape.access_request(one, hub.url) for one in page.requests],
        headers=next_link(request, hub, following),
    )


@router.post("/{kind:prefix}{ns:seg}/{name:seg}/ask-access")
async def ask(kind: Any, ns: str, name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """Ask for access with the answers to the card's form, by label: JSON, or a form of a program that has a token."""
    answers = await _answers(request)
    await hub.write(repos.ask_access, caller, kind, f"{ns}/{name}", answers)
    return RedirectResponse(f"{hub.url}/{kind.prefix}{ns}/{name}", 303)


@router.get("/{kind:prefix}{ns:seg}/{name:seg}/user-access-report")
async def report(kind: Any, ns: str, name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """Send everything about everybody who asked, as a file: JSON, or with `?format=csv` a table."""
    wanted = request.query_params.get("format", "json")
    if wanted not in ("json", "csv"):
        raise BadInput(field="format", reason="must be json or csv")
    read = _Reader(hub, caller, kind, f"{ns}/{name}")
    first = await read.page(AccessStatus.ACCEPTED, None)  # whoever may not is told before anything is sent
    write, media = (_csv, "text/csv; charset=utf-8") if wanted == "csv" else (_json, "application/json")
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-access-report.{wanted}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(write(read.all(first)), media_type=media, headers=headers)


class _Reader:
    """Reads every request of a repository, page by page, so that a report takes no memory and holds no transaction."""

    def __init__(self, hub: Hub, caller: Caller, kind: Kind, full_name: str) -> None:
        self._hub, self._caller, self._asked = hub, caller, (kind, full_name)

    async def page(self, status: AccessStatus, start: AccessPlace | None) -> RequestPage:
        return await self._hub.read(
            repos.list_access_requests, self._caller, *self._asked, status, start=start, limit=PAGE
        )

    async def all(self, page: RequestPage) -> AsyncIterator[Sequence[AccessRequest]]:
        for status in AccessStatus.ACCEPTED, AccessStatus.PENDING, AccessStatus.REJECTED:
            if status is not AccessStatus.ACCEPTED:
                page = await self.page(status, None)
            yield page.requests
            while page.next is not None:
                page = await self.page(status, page.next)
                yield page.requests


async def _json(pages: AsyncIterator[Sequence[AccessRequest]]) -> AsyncIterator[bytes]:
    before = b"[\n"
    async for requests in pages:
        for one in requests:
            yield before + orjson.dumps(shape.report(one))
            before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


async def _csv(pages: AsyncIterator[Sequence[AccessRequest]]) -> AsyncIterator[bytes]:
    yield _line(["user", "fullname", "status", "email", "time", "reviewedAt", "answers"])
    async for requests in pages:
        for one in requests:
            row = shape.report(one)
            answers = orjson.dumps(row.pop("fields", {})).decode()
            yield _line([*(str(value or "") for value in row.values()), answers])


def _line(cells: Sequence[str]) -> bytes:
    """Write a line of a table. No cell becomes a formula in whoever's spreadsheet."""
    text = io.StringIO()
    csv.writer(text).writerow(
        [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells]
    )
    return text.getvalue().encode()


async def _answers(request: Request) -> Mapping[str, Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise BadInput(field="The body", reason=f"at most {MAX_BODY:,} bytes")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
        answers = orjson.loads(body or b"{}")
    except ValueError:
        raise BadInput(field="The body", reason="must be a JSON object, or a form") from None
    if not isinstance(answers, dict):
        raise BadInput(field="The body", reason="must be a JSON object, or a form")
    return answers


def _moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(field=name, reason="must be a moment as in 2026-01-31T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _start(request: Request) -> AccessPlace | None:
    cursor = cursor_of(request)
    if cursor is None:
        return None
    try:
        at, number = cursor
        return datetime.fromisoformat(at), int(number)
    except (TypeError, ValueError):
        raise BadInput(field="cursor", reason="it was altered") from None
