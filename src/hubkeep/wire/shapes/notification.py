"""Notifications as the wire shows them. Source: hub-platform contract section 7."""

from typing import Any

from hubkeep.community.notifications import Notification, Page
from hubkeep.kit import wire_date
from hubkeep.wire.shapes.names import avatar_url, object_id


def page(found: Page, base: str) -> dict[str, Any]:
    """Return a page of notifications."""
    return {
        "notifications": [notification(one, base) for one in found.items],
        "count": {"view": found.view, "unread": found.unread, "all": found.all},
        "start": found.start,
    }


def notification(one: Notification, base: str) -> dict[str, Any]:
    """Return one notification."""
    discussion = one.discussion
    return {
        "type": "repo",
        "updatedAt": wire_date(one.updated_at),
        "read": one.read,
        "reason": one.reason.value,
        "discussionEventId": object_id(one.event_id, one.event_at),
        "repo": {"name": one.repo.full_name, "type": one.repo.kind.value},
        "discussion": {
            "id": object_id(discussion.id, discussion.created_at),
            "num": discussion.num,
            "title": discussion.title,
            "status": discussion.status.value,
            "isPullRequest": discussion.is_pull_request,
            "participating": [
                {
                    "_id": object_id(person.id, person.created_at),
                    "avatar": avatar_url(base, person.name, person.avatar),
                    "user": person.name,
                }
                for person in one.participating
            ],
        },
    }
