"""What people say and do around repositories: discussions, pull requests, likes, follows, collections, notifications, webhooks.

Each of these is a small room of its own, opened by its name: `community.discussions.comment(…)`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hubkeep.accounts.orgs import ResourceGroupDeleting
from hubkeep.community import activity as activity
from hubkeep.community import attachments as attachments
from hubkeep.community import collections as collections
from hubkeep.community import discussions as discussions
from hubkeep.community import follows as follows
from hubkeep.community import likes as likes
from hubkeep.community import notifications as notifications
from hubkeep.community import pulls as pulls
from hubkeep.community import webhooks as webhooks
from hubkeep.kit import Bus, Database, Job
from hubkeep.kit.jobs import waiting
from hubkeep.repos import RepoDeleted, RepoPushed, Stores

HANDLERS: dict[str, Callable[[Stores, Mapping[str, Any]], None]] = {
    **activity.HANDLERS,
    **notifications.HANDLERS,
    **pulls.HANDLERS,
    **webhooks.HANDLERS,
}
_ALWAYS = (activity.PRUNE, notifications.PRUNE, webhooks.PRUNE)  # jobs that leave their own successor


def subscribe(bus: Bus) -> None:
    """Listen to what happens below. Called once, by whoever builds the house."""
    bus.on(RepoPushed, pulls.on_push)
    bus.on(RepoPushed, pulls.notice_push)
    notifications.subscribe(bus)
    activity.subscribe(bus)
    webhooks.subscribe(bus)
    bus.on(ResourceGroupDeleting, collections.let_out)
    bus.on(
        RepoDeleted, lambda tx, event: collections.forget_item(tx, f"{event.repo.kind.value}:{event.repo.id}")
    )


def start(db: Database) -> None:
    """Leave the work that must always be there."""
    with db.read() as tx:
        missing = [kind for kind in _ALWAYS if not waiting(tx, kind)]
    for kind in missing:
        with db.write() as tx:
            if not waiting(tx, kind):
                tx.enqueue(Job(kind))
