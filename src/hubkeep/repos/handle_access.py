"""Answer requests for access: accept, reject, put back; let people in who did not ask."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.accounts import Actor, BadCredentials, OwnerNotFound, actor_of, user_by_id, user_named
from hubkeep.kit import BadInput, TooLarge, WriteTx, now
from hubkeep.kit.tables import insert_missing
from hubkeep.repos.access_requests import access_request_of, keeps_gate, request_by_id
from hubkeep.repos.access_types import AccessRequest, AccessStatus
from hubkeep.repos.audited import audited
from hubkeep.repos.errors import AccessRequestNotFound, AccessUnchanged, HasAccess
from hubkeep.repos.events import AccessReviewed
from hubkeep.repos.gate import passes_gate
from hubkeep.repos.tables import access_requests
from hubkeep.repos.types import Kind, Repo

MAX_REASON = 200
MAX_BATCH = 100
_ACTS = {
    AccessStatus.ACCEPTED: "access_request.accept",
    AccessStatus.REJECTED: "access_request.reject",
    AccessStatus.PENDING: "access_request.reset",
}


@dataclass(frozen=True)
class Whose:
    """Whose request: by name, by the person's number, or by the request's own."""

    name: str = ""
    user_id: int | None = None
    request_id: int | None = None


def handle_access_request(
    tx: WriteTx,
    actor: Actor,
    kind: Kind,
    full_name: str,
    whose: Whose,
    status: AccessStatus,
    reason: str | None = None,
) -> AccessRequest:
    """Accept or reject a request, or put it back among those that wait. Only a rejection has a reason, of 200 characters at most.

    Raises:
        OwnerNotFound, AccessRequestNotFound, AccessUnchanged: no such person, no request, decided so before.
        BadInput, and what `keeps_gate` raises.
    """
    repo = keeps_gate(tx, actor, kind, full_name)
    _check_reason(status, reason)
    return _handle(tx, actor, repo, whose, status, reason or "")


def handle_access_requests(
    tx: WriteTx,
    actor: Actor,
    kind: Kind,
    full_name: str,
    many: Sequence[Whose],
    status: AccessStatus,
    reason: str | None = None,
) -> list[str | None]:
    """Do the same for up to 100 people; return for each None, or in a word why it was not done.

    Source: hub-platform contract section 5, `batch`. Raises TooLarge, BadInput, and what `keeps_gate` raises.
    """
    if len(many) > MAX_BATCH:
        raise TooLarge(field="requests", limit=f"{MAX_BATCH} requests")
    repo = keeps_gate(tx, actor, kind, full_name)
    _check_reason(status, reason)
    return [_try(tx, actor, repo, whose, status, reason or "") for whose in many]


def grant_access(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, whose: Whose) -> AccessRequest:
    """Let somebody in, whether they asked or not.

    Raises:
        OwnerNotFound: no such person.
        HasAccess: they have access already. And what `keeps_gate` raises.
    """
    repo = keeps_gate(tx, actor, kind, full_name)
    user_id, name = _person(tx, whose)
    request = access_request_of(tx, repo.id, user_id)
    if request is not None and request.status is not AccessStatus.ACCEPTED:
        return _decide(tx, actor, repo, request, AccessStatus.ACCEPTED, "")
    try:
        inside = passes_gate(actor_of(tx, user_id, True), repo)
    except BadCredentials:  # an operator disabled them: to others they are not there
        raise OwnerNotFound(name=name) from None
    row = {
        "repo_id": repo.id,
        "user_id": user_id,
        "status": AccessStatus.ACCEPTED.value,
        "fields": "{}",
        "asked_at": now(),
        "reviewed_at": now(),
        "reviewer_id": actor.user_id,
        "granted": True,
        "reason": "",
    }
    if inside or not insert_missing(tx.sql, access_requests, [row]):
        raise HasAccess(user=name, name=repo.full_name)
    return _told(tx, actor, repo, user_id, "access_request.grant")


def _try(
    tx: WriteTx, actor: Actor, repo: Repo, whose: Whose, status: AccessStatus, reason: str
) -> str | None:
    try:
        _handle(tx, actor, repo, whose, status, reason)
    except OwnerNotFound:
        return "user_not_found"
    except AccessRequestNotFound:
        return "request_not_found"
    except AccessUnchanged:
        return None  # it is as it was wanted
    return None


def _handle(
    tx: WriteTx, actor: Actor, repo: Repo, whose: Whose, status: AccessStatus, reason: str
) -> AccessRequest:
    request = _find(tx, repo, whose)
    if request.status is status:
        raise AccessUnchanged(user=request.user.name, status=status.value)
    return _decide(tx, actor, repo, request, status, reason)


def _decide(
    tx: WriteTx, actor: Actor, repo: Repo, request: AccessRequest, status: AccessStatus, reason: str
) -> AccessRequest:
    here = sa.update(access_requests).where(access_requests.c.id == request.id)
    decided = {"status": status.value, "reviewed_at": now(), "reviewer_id": actor.user_id, "reason": reason}
    tx.sql.execute(here.values(**decided))
    return _told(tx, actor, repo, request.user.id, _ACTS[status], before=request.status.value)


def _told(tx: WriteTx, actor: Actor, repo: Repo, user_id: int, act: str, **more: str) -> AccessRequest:
    """Return the request as it is now; write down and tell what was decided."""
    request = access_request_of(tx, repo.id, user_id)
    assert request is not None
    more |= {"after": request.status.value} if more else {}
    more |= {"reason": request.reason} if request.reason else {}
    audited(tx, actor, act, repo, user=request.user.name, **more)
    tx.emit(AccessReviewed(repo, request))
    return request


def _find(tx: WriteTx, repo: Repo, whose: Whose) -> AccessRequest:
    if whose.request_id is not None:
        request, who = request_by_id(tx, repo.id, whose.request_id), "Whoever is meant"
    else:
        user_id, who = _person(tx, whose)
        request = access_request_of(tx, repo.id, user_id)
    if request is None:
        raise AccessRequestNotFound(who=who, name=repo.full_name)
    return request


def _person(tx: WriteTx, whose: Whose) -> tuple[int, str]:
    if whose.user_id is None:
        user = user_named(tx, whose.name)
        return user.id, user.name
    found = user_by_id(tx, whose.user_id)
    if found is None:
        raise OwnerNotFound(name=f"#{whose.user_id}")
    return found.id, found.name


def _check_reason(status: AccessStatus, reason: str | None) -> None:
    if reason is None:
        return
    if status is not AccessStatus.REJECTED:
        raise BadInput(field="rejectionReason", reason="is for rejections only")
    if len(reason) > MAX_REASON:
        raise BadInput(field="rejectionReason", reason=f"at most {MAX_REASON} characters, not {len(reason)}")
