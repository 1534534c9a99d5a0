"""The gate of a repository: everybody may read about it, its content is for those whom it let in."""

from dataclasses import replace

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor, Role, group_role, may, may_pass_gates, readable, role_in
from hubkeep.kit import ReadTx
from hubkeep.repos import queries
from hubkeep.repos.access_types import AccessStatus
from hubkeep.repos.errors import GatedRepo, GatedRepoHidden
from hubkeep.repos.get import get
from hubkeep.repos.tables import access_requests, repos
from hubkeep.repos.types import Kind, Repo

_WORDS = {
    None: "you are not in the authorized list. Ask for access on its page.",
    AccessStatus.PENDING: "your request is awaiting a review by its authors.",
    AccessStatus.REJECTED: "your request was rejected by its authors.",
    AccessStatus.ACCEPTED: "you have access, but this token does not read gated repositories.",
}


def require_content(tx: ReadTx, actor: Actor, repo: Repo) -> None:
    """Pass if `actor` may have what is in the files of a repository that they may see: every byte of it goes by here.

    At most one indexed query, and none for a repository without a gate or one of the actor's own.

    Raises:
        GatedRepo, GatedRepoHidden: the gate is shut for them.
    """
    if not repo.gated or passes_gate(actor, repo):
        return
    if actor.anonymous:
        raise GatedRepoHidden(kind=repo.kind, name=repo.full_name)
    status = _status(tx, actor, repo)
    if status is not AccessStatus.ACCEPTED or not may_pass_gates(actor, repo):
        raise GatedRepo(kind=repo.kind, name=repo.full_name, why=_WORDS[status])


def get_content(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> Repo:
    """Return the repository if `actor` may read what is in it. Raises what `get` and `require_content` raise."""
    repo = get(tx, actor, kind, full_name)
    require_content(tx, actor, repo)
    return repo


def may_read_content(tx: ReadTx, actor: Actor, repo: Repo) -> bool:
    """Return whether `require_content` would pass."""
    try:
        require_content(tx, actor, repo)
    except GatedRepo:
        return False
    return True


def passes_gate(actor: Actor, repo: Repo) -> bool:
    """Return whether `actor` passes the gate without asking: no database access.

    Members of the owning organization do; where the gate holds for members, too, only its administrators, those of the
    repository's resource group, and whoever made the repository. Operators of the hub always do.
    Source: hub-platform contract section 5.
    """
    if actor.is_admin:
        return True
    role = role_in(actor, repo.owner_id)
    if not _is_inside(actor, repo, role):
        return False
    if not repo.members_gated or Role.ADMIN in (role, _role_in_group(actor, repo)):
        return True
    return repo.creator_id == actor.user_id


def content_ids(actor: Actor) -> sa.Select[tuple[int]]:
    """Numbers of the repositories whose content `actor` may have, as a sub-query for rooms that know repos by number."""
    readable = queries.readable_ids(actor)
    if actor.is_admin:
        return readable
    return readable.where(sa.or_(repos.c.gated == "", *_open_to(actor)))


def _is_inside(actor: Actor, repo: Repo, role: Role | None) -> bool:
    """Return whether the actor is of those who would see the repository if it were private, as far as their token lends it."""
    if may(actor, Action.READ, replace(repo, private=True)):
        return True
    allows = actor.scopes is not None and actor.scopes.gated
    return allows and role not in (None, Role.NO_ACCESS)


def _open_to(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """The ways through a gate, as conditions. What a fine-grained token names one by one is left out: it must upload anew."""
    if actor.user_id is None:
        return []
    reach = readable(actor)
    among = sa.or_(repos.c.members_gated.is_(False), repos.c.creator_id == actor.user_id)
    leads = [group for group in reach.groups if group_role(actor, group) is Role.ADMIN]
    ways = [
        repos.c.owner_id.in_(reach.whole),
        repos.c.resource_group_id.in_(leads),
        sa.and_(repos.c.owner_id.in_(reach.plain), repos.c.resource_group_id.is_(None), among),
        sa.and_(repos.c.resource_group_id.in_(reach.groups), among),
    ]
    if actor.scopes is None or actor.scopes.gated:
        mine = access_requests.c.user_id == actor.user_id
        accepted = access_requests.c.status == AccessStatus.ACCEPTED.value
        ways.append(repos.c.id.in_(sa.select(access_requests.c.repo_id).where(mine, accepted)))
    return ways


def _role_in_group(actor: Actor, repo: Repo) -> Role | None:
    return None if repo.resource_group_id is None else group_role(actor, repo.resource_group_id)


def _status(tx: ReadTx, actor: Actor, repo: Repo) -> AccessStatus | None:
    return tx.keep(("gate", repo.id, actor.user_id), lambda: status_of(tx, repo.id, actor.user_id))


def status_of(tx: ReadTx, repo_id: int, user_id: int | None) -> AccessStatus | None:
    """Return where a person's request stands, None if there is none."""
    here = sa.and_(access_requests.c.repo_id == repo_id, access_requests.c.user_id == user_id)
    found = tx.sql.execute(sa.select(access_requests.c.status).where(here)).scalar()
    return None if found is None else AccessStatus(found)
