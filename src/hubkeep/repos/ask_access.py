"""Ask at a gate, and take the request back."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import Actor, NotAllowed, NotSignedIn
from hubkeep.kit import ReadTx, WriteTx, now
from hubkeep.kit.tables import insert_missing
from hubkeep.repos.access_requests import access_request_of
from hubkeep.repos.access_types import AccessRequest, AccessStatus, AskedAccess, GateForm
from hubkeep.repos.audited import audited
from hubkeep.repos.errors import AccessRejected, AccessRequestNotFound, AlreadyAsked, HasAccess, NotGated
from hubkeep.repos.events import AccessAsked
from hubkeep.repos.gate import passes_gate
from hubkeep.repos.gate_form import check_answers, gate_form
from hubkeep.repos.get import get
from hubkeep.repos.info import infos
from hubkeep.repos.tables import access_requests
from hubkeep.repos.types import Kind, Repo


def ask_access(
    tx: WriteTx, actor: Actor, kind: Kind, full_name: str, answers: Mapping[str, Any]
) -> AccessRequest:
    """Ask for access, with the answers to the form of the card; an automatic gate opens at once.

    Raises:
        NotGated, HasAccess: there is nothing to ask for.
        AlreadyAsked, AccessRejected: the actor did before.
        BadInput: an answer breaks a rule of the form. NotSignedIn, NotAllowed, and what `get` raises.
    """
    repo = get(tx, actor, kind, full_name)
    user_id = _person(actor, f"ask for access to {repo.full_name}")
    if not repo.gated:
        raise NotGated(name=repo.full_name)
    if passes_gate(actor, repo):
        raise HasAccess(user=actor.name, name=repo.full_name)
    kept = check_answers(form_of(tx, repo), answers)
    status = AccessStatus.ACCEPTED if repo.gated == "auto" else AccessStatus.PENDING
    row = {
        "repo_id": repo.id,
        "user_id": user_id,
        "status": status.value,
        "fields": json.dumps(kept, ensure_ascii=False),
        "asked_at": now(),
        "granted": False,
        "reason": "",
    }
    made = insert_missing(tx.sql, access_requests, [row])  # the unique index decides between two at once
    request = access_request_of(tx, repo.id, user_id)
    assert request is not None
    if not made:
        rejected = request.status is AccessStatus.REJECTED
        raise (AccessRejected if rejected else AlreadyAsked)(name=repo.full_name)
    audited(tx, actor, "access_request.create", repo, status=status.value)
    if status is AccessStatus.PENDING:
        tx.emit(AccessAsked(repo, request))
    return request


def cancel_my_access_request(tx: WriteTx, actor: Actor, kind: Kind, full_name: str) -> AskedAccess:
    """Take a request back that waits for an answer; what was decided stays written down.

    Raises:
        AccessRequestNotFound, HasAccess, AccessRejected: there is nothing to take back.
        NotSignedIn, NotAllowed, and what `get` raises.
    """
    repo = get(tx, actor, kind, full_name)
    user_id = _person(actor, f"cancel requests for access to {repo.full_name}")
    request = access_request_of(tx, repo.id, user_id)
    if request is None:
        raise AccessRequestNotFound(who=actor.name, name=repo.full_name)
    if request.status is AccessStatus.REJECTED:
        raise AccessRejected(name=repo.full_name)
    if request.status is AccessStatus.ACCEPTED:
        raise HasAccess(user=actor.name, name=repo.full_name)
    tx.sql.execute(sa.delete(access_requests).where(access_requests.c.id == request.id))
    audited(tx, actor, "access_request.cancel", repo)
    return AskedAccess(repo, request)


def form_of(tx: ReadTx, repo: Repo) -> GateForm:
    """Return the form that the card on the default branch describes."""
    return gate_form(infos(tx, [repo])[0].metadata.card_data)


def _person(actor: Actor, what: str) -> int:
    if actor.user_id is None:
        raise NotSignedIn
    if not actor.can_write:
        raise NotAllowed(what=f"{what}: this token can only read")
    return actor.user_id
