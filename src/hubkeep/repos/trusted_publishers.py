"""Trusted publishers: CI jobs that prove by an ID token of their provider who they are, and get a token for an hour.

Source: hub-platform contract 1.3.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts import (
    Action,
    Actor,
    NewToken,
    Permission,
    Scopes,
    TokenKind,
    TokenRole,
    audit,
    issue,
    oidc,
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
    if issuer.rstrip("/") not in [known.rstrip("/") for known in issuers]:
        raise BadInput(field="issuer", reason=f"must be one of {', '.join(issuers) or 'none'}")
    pinned = _checked(claims)
    if len(list_publishers(tx, actor, kind, full_name)) >= MAX_PUBLISHERS:
        raise BadInput(field="publisher", reason=f"at most {MAX_PUBLISHERS}: delete one first")
    row = {
        "repo_id": repo.id,
        "issuer": issuer.rstrip("/"),
        "claims": json.dumps(pinned, sort_keys=True),
        "user_id": actor.user_id,
        "created_at": now(),
    }
    made = tx.sql.execute(sa.insert(trusted_publishers).values(**row))
    told = {"issuer": issuer, "claims": pinned}
    audited(tx, actor, "add_trusted_publisher", repo, **told)
    here = trusted_publishers.c.id == made_id(made)
    return _publisher(tx.sql.execute(sa.select(trusted_publishers).where(here)).one())


def list_publishers(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> list[Publisher]:
    """Return a repository's publishers, to those who manage it. Raises what `get_for` raises."""
    repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
    return [_publisher(row) for row in _rows(tx, repo)]


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
    """Return a token for one repository, and its life in seconds, to a job that shows who it is.

    Asks the issuer for its keys, outside every transaction, and only issuers that the operator allows. What the token says is
    proven before the repository is looked up: answers to forged ones do not tell which private repositories there are.

    Raises:
        BadInput: no resource that could be one.
        NotTrusted, BadIdToken, ProviderUnreachable.
    """
    settings = stores.settings.publishers
    kind, full_name = read_resource(resource)
    issuer = _issuer_of(token)
    if issuer not in [known.rstrip("/") for known in settings.issuers]:
        raise NotTrusted(resource=resource)
    claims = oidc.provider_of(issuer).claims(token, stores.settings.url)
    with stores.db.read() as tx:
        repo = queries.by_name(tx, kind, full_name)
        rows = _rows(tx, repo) if repo is not None else []
    candidates = [row for row in rows if row.issuer == issuer]
    fitting = next((row for row in candidates if fits(json.loads(row.claims), claims)), None)
    if repo is None or fitting is None:
        raise NotTrusted(resource=resource)
    scopes = Scopes({repo.entity: frozenset((_P.REPO_READ, _P.REPO_CONTENT_WRITE))})
    end = now() + timedelta(seconds=settings.token_seconds)
    name = f"CI of {claims.get('repository') or claims.get('project_path') or claims['sub']}"[:100]
    new = NewToken(name, TokenRole.FINE_GRAINED, scopes, end, TokenKind.PUBLISHER, f"publisher-{fitting.id}")
    with stores.db.write() as tx:
        _, value = issue(tx, fitting.user_id, new)
        here = trusted_publishers.c.id == fitting.id
        tx.sql.execute(sa.update(trusted_publishers).where(here).values(used_at=now()))
        told = {"issuer": issuer, "subject": claims["sub"], "repo": repo.full_name}
        audit(tx, actor, "oauth.token", owner_id=repo.owner_id, repo_id=repo.id, data=told)
    return value, settings.token_seconds


def read_resource(resource: str) -> tuple[Kind, str]:
    """Return what `HF_OIDC_RESOURCE` names. Raises BadInput."""
    words = resource.strip("/").split("/")
    kinds = {kind.plural: kind for kind in Kind}
    kind = kinds.get(words[0], Kind.MODEL) if len(words) == 3 else Kind.MODEL
    if len(words) == 3 and words[0] in kinds:
        words = words[1:]
    if len(words) != 2 or not all(words):
        raise BadInput(field="resource", reason="must be OWNER/NAME, or datasets/OWNER/NAME and the like")
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


def _rows(tx: ReadTx, repo: Repo) -> list[Row]:
    mine = sa.select(trusted_publishers).where(trusted_publishers.c.repo_id == repo.id)
    return list(tx.sql.execute(mine.order_by(trusted_publishers.c.id)))


def _publisher(row: Row) -> Publisher:
    return Publisher(row.id, row.issuer, json.loads(row.claims), row.created_at, row.used_at)
