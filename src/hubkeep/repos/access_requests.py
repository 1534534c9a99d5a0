"""Requests for access: look them up, list them, for those who keep the gate and for those who asked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor, NotAllowed, owners_known, require_whole, users_known
from hubkeep.kit import ReadTx
from hubkeep.kit.tables import Row
from hubkeep.repos import queries
from hubkeep.repos.access_types import AccessRequest, AccessStatus, AskedAccess, Gate, MailMode
from hubkeep.repos.errors import NotGated
from hubkeep.repos.gate import passes_gate
from hubkeep.repos.get import get_for
from hubkeep.repos.tables import access_requests, gate_mails, repos
from hubkeep.repos.types import Kind, Repo

PAGE = 1000
_ROW = access_requests.c
AccessPlace = tuple[datetime, int]  # when it was asked, and its number: where a list goes on


@dataclass(frozen=True)
class RequestPage:
    """A page of requests, the latest first; `next` is where to go on, None at the end."""

    repo: Repo
    requests: Sequence[AccessRequest]
    next: AccessPlace | None


def list_access_requests(
    tx: ReadTx,
    actor: Actor,
    kind: Kind,
    full_name: str,
    status: AccessStatus,
    *,
    after: datetime | None = None,
    before: datetime | None = None,
    start: AccessPlace | None = None,
    limit: int = PAGE,
) -> RequestPage:
    """Return requests in one status, asked after and before these moments. Raises what `keeps_gate` raises."""
    repo = keeps_gate(tx, actor, kind, full_name)
    wanted = [_ROW.repo_id == repo.id, _ROW.status == status.value]
    wanted += [_ROW.asked_at > after] if after is not None else []
    wanted += [_ROW.asked_at < before] if before is not None else []
    wanted += [_earlier(start)] if start is not None else []
    newest = sa.select(access_requests).where(*wanted).order_by(_ROW.asked_at.desc(), _ROW.id.desc())
    rows = tx.sql.execute(newest.limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return RequestPage(repo, facts(tx, rows[:limit]), (last.asked_at, last.id) if last else None)


def count_access_requests(tx: ReadTx, repo_id: int, status: AccessStatus, most: int = 1000) -> int:
    """Count requests in a status, up to `most`; no permission asked."""
    some = sa.select(_ROW.id).where(_ROW.repo_id == repo_id, _ROW.status == status.value).limit(most)
    return int(tx.sql.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one())


def pending_access_requests(tx: ReadTx, repo_id: int, limit: int) -> list[AccessRequest]:
    """Return the latest requests that wait for an answer; no permission asked."""
    wanted = sa.and_(_ROW.repo_id == repo_id, _ROW.status == AccessStatus.PENDING.value)
    newest = sa.select(access_requests).where(wanted).order_by(_ROW.asked_at.desc(), _ROW.id.desc())
    return facts(tx, tx.sql.execute(newest.limit(limit)).all())


def my_access_requests(
    tx: ReadTx, actor: Actor, *, start: AccessPlace | None = None, limit: int = 100
) -> tuple[list[AskedAccess], AccessPlace | None]:
    """Return what the actor asked for, the latest first, where they may still see it. Raises NotSignedIn, NotAllowed."""
    user_id = require_whole(actor, "see what you asked for")
    wanted = [_ROW.user_id == user_id, queries.visibility(actor)]
    wanted += [_earlier(start)] if start is not None else []
    mine = (
        sa.select(*access_requests.c)
        .join(repos, repos.c.id == _ROW.repo_id)
        .where(*wanted)
        .order_by(_ROW.asked_at.desc(), _ROW.id.desc())
        .limit(limit + 1)
    )
    rows = tx.sql.execute(mine).all()
    here = {repo.id: repo for repo in _repos(tx, [row.repo_id for row in rows])}
    shown = [AskedAccess(here[one.repo_id], one) for one in facts(tx, rows[:limit])]
    last = rows[limit - 1] if len(rows) > limit else None
    return shown, (last.asked_at, last.id) if last else None


def my_access_request(tx: ReadTx, actor: Actor, repo: Repo) -> AccessRequest | None:
    """Return the actor's own request, None if there is none."""
    return None if actor.user_id is None else access_request_of(tx, repo.id, actor.user_id)


def keeps_gate(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> Repo:
    """Return the gated repository if `actor` keeps_gate its gate: whoever may write there, and has passed the gate themselves.

    Raises:
        NotGated: everybody has access.
        NotSignedIn, NotAllowed, and what `get` raises.
    """
    repo = get_for(tx, actor, kind, full_name, Action.WRITE)
    require_gatekeeper(actor, repo)
    if not repo.gated:
        raise NotGated(name=repo.full_name)
    return repo


def require_gatekeeper(actor: Actor, repo: Repo) -> None:
    """Pass if `actor` may decide about the gate of a repository that they may write to: nobody lets themselves in.

    Raises:
        NotAllowed: the gate holds for members, and `actor` is one of those.
    """
    if repo.members_gated and not passes_gate(actor, repo):
        raise NotAllowed(what=f"keep the gate of {repo.full_name}: it holds for members of {repo.owner}, too")


def gate_of(tx: ReadTx, repo: Repo) -> Gate:
    """Return how a gate is kept; no permission asked."""
    row = tx.sql.execute(sa.select(gate_mails).where(gate_mails.c.repo_id == repo.id)).first()
    if row is None:
        return Gate(repo.gated, repo.members_gated)
    return Gate(repo.gated, repo.members_gated, row.email, MailMode(row.mode))


def access_request_of(tx: ReadTx, repo_id: int, user_id: int) -> AccessRequest | None:
    """Return a person's request for a repository; no permission asked."""
    return _first(tx, sa.and_(_ROW.repo_id == repo_id, _ROW.user_id == user_id))


def request_by_id(tx: ReadTx, repo_id: int, request_id: int) -> AccessRequest | None:
    """Return the request with that number, if it is one for this repository; no permission asked."""
    return _first(tx, sa.and_(_ROW.repo_id == repo_id, _ROW.id == request_id))


def facts(tx: ReadTx, rows: Sequence[Row]) -> list[AccessRequest]:
    """Turn rows into facts; two queries for all of them."""
    people = users_known(tx, {row.user_id for row in rows})
    reviewers = owners_known(tx, {row.reviewer_id for row in rows if row.reviewer_id is not None})
    found = []
    for row in rows:
        answers: dict[str, Any] = json.loads(row.fields)
        reviewer = reviewers.get(row.reviewer_id)
        found.append(
            AccessRequest(
                id=row.id,
                repo_id=row.repo_id,
                user=people[row.user_id],
                status=AccessStatus(row.status),
                answers=answers,
                asked_at=row.asked_at,
                reviewed_at=row.reviewed_at,
                reviewer=reviewer.name if reviewer else "",
                granted=row.granted,
                reason=row.reason,
            )
        )
    return found


def _first(tx: ReadTx, condition: sa.ColumnElement[bool]) -> AccessRequest | None:
    rows = tx.sql.execute(sa.select(access_requests).where(condition)).all()
    return next(iter(facts(tx, rows)), None)


def _earlier(place: AccessPlace) -> sa.ColumnElement[bool]:
    asked_at, number = place
    return sa.or_(_ROW.asked_at < asked_at, sa.and_(_ROW.asked_at == asked_at, _ROW.id < number))


def _repos(tx: ReadTx, repo_ids: Sequence[int]) -> list[Repo]:
    rows = tx.sql.execute(sa.select(*queries.COLUMNS).where(repos.c.id.in_(repo_ids)))
    return [queries.fact(row) for row in rows]
