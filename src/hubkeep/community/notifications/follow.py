"""Listen to what happens in discussions; whoever has to hear of it is told by a job, never within the request."""

from hubkeep.community.discussions import (
    CommentAdded,
    Discussion,
    DiscussionChanged,
    DiscussionOpened,
    Event,
    EventType,
)
from hubkeep.community.notifications import gate_mail, gate_notices
from hubkeep.kit import Bus, Job, WriteTx

TELL = "community.tell"
# What is worth a message; pins, locks and titles are not.
_WORTH = (EventType.COMMENT, EventType.STATUS_CHANGE, EventType.COMMIT)


def subscribe(bus: Bus) -> None:
    """Listen to discussions, and to what happens at gates."""
    gate_mail.subscribe(bus)
    gate_notices.subscribe(bus)
    bus.on(DiscussionOpened, lambda tx, event: _later(tx, event.discussion, event.event))
    bus.on(CommentAdded, lambda tx, event: _later(tx, event.discussion, event.event))
    bus.on(DiscussionChanged, lambda tx, event: _later(tx, event.discussion, event.event))


def _later(tx: WriteTx, discussion: Discussion, event: Event) -> None:
    if event.type in _WORTH:
        tx.enqueue(Job(TELL, {"discussion_id": discussion.id, "event_id": event.id}))
