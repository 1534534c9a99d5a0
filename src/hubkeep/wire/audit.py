"""The audit log as a file: of an organization for its administrators, of the hub for operators.

Source: hub-platform contract section 17.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hubkeep import accounts
from hubkeep.accounts import Actor, AuditAuthors, AuditEntry, AuditFilter, Credentials
from hubkeep.hub import Hub
from hubkeep.kit import ReadTx, wire_date
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.shapes.names import avatar_url, object_id

router = APIRouter()
MOST = 100_000  # entries of one file
PAGE = 1000


@dataclass(frozen=True)
class _Page:
    entries: Sequence[AuditEntry]
    authors: AuditAuthors


@router.get("/api/organizations/{name:seg}/audit-log/export")
async def of_organization(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """Send what was done to an organization and its repositories, the newest first."""
    return await _export(request, caller, hub, name)


@router.get("/api/audit-log/export")
async def of_hub(request: Request, caller: Caller, hub: TheHub) -> Response:
    """Send what was done on this hub, the newest first."""
    return await _export(request, caller, hub, None)


async def _export(request: Request, caller: Credentials, hub: Hub, org: str | None) -> Response:
    """Answer with a JSON list that is read while it is sent; a refusal comes before its first byte."""
    wanted = accounts.read_audit_words(request.query_params.get("q", ""))
    first = await hub.read(_page, caller, org, wanted, None)
    headers = {"Content-Disposition": f'attachment; filename="audit-log-{org or "hub"}.json"'}
    return StreamingResponse(
        _pieces(hub, caller, org, wanted, first), media_type="application/json", headers=headers
    )


async def _pieces(
    hub: Hub, caller: Credentials, org: str | None, wanted: AuditFilter, page: _Page
) -> AsyncIterator[bytes]:
    sent, before = 0, b"["
    while page.entries:
        entries = page.entries[: MOST - sent]
        yield before + b",\n".join(orjson.dumps(_shown(entry, page.authors, hub.url)) for entry in entries)
        sent, before = sent + len(entries), b",\n"
        if sent >= MOST or len(page.entries) < PAGE:
            break
        page = await hub.read(_page, caller, org, wanted, page.entries[-1].id)
    yield b"]\n" if sent else b"[]\n"


def _page(tx: ReadTx, actor: Actor, org: str | None, wanted: AuditFilter, before: int | None) -> _Page:
    if org is None:
        found = accounts.audit_entries(tx, actor, wanted, before=before, limit=PAGE)
    else:
        found = accounts.org_audit_entries(tx, actor, org, wanted, before=before, limit=PAGE)
    return _Page(found, accounts.audit_authors(tx, found))


def _shown(entry: AuditEntry, authors: AuditAuthors, base: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "_id": object_id(entry.id, entry.at),
        "createdAt": wire_date(entry.at),
        "type": entry.type,
        "message": accounts.audit_sentence(entry),
        "data": entry.data,
        "ip": entry.address,
        "userAgent": entry.agent,
        "author": _author(entry, authors, base),
        "token": _token(entry, authors),
    }
    return {name: value for name, value in shown.items() if value not in ("", None)}


def _author(entry: AuditEntry, authors: AuditAuthors, base: str) -> dict[str, Any]:
    known = authors.people.get(entry.actor_id or 0)
    born: datetime = known.created_at if known is not None else entry.at
    author = {
        "_id": object_id(entry.actor_id or 0, born),
        "user": known.name if known is not None else entry.actor_name,
        "avatarUrl": avatar_url(base, entry.actor_name, known.avatar if known is not None else ""),
        "type": "system" if entry.actor_id is None else "user",
    }
    return author | ({"deleted": True} if entry.actor_id is not None and known is None else {})


def _token(entry: AuditEntry, authors: AuditAuthors) -> dict[str, Any] | None:
    if entry.token_id is None:
        return None
    shown: dict[str, Any] = {"type": "access_token", "id": object_id(entry.token_id, entry.at)}
    token = authors.tokens.get(entry.token_id)
    if token is None:
        return shown | {"deleted": True}
    return shown | {"role": token.role.value, "last4": token.last4, "deleted": False}
