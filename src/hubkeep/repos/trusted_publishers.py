"""Trusted publishers: CI jobs that prove by an ID token of their provider who they are, and get a token for an hour.

Source: hub-platform contract 1.3.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import (
    Action,
    Actor,
    NewToken,
    OwnerNotFound,
    Permission,
    Scopes,
    TokenKind,
    TokenRole,
    audit,
    issue,
    oidc,
    owner_now,
)
from hubkeep.kit import BadInput, HubError, ReadTx, WriteTx, now
from hubkeep.kit.tables import Row, made_id
from hubkeep.repos import queries
from hubkeep.repos.audited import audited
from hubkeep.repos.get import get_for
from hubkeep.repos.tables import trusted_publishers
from hubkeep.repos.types import Kind, Repo, Stores

MAX_PUBLISHERS = 20
MAX_CLAIMS, MAX_VALUE = 10, 300
# One of these must be pinned: without, anybody's job at that provider would be trusted.
IDENTIFYING = frozenset(("repository", "project_path", "sub", "repository_id", "project_id"))
_P = Permission


class PublisherNotFound(HubError):
    """No such publisher of this repository."""

    status, text = 404, "No such trusted publisher."


class NotTrusted(HubError):
    """An ID token that no publisher of the repository describes. The repository may not exist: nothing is told."""

    status, text = 403, "No trusted publisher of {resource!r} fits this ID token."


@dataclass(frozen=True)
class Publisher:
    """What a job must be for a repository to trust it. `claims` must all have exactly these values."""

    id: int
    issuer: str
    claims: Mapping[str, str]
    created_at: datetime
    used_at: datetime | None


def add_publisher(
    tx: WriteTx,
    actor: Actor,
    kind: Kind,
    full_name: str,
    issuers: list[str],
    issuer: str,
    claims: Mapping[str, str],
) -> Publisher:
    """Let CI jobs with these claims publish to the repository. `issuers` are those that the operator allows.

    Raises:
        BadInput, and what `get_for` raises.
    """
    repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
    if actor.token is not None or actor.user_id is None:
        raise BadInput(field="publisher", reason="can be added only by somebody who is signed in")
    found = keep_publisher(tx, actor.user_id, repo.id, issuers, issuer, claims)
    audited(tx, actor, "add_trusted_publisher", repo, issuer=issuer, claims=found.claims)
    return found


def keep_publisher(
    tx: WriteTx,
    user_id: int,
    repo_id: int | None,
    issuers: Sequence[str],
    issuer: str,
    claims: Mapping[str, str],
) -> Publisher:
    """Write a publisher down, of a repository or (None) of the person; that they may has been decided. Raises BadInput."""
    if issuer.rstrip("/") not in [known.rstrip("/") for known in issuers]:
        raise BadInput(field="issuer", reason=f"must be one of {', '.join(issuers) or 'none'}")
    pinned = _checked(claims)
    if len(publisher_rows(tx, repo_id, user_id)) >= MAX_PUBLISHERS:
        raise BadInput(field="publisher", reason=f"at most {MAX_PUBLISHERS}: delete one first")
    row = {
        "repo_id": repo_id,
        "issuer": issuer.rstrip("/"),
        "claims": json.dumps(pinned, sort_keys=True),
        "user_id": user_id,
        "created_at": now(),
    }
    made = tx.sql.execute(sa.insert(trusted_publishers).values(**row))
    here = trusted_publishers.c.id == made_id(made)
    return as_publisher(tx.sql.execute(sa.select(trusted_publishers).where(here)).one())


def list_publishers(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> list[Publisher]:
    """Return a repository's publishers, to those who manage it. Raises what `get_for` raises."""
    repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
    return [as_publisher(row) for row in publisher_rows(tx, repo.id)]


def delete_publisher(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, publisher_id: int) -> None:
    """Trust no longer. Tokens that were given work until they are over. Raises PublisherNotFound, and as `get_for`."""
    repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
    here = sa.and_(trusted_publishers.c.id == publisher_id, trusted_publishers.c.repo_id == repo.id)
    found = tx.sql.execute(sa.select(trusted_publishers).where(here)).first()
    if found is None:
        raise PublisherNotFound
    tx.sql.execute(sa.delete(trusted_publishers).where(here))
    told = {"issuer": found.issuer, "claims": json.loads(found.claims)}
    audited(tx, actor, "delete_trusted_publisher", repo, **told)


def exchange_id_token(stores: Stores, actor: Actor, token: str, resource: str) -> tuple[str, int]:
    """Return a token, and its life in seconds, to a job that shows who it is.

    For a repository it is one to write there; for a person, one to read what is public and what they were let into.

    Asks the issuer for its keys, outside every transaction, and only issuers that the operator allows. What the token says is
    proven before the repository is looked up: answers to forged ones do not tell which private repositories there are.

    Raises:
        BadInput: no resource that could be one.
        NotTrusted, BadIdToken, ProviderUnreachable.
    """
    settings = stores.settings.publishers
    named = read_resource(resource)
    issuer = _issuer_of(token)
    if issuer not in [known.rstrip("/") for known in settings.issuers]:
        raise NotTrusted(resource=resource)
    claims = oidc.provider_of(issuer).claims(token, stores.settings.url)
    with stores.db.read() as tx:
        repo, rows = _trusting(tx, named)
    candidates = [row for row in rows if row.issuer == issuer]
    fitting = next((row for row in candidates if fits(json.loads(row.claims), claims)), None)
    if fitting is None:
        raise NotTrusted(resource=resource)
    scopes = Scopes({}, gated=True)  # of a person: what is public, and what is behind gates that let them in
    if repo is not None:
        scopes = Scopes({repo.entity: frozenset((_P.REPO_READ, _P.REPO_CONTENT_WRITE))})
    end = now() + timedelta(seconds=settings.token_seconds)
    name = f"CI of {claims.get('repository') or claims.get('project_path') or claims['sub']}"[:100]
    new = NewToken(name, TokenRole.FINE_GRAINED, scopes, end, TokenKind.PUBLISHER, f"publisher-{fitting.id}")
    with stores.db.write() as tx:
        _, value = issue(tx, fitting.user_id, new)
        here = trusted_publishers.c.id == fitting.id
        tx.sql.execute(sa.update(trusted_publishers).where(here).values(used_at=now()))
        told = {"issuer": issuer, "subject": claims["sub"]}
        if repo is not None:
            told["repo"] = repo.full_name
        audit(
            tx,
            actor,
            "oauth.token",
            owner_id=repo.owner_id if repo else fitting.user_id,
            repo_id=repo.id if repo else None,
            data=told,
        )
    return value, settings.token_seconds


def _trusting(tx: ReadTx, named: tuple[Kind, str] | str) -> tuple[Repo | None, list[Row]]:
    """Return the repository that is named, if one is, and whom it, or the person, trusts."""
    if isinstance(named, tuple):
        by_any_name = (queries.by_name, queries.by_former_name, queries.by_former_owner)
        repo = next((found for look in by_any_name if (found := look(tx, *named)) is not None), None)
        return repo, publisher_rows(tx, repo.id) if repo is not None else []
    try:
        return None, publisher_rows(tx, None, owner_now(tx, named).id)
    except OwnerNotFound:
        return None, []


def read_resource(resource: str) -> tuple[Kind, str] | str:
    """Return what `HF_OIDC_RESOURCE` names: a repository, or a person by name. Raises BadInput."""
    words = resource.strip("/").split("/")
    if len(words) == 1 and words[0]:
        return words[0]
    kinds = {kind.plural: kind for kind in Kind}
    kind = kinds.get(words[0], Kind.MODEL) if len(words) == 3 else Kind.MODEL
    if len(words) == 3 and words[0] in kinds:
        words = words[1:]
    if len(words) != 2 or not all(words):
        raise BadInput(
            field="resource", reason="must be OWNER/NAME, datasets/OWNER/NAME and the like, or USER"
        )
    return kind, "/".join(words)


def fits(pinned: Mapping[str, str], claims: Mapping[str, Any]) -> bool:
    """Return whether a job is what was described. `workflow` names the file of a GitHub workflow, whatever its ref.

    >>> fits({"repository": "a/b"}, {"repository": "a/b", "ref": "refs/heads/main"})
    True
    """
    return all(_fits(name, value, claims) for name, value in pinned.items())


def _fits(name: str, value: str, claims: Mapping[str, Any]) -> bool:
    if name == "workflow":
        path = str(claims.get("workflow_ref", "")).partition("@")[0]
        return path == f"{claims.get('repository')}/.github/workflows/{value}"
    found = claims.get(name)
    return isinstance(found, str) and found == value


def _checked(claims: Mapping[str, str]) -> dict[str, str]:
    pinned = {name.strip(): value.strip() for name, value in claims.items() if value.strip()}
    if not IDENTIFYING & pinned.keys():
        raise BadInput(field="claims", reason=f"must say one of {', '.join(sorted(IDENTIFYING))}")
    if len(pinned) > MAX_CLAIMS or any(len(name + value) > MAX_VALUE for name, value in pinned.items()):
        raise BadInput(field="claims", reason=f"at most {MAX_CLAIMS}, of {MAX_VALUE} characters each")
    return pinned


def _issuer_of(token: str) -> str:
    """Read who a token says made it, before anything is proven: only to find out whom to ask."""
    try:
        middle = token.split(".")[1]
        facts = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return str(facts["iss"]).rstrip("/")
    except (ValueError, IndexError, KeyError, TypeError):
        raise BadInput(field="subject_token", reason="is no ID token") from None


def publisher_rows(tx: ReadTx, repo_id: int | None, user_id: int | None = None) -> list[Row]:
    """Return the publishers of a repository, or (None) those of a person."""
    table = trusted_publishers.c
    mine = (
        table.repo_id == repo_id
        if repo_id is not None
        else sa.and_(table.repo_id.is_(None), table.user_id == user_id)
    )
    return list(tx.sql.execute(sa.select(trusted_publishers).where(mine).order_by(table.id)))


def as_publisher(row: Row) -> Publisher:
    """Turn a row into the fact."""
    return Publisher(row.id, row.issuer, json.loads(row.claims), row.created_at, row.used_at)
