"""Who has to hear of something that happened in a discussion."""

from collections.abc import Iterable

import sqlalchemy as sa

from hubkeep.accounts import (
    Action,
    BadCredentials,
    OwnerKind,
    Role,
    actor_of,
    may,
    members_of,
    owners_known,
    owners_named,
)
from hubkeep.community.discussions import Event, listeners
from hubkeep.community.notifications.mentions import mentioned
from hubkeep.community.notifications.tables import watches
from hubkeep.community.notifications.types import Reason, Watched
from hubkeep.kit import ReadTx
from hubkeep.repos import Repo

MAX_WATCHERS = 100_000  # of one repository or owner


def recipients(tx: ReadTx, repo: Repo, event: Event) -> dict[int, Reason]:
    """Return people by number, and why each of them hears of it: the strongest reason.

    Not the author, nobody who muted the discussion, and nobody who may not read it; who muted the repository hears only of
    texts that call them.
    """
    taking_part, deaf = listeners(tx, event.discussion_id, event.at)
    watching, muted = _watching(tx, repo)
    found: dict[int, Reason] = dict.fromkeys(watching, Reason.WATCHED)
    found |= dict.fromkeys(set(taking_part) - muted, Reason.PARTICIPATING)
    found |= dict.fromkeys(_called(tx, event.comment.raw if event.comment else ""), Reason.MENTION)
    not_here = {*deaf, event.author_id}
    return {
        user_id: reason
        for user_id, reason in found.items()
        if user_id not in not_here and _may_read(tx, repo, user_id)
    }


def _called(tx: ReadTx, text: str) -> list[int]:
    owners = owners_named(tx, mentioned(text)) if "@" in text else {}
    return [owner.id for owner in owners.values() if owner.kind is OwnerKind.USER]


def _watching(tx: ReadTx, repo: Repo) -> tuple[set[int], set[int]]:
    """Return who watches the repository or its owner, and who muted it; whose it is watches it without saying so."""
    to_repo = _rows(tx, Watched.REPO, repo.id)
    muted = {user_id for user_id, listens in to_repo.items() if not listens}
    owner = owners_known(tx, [repo.owner_id]).get(repo.owner_id)
    if owner is None:
        return set(), muted
    to_owner = _rows(tx, Watched(owner.kind.value), owner.id)
    listening = {owner.id} if owner.kind is OwnerKind.USER else set(_members(tx, owner.id))
    listening |= {user_id for user_id, listens in to_owner.items() if listens}
    listening -= {user_id for user_id, listens in to_owner.items() if not listens}
    listening |= {user_id for user_id, listens in to_repo.items() if listens}
    return listening - muted, muted


def _members(tx: ReadTx, org_id: int) -> Iterable[int]:
    return (member.user.id for member in members_of(tx, org_id) if member.role is not Role.NO_ACCESS)


def _rows(tx: ReadTx, kind: Watched, target_id: int) -> dict[int, bool]:
    here = sa.and_(watches.c.kind == kind.value, watches.c.target_id == target_id)
    found = sa.select(watches.c.user_id, watches.c.listens).where(here).limit(MAX_WATCHERS)
    return {row.user_id: row.listens for row in tx.sql.execute(found)}


def _may_read(tx: ReadTx, repo: Repo, user_id: int) -> bool:
    """Ask who they are only where it matters: public repositories are everybody's."""
    if not repo.private:
        return True
    try:
        return may(actor_of(tx, user_id, can_write=False), Action.READ, repo)
    except BadCredentials:
        return False
