"""What an owner keeps, and whether there is room for more.

Storage is counted by repository (`repos.used_storage`: its packs, and the large files that it holds, whatever is stored only
once), in the transaction that adds or removes something; the sum over an owner is one query of an index. What somebody
keeps outside repositories (pictures in comments) is added to it. Uploads that end
at the same moment may go over a quota together: each saw the room, and none is taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from hubkeep.accounts import other_bytes, quota_of
from hubkeep.kit import Bus, HubError, ReadTx, WriteTx
from hubkeep.kit.settings import QuotaSettings
from hubkeep.repos.events import RepoCreated, RepoMovedAway
from hubkeep.repos.tables import repos


class StorageFull(HubError):
    """The owner's quota of bytes is used up. Source: hub-features 14: 403 with a text."""

    status = 403
    text = (
        "Storage limit reached: {owner} may store {limit:,} bytes, and there is no room for {more:,} more. "
        "Delete large files, or ask an operator of this hub for more room."
    )


class TooManyRepos(HubError):
    """The owner has as many repositories as they may."""

    status = 403
    text = "Repository limit reached: {owner} may have {limit:,} repositories. Delete one, or ask an operator of this hub for more."


@dataclass(frozen=True)
class Usage:
    """What an owner has: bytes and repositories."""

    bytes: int = 0
    repos: int = 0


def usage_of(tx: ReadTx, owner_id: int) -> Usage:
    """Return what one owner has."""
    return usages(tx, [owner_id]).get(owner_id, Usage())


def usages(tx: ReadTx, owner_ids: list[int]) -> Mapping[int, Usage]:
    """Return what these owners have, in repositories and beside them, those with nothing left out."""
    used = (
        sa.select(repos.c.owner_id, sa.func.sum(repos.c.used_storage), sa.func.count())
        .where(repos.c.owner_id.in_(owner_ids))
        .group_by(repos.c.owner_id)
    )
    found = {row[0]: Usage(int(row[1]), int(row[2])) for row in tx.sql.execute(used)}
    for owner_id, more in other_bytes(tx, owner_ids).items():
        had = found.get(owner_id, Usage())
        found[owner_id] = Usage(had.bytes + more, had.repos)
    return found


def require_room(
    tx: ReadTx, quotas: QuotaSettings, owner_id: int, owner: str, *, more_bytes: int = 0, more_repos: int = 0
) -> None:
    """Pass if the owner may have so much more. Raises StorageFull, TooManyRepos."""
    quota = quota_of(tx, quotas, owner_id)
    if not (quota.max_bytes and more_bytes > 0) and not (quota.max_repos and more_repos > 0):
        return
    used = usage_of(tx, owner_id)
    if quota.max_repos and more_repos > 0 and used.repos + more_repos > quota.max_repos:
        raise TooManyRepos(owner=owner, limit=quota.max_repos)
    if quota.max_bytes and more_bytes > 0 and used.bytes + more_bytes > quota.max_bytes:
        raise StorageFull(owner=owner, limit=quota.max_bytes, more=more_bytes)


def add_storage(tx: WriteTx, repo_id: int, more: int) -> None:
    """Count bytes that a repository takes from now on, or (negative) no longer takes."""
    if more:
        after = sa.case((repos.c.used_storage + more < 0, 0), else_=repos.c.used_storage + more)
        tx.sql.execute(sa.update(repos).where(repos.c.id == repo_id).values(used_storage=after))


def guard_quotas(bus: Bus, quotas: QuotaSettings) -> None:
    """Refuse, in the transaction that makes or moves a repository, what would be one too many for its owner."""
    bus.on(RepoCreated, partial(_on_created, quotas))
    bus.on(RepoMovedAway, partial(_on_moved, quotas))


def _on_created(quotas: QuotaSettings, tx: WriteTx, event: RepoCreated) -> None:
    _require_within(tx, quotas, event.repo.owner_id, event.repo.owner)


def _on_moved(quotas: QuotaSettings, tx: WriteTx, event: RepoMovedAway) -> None:
    if event.with_owner:
        return
    if event.old_name.partition("/")[0].lower() != event.repo.owner.lower():
        _require_within(tx, quotas, event.repo.owner_id, event.repo.owner)


def _require_within(tx: ReadTx, quotas: QuotaSettings, owner_id: int, owner: str) -> None:
    """Pass if what the owner has now is not too much."""
    quota = quota_of(tx, quotas, owner_id)
    if not quota.max_bytes and not quota.max_repos:
        return
    used = usage_of(tx, owner_id)
    if quota.max_repos and used.repos > quota.max_repos:
        raise TooManyRepos(owner=owner, limit=quota.max_repos)
    if quota.max_bytes and used.bytes > quota.max_bytes:
        over = used.bytes - quota.max_bytes
        raise StorageFull(owner=owner, limit=quota.max_bytes, more=over)
