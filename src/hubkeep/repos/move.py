"""Give a repository another name or owner; the old name keeps working."""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hubkeep.accounts import Action, Actor, NotAllowed, Owner, Role, owner_now, role_in
from hubkeep.kit import BadInput, WriteTx
from hubkeep.repos import queries
from hubkeep.repos.access_requests import require_gatekeeper
from hubkeep.repos.audited import audited
from hubkeep.repos.create import forget_former_name, require_owner
from hubkeep.repos.errors import RepoNameTaken
from hubkeep.repos.events import RepoMovedAway
from hubkeep.repos.get import get_for
from hubkeep.repos.names import check_repo_name
from hubkeep.repos.tables import former_names, repos
from hubkeep.repos.types import Kind, Repo


def move(tx: WriteTx, actor: Actor, kind: Kind, from_name: str, to_name: str) -> Repo:
    """Rename `from_name` (`owner/name`) to `to_name`; redirects from the old name stay until somebody takes it.

    Raises:
        NotAllowed: to another owner, by who does not administer this one, or may not create over there. Nobody gives
            anything to another person: nobody may create in their name.
        BadInput, RepoNameTaken, OwnerNotFound, and what `get_for` raises.
    """
    repo = get_for(tx, actor, kind, from_name, Action.MANAGE)
    require_gatekeeper(actor, repo)  # elsewhere, the gate might not hold for them
    owner_name, slash, name = to_name.partition("/")
    if not slash:
        raise BadInput(field="toRepo", reason="must be `owner/name`")
    check_repo_name(name, "toRepo")
    owner = _receiver(tx, actor, repo, owner_name)
    forget_former_name(tx, kind, owner.name, name)
    row: dict[str, object] = {
        "owner_id": owner.id,
        "owner": owner.name,
        "owner_lower": owner.name.lower(),
        "name": name,
        "name_lower": name.lower(),
    }
    if owner.id != repo.owner_id:
        row["resource_group_id"] = None  # groups are of one organization
    try:
        with tx.sql.begin_nested():
            tx.sql.execute(sa.update(repos).where(repos.c.id == repo.id).values(**row))
    except IntegrityError:
        raise RepoNameTaken(kind=kind, name=f"{owner.name}/{name}") from None
    _remember(tx, repo, f"{owner.name}/{name}")
    after = queries.by_id(tx, repo.id)
    assert after is not None
    names = {"before": repo.full_name, "after": after.full_name}
    audited(tx, actor, "move", repo, **names)
    if after.owner_id != repo.owner_id:  # both owners' administrators are told
        audited(tx, actor, "move", after, **names)
    tx.emit(RepoMovedAway(after, repo.full_name))
    return after


def _receiver(tx: WriteTx, actor: Actor, repo: Repo, name: str) -> Owner:
    """Return the owner to be. Within one namespace whoever manages a repository may rename it.

    Source: the Hub's rules: from an organization its administrators, to an organization its contributors.
    """
    owner = owner_now(tx, name)
    if owner.id == repo.owner_id:
        return owner
    if not actor.is_admin and role_in(actor, repo.owner_id) is not Role.ADMIN:
        raise NotAllowed(what=f"take a repository out of {repo.owner}: its administrators may")
    return require_owner(tx, actor, name)


def _remember(tx: WriteTx, repo: Repo, new_name: str) -> None:
    """Redirect the old name, unless only its capitals changed."""
    if repo.full_name.lower() == new_name.lower():
        return
    forget_former_name(tx, repo.kind, repo.owner, repo.name)
    row = {
        "kind": repo.kind.value,
        "owner_lower": repo.owner.lower(),
        "name_lower": repo.name.lower(),
        "repo_id": repo.id,
    }
    tx.sql.execute(sa.insert(former_names).values(**row))
