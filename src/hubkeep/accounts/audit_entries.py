"""Read the audit log: newest first, a page at a time, by those whom it concerns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts.access import require_whole, role_in, shows
from hubkeep.accounts.errors import NotAllowed, NotSignedIn, OwnerNotFound
from hubkeep.accounts.queries import owner_named, owner_now
from hubkeep.accounts.scopes import Permission
from hubkeep.accounts.tables import audit_log
from hubkeep.accounts.types import Actor, OwnerKind, Role
from hubkeep.kit import BadInput, ReadTx
from hubkeep.kit.tables import Row

PAGE = 100
MAX_PAGE = 1000
MAX_TYPE = 64


@dataclass(frozen=True)
class AuditEntry:
    """One act: when, what, by whom (None: the hub itself), from where, and what it was about."""

    id: int
    at: datetime
    type: str
    actor_id: int | None
    actor_name: str
    token_id: int | None
    address: str
    agent: str
    owner_id: int | None
    repo_id: int | None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditFilter:
    """Which entries to show; every field narrows. `kind` is `scope.action`, or a whole `scope`; `owner` a name.

    `since` counts, `until` does not.
    """

    actor: str = ""
    kind: str = ""
    owner: str = ""
    repo_id: int | None = None
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None


def audit_entries(
    tx: ReadTx, actor: Actor, wanted: AuditFilter, *, before: int | None = None, limit: int = PAGE
) -> list[AuditEntry]:
    """Return entries of the whole hub with a number below `before`. For operators.

    Raises:
        NotSignedIn, NotAllowed: the actor is none.
        OwnerNotFound: nobody is called so now; `actor` may also be the name of somebody who is gone.
        BadInput: a `kind` that no act has.
    """
    require_operator(actor)
    owner_id = owner_now(tx, wanted.owner).id if wanted.owner else None
    return _page(tx, wanted, owner_id, before, limit)


def org_audit_entries(
    tx: ReadTx, actor: Actor, org: str, wanted: AuditFilter, *, before: int | None = None, limit: int = PAGE
) -> list[AuditEntry]:
    """Return entries about an organization and its repositories, for its administrators.

    Raises:
        NotSignedIn, NotAllowed, OwnerNotFound; BadInput as `audit_entries`.
    """
    owner = owner_named(tx, org)
    if owner.kind is not OwnerKind.ORG:
        raise OwnerNotFound(name=org)
    if actor.anonymous:
        raise NotSignedIn
    leads = shows(actor, owner.id, Permission.ORG_READ, Permission.ORG_WRITE) and (
        role_in(actor, owner.id) is Role.ADMIN
    )
    if not leads and not (actor.is_admin and actor.can_write):
        raise NotAllowed(what=f"read the audit log of {owner.name}: its administrators are")
    return _page(tx, wanted, owner.id, before, limit)


def my_audit_entries(
    tx: ReadTx, actor: Actor, *, before: int | None = None, limit: int = PAGE
) -> list[AuditEntry]:
    """Return what was done by the actor, or to them by others, with their own name. Raises NotSignedIn, NotAllowed."""
    user_id = require_whole(actor, "read the security log")
    mine = sa.or_(audit_log.c.actor_id == user_id, audit_log.c.owner_id == user_id)
    return _entries(tx, [mine], before, limit)


def audit_repo_id(tx: ReadTx, full_name: str) -> int | None:
    """Return the number of the repository that had this name last when it was deleted or moved away; no permission asked."""
    named = f'"repo":{json.dumps(full_name, ensure_ascii=False)}'
    gone = sa.select(audit_log.c.repo_id).where(
        audit_log.c.type.in_(("repo.delete", "repo.move")), audit_log.c.data.contains(named, autoescape=True)
    )
    found = tx.sql.execute(gone.order_by(audit_log.c.id.desc()).limit(1)).scalar()
    return int(found) if found is not None else None


def require_operator(actor: Actor) -> None:
    """Pass operators of the hub who came with credentials that may write. Raises NotSignedIn, NotAllowed."""
    if actor.is_admin and actor.can_write:
        return
    if actor.anonymous:
        raise NotSignedIn
    raise NotAllowed(what="do that: operators of this hub are")


def _page(
    tx: ReadTx, wanted: AuditFilter, owner_id: int | None, before: int | None, limit: int
) -> list[AuditEntry]:
    log = audit_log.c
    narrows: list[sa.ColumnElement[bool]] = []
    if owner_id is not None:
        narrows.append(log.owner_id == owner_id)
    if wanted.actor:
        narrows.append(_by(tx, wanted.actor))
    if wanted.kind:
        narrows.append(_of_kind(wanted.kind))
    if wanted.repo_id is not None:
        narrows.append(log.repo_id == wanted.repo_id)
    if wanted.address:
        narrows.append(log.address == wanted.address)
    if wanted.since is not None:
        narrows.append(log.at >= wanted.since)
    if wanted.until is not None:
        narrows.append(log.at < wanted.until)
    return _entries(tx, narrows, before, limit)


def _by(tx: ReadTx, name: str) -> sa.ColumnElement[bool]:
    """Match a person by number, whatever they were called then; by name if nobody is called so now."""
    try:
        return audit_log.c.actor_id == owner_now(tx, name).id
    except OwnerNotFound:
        return audit_log.c.actor_name == name


def _of_kind(kind: str) -> sa.ColumnElement[bool]:
    if len(kind) > MAX_TYPE or not kind.replace(".", "").replace("_", "").isalnum() or not kind.isascii():
        raise BadInput(field="type", reason=f"must be a scope or `scope.action`, not {kind[:80]!r}")
    if "." in kind:
        return audit_log.c.type == kind
    return audit_log.c.type.startswith(f"{kind}.", autoescape=True)


def _entries(
    tx: ReadTx, narrows: list[sa.ColumnElement[bool]], before: int | None, limit: int
) -> list[AuditEntry]:
    if before is not None:
        narrows.append(audit_log.c.id < before)
    query = sa.select(audit_log).where(*narrows).order_by(audit_log.c.id.desc())
    return [_entry(row) for row in tx.sql.execute(query.limit(min(limit, MAX_PAGE)))]


def _entry(row: Row) -> AuditEntry:
    facts = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for a row's dict
    return AuditEntry(**facts | {"data": json.loads(row.data)})
