"""Which resource group a repository is in, and what becomes of repositories when groups and organizations go."""

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor, NotAllowed, UserLeaves, orgs
from hubkeep.accounts.orgs import OrgDeleting, OrgNotEmpty, ResourceGroup, ResourceGroupDeleting
from hubkeep.kit import BadInput, Bus, ReadTx, WriteTx
from hubkeep.repos import owner_moved, queries
from hubkeep.repos.audited import audited
from hubkeep.repos.create import require_owner
from hubkeep.repos.events import RepoSettingsChanged
from hubkeep.repos.get import get, get_for
from hubkeep.repos.tables import repos
from hubkeep.repos.types import Kind, Repo

MAX_AT_ONCE = 1000  # repositories that leave a group with it


def subscribe(bus: Bus) -> None:
    """Listen to what happens to organizations. Called once, by whoever builds the house."""
    bus.on(OrgDeleting, _refuse_while_it_owns)
    bus.on(UserLeaves, _refuse_while_they_own)
    bus.on(ResourceGroupDeleting, _let_out)
    owner_moved.subscribe(bus)


def set_resource_group(
    tx: WriteTx, actor: Actor, kind: Kind, full_name: str, group_id: int | None
) -> tuple[Repo, ResourceGroup | None]:
    """Put a repository into a resource group of its organization, or (None) out of every one.

    It takes what deleting it here and creating it there takes. A private repository is seen by the members of its group
    only; outside every group, by all who may read in the organization.

    Raises:
        GroupNotFound: a group of another organization, or none that `actor` is in.
        NotAllowed, and what `get_for` raises.
    """
    repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
    before = orgs.group_by_id(tx, repo.resource_group_id) if repo.resource_group_id is not None else None
    if group_id == repo.resource_group_id:
        return repo, before
    require_owner(tx, actor, repo.owner, group_id)
    tx.sql.execute(sa.update(repos).where(repos.c.id == repo.id).values(resource_group_id=group_id))
    after = queries.by_id(tx, repo.id)
    group = orgs.group_by_id(tx, group_id) if group_id is not None else None
    assert after is not None
    names = {"before": before.name if before else None, "after": group.name if group else None}
    audited(tx, actor, "update_resource_group", repo, **names)
    tx.emit(RepoSettingsChanged(after))
    return after, group


def resource_group_of(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> ResourceGroup | None:
    """Return the group that a repository is in, to those who belong to its organization. Raises what `get` raises."""
    repo = get(tx, actor, kind, full_name)
    if repo.resource_group_id is None or not orgs.is_member(actor, repo.owner_id):
        return None
    return orgs.group_by_id(tx, repo.resource_group_id)


def repos_in_group(tx: ReadTx, actor: Actor, group_id: int, limit: int = MAX_AT_ONCE) -> list[Repo]:
    """Return the repositories of a group that `actor` may see, in name order, `limit` at most."""
    inside = queries.visible_to(actor).where(repos.c.resource_group_id == group_id)
    rows = tx.sql.execute(inside.order_by(repos.c.name_lower, repos.c.id).limit(limit))
    return [queries.fact(row) for row in rows]


def _refuse_while_it_owns(tx: WriteTx, event: OrgDeleting) -> None:
    owned = sa.select(sa.func.count()).where(repos.c.owner_id == event.org.id)
    count = tx.sql.execute(owned).scalar_one()
    if count:
        what = "1 repository" if count == 1 else f"{count:,} repositories"
        raise OrgNotEmpty(org=event.org.name, what=what)


def _refuse_while_they_own(tx: WriteTx, event: UserLeaves) -> None:
    owned = sa.select(repos.c.owner).where(repos.c.owner_id == event.owner.id).limit(1)
    if tx.sql.execute(owned).first() is not None:
        raise NotAllowed(what="leave repositories behind: move or delete them first")


def _let_out(tx: WriteTx, event: ResourceGroupDeleting) -> None:
    inside = sa.select(repos.c.id).where(repos.c.resource_group_id == event.group_id).limit(MAX_AT_ONCE + 1)
    numbers = list(tx.sql.execute(inside).scalars())
    if len(numbers) > MAX_AT_ONCE:
        reason = f"it holds more than {MAX_AT_ONCE:,} repositories: take some out first"
        raise BadInput(field="resourceGroupId", reason=reason)
    out = sa.update(repos).where(repos.c.resource_group_id == event.group_id)
    tx.sql.execute(out.values(resource_group_id=None))
    for number in numbers:
        after = queries.by_id(tx, number)
        assert after is not None
        tx.emit(RepoSettingsChanged(after))
