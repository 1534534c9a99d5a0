"""Listen to everything a webhook may tell of. Within the request only one question is asked: does anybody watch this?"""

import secrets
from typing import Any

from hubkeep.community import discussions as talks
from hubkeep.community.discussions import (
    CommentAdded,
    CommentChanged,
    DiscussionChanged,
    DiscussionDeleted,
    DiscussionOpened,
)
from hubkeep.community.webhooks import payload as words
from hubkeep.community.webhooks.queries import OWNERS, is_watched
from hubkeep.community.webhooks.types import Domain
from hubkeep.kit import Bus, Job, WriteTx
from hubkeep.repos import (
    Repo,
    RepoCreated,
    RepoDeleted,
    RepoMovedAway,
    RepoPushed,
    RepoSettingsChanged,
    first_ref,
)

TRIGGER = "community.trigger"


def subscribe(bus: Bus) -> None:
    """Listen to repositories and discussions."""
    bus.on(RepoCreated, lambda tx, event: _repo(tx, "create", "repo", event.repo))
    bus.on(RepoDeleted, lambda tx, event: _repo(tx, "delete", "repo", event.repo))
    bus.on(RepoMovedAway, _on_moved)
    bus.on(RepoPushed, _on_push)
    bus.on(RepoSettingsChanged, _on_settings)
    bus.on(DiscussionOpened, lambda tx, event: _talk(tx, "create", "discussion", event, told=True))
    bus.on(DiscussionChanged, lambda tx, event: _talk(tx, "update", "discussion", event))
    bus.on(DiscussionDeleted, lambda tx, event: _talk(tx, "delete", "discussion", event))
    bus.on(CommentAdded, lambda tx, event: _talk(tx, "create", "discussion.comment", event, told=True))
    bus.on(CommentChanged, lambda tx, event: _talk(tx, "update", "discussion.comment", event, told=True))


def targets_of(repo_kind: str, repo_id: int, owner_id: int) -> list[tuple[str, int]]:
    """Return everything that may be watched to hear of a repository."""
    return [(repo_kind, repo_id), *((kind, owner_id) for kind in OWNERS)]


def _on_moved(tx: WriteTx, event: RepoMovedAway) -> None:
    there = {"name": event.repo.full_name, "owner": {"id": event.repo.owner_id}}
    _repo(tx, "move", "repo", event.repo, event.old_name, movedTo=there)


def _on_push(tx: WriteTx, event: RepoPushed) -> None:
    _repo(tx, "update", "repo.content", event.repo, updatedRefs=words.updated_refs(list(event.updates)))


def _on_settings(tx: WriteTx, event: RepoSettingsChanged) -> None:
    _repo(tx, "update", "repo.config", event.repo, updatedConfig={"private": event.repo.private})


def _repo(tx: WriteTx, action: str, scope: str, repo: Repo, name: str | None = None, **more: Any) -> None:
    if not is_watched(tx, targets_of(repo.kind.value, repo.id, repo.owner_id)):
        return
    told = words.happened(action, scope, repo, name) | more
    head = first_ref(tx, repo.id, [f"refs/heads/{repo.default_branch}"])
    if head is not None:
        told["repo"]["headSha"] = head.commit_oid
    _later(tx, Domain.REPO, repo, told)


def _talk(tx: WriteTx, action: str, scope: str, event: Any, *, told: bool = False) -> None:
    repo, talk = event.repo, event.discussion
    if not is_watched(tx, targets_of(repo.kind.value, repo.id, repo.owner_id)):
        return
    about = words.happened(action, scope, repo) | {"discussion": words.discussion(repo, talk)}
    if told and event.event.type is talks.EventType.COMMENT:
        about["comment"] = words.comment(repo, talk, event.event)
    _later(tx, Domain.DISCUSSION, repo, about)


def _later(tx: WriteTx, domain: Domain, repo: Repo, told: dict[str, Any]) -> None:
    facts = {
        "event": secrets.token_hex(16),
        "domain": domain.value,
        "kind": repo.kind.value,
        "id": repo.id,
        "owner_id": repo.owner_id,
        "creator_id": repo.creator_id,
        "private": repo.private,
        "resource_group_id": repo.resource_group_id,
        "payload": told,
    }
    tx.enqueue(Job(TRIGGER, facts))
