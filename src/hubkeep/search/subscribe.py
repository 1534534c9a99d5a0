"""Keep the index true: what happens to repositories and people reaches it inside the same transaction."""

from hubkeep import repos
from hubkeep.accounts import OwnerAdded, OwnerRenamed, UserLeaves
from hubkeep.accounts.orgs import OrgDeleting
from hubkeep.kit import Bus, Job, WriteTx
from hubkeep.repos import (
    Repo,
    RepoCreated,
    RepoDeleted,
    RepoLiked,
    RepoMovedAway,
    RepoPushed,
    RepoSettingsChanged,
)
from hubkeep.search.activity import add_likes, forget_activity
from hubkeep.search.features import document_of
from hubkeep.search.full_text import forget_text
from hubkeep.search.index import drop, put
from hubkeep.search.people import drop_person, put_person

READ_CARD = "search.read_card"


def subscribe(bus: Bus) -> None:
    """Called once, by app.py. Rooms below never learn that somebody searches."""
    bus.on(RepoCreated, lambda tx, event: refresh(tx, event.repo))
    bus.on(RepoPushed, _on_push)
    bus.on(RepoMovedAway, lambda tx, event: _on_change(tx, event.repo))
    bus.on(RepoSettingsChanged, lambda tx, event: _on_change(tx, event.repo))
    bus.on(RepoLiked, lambda tx, event: add_likes(tx, event.repo.id, event.more, event.since))
    bus.on(RepoDeleted, _on_delete)
    bus.on(OwnerAdded, lambda tx, event: put_person(tx, event.owner))
    bus.on(OwnerRenamed, lambda tx, event: put_person(tx, event.owner))
    bus.on(OrgDeleting, lambda tx, event: drop_person(tx, event.org.id))
    bus.on(UserLeaves, lambda tx, event: drop_person(tx, event.owner.id))


def refresh(tx: WriteTx, repo: Repo) -> None:
    """Make the index say what the rows say of a repository now; one that an operator closed is not found."""
    if repo.disabled:
        drop(tx, repo.id)
    else:
        put(tx, [document_of(info) for info in repos.infos(tx, [repo])])


def _on_push(tx: WriteTx, event: RepoPushed) -> None:
    refresh(tx, event.repo)
    tx.enqueue(Job(READ_CARD, {"repo_id": event.repo.id}))


def _on_change(tx: WriteTx, repo: Repo) -> None:
    """Names and visibility are among a card's words too; who may not see it is asked again at every search."""
    refresh(tx, repo)
    tx.enqueue(Job(READ_CARD, {"repo_id": repo.id}))


def _on_delete(tx: WriteTx, event: RepoDeleted) -> None:
    drop(tx, event.repo.id)
    forget_text(tx, event.repo.id)
    forget_activity(tx, event.repo.id)
