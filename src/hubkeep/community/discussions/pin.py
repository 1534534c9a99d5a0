"""Pin a discussion to the top of the list, and lock it."""

from hubkeep.accounts import Actor
from hubkeep.community.discussions.events import DiscussionChanged
from hubkeep.community.discussions.find import find
from hubkeep.community.discussions.record import happen
from hubkeep.community.discussions.rights import require_writer
from hubkeep.community.discussions.types import EventType, Found
from hubkeep.kit import WriteTx
from hubkeep.repos import Kind


def pin(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, num: int, *, pinned: bool) -> Found:
    """Pin or unpin: whoever may write to the repository. Raises NotSignedIn, NotAllowed, and what `find` raises."""
    found = find(tx, actor, kind, full_name, num)
    user_id = require_writer(actor, found.repo, "pin discussions here")
    if found.discussion.pinned == pinned:
        return found
    told = {"pinned": pinned}
    happened = happen(
        tx, found.repo, found.discussion, user_id, EventType.PINNING_CHANGE, told, pinned=pinned
    )
    tx.emit(DiscussionChanged(found.repo, happened.discussion, happened.event))
    return Found(found.repo, happened.discussion)


def lock(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, num: int, *, locked: bool) -> Found:
    """Lock or unlock: then only those who may write to the repository take part. Raises as `pin` does."""
    found = find(tx, actor, kind, full_name, num)
    user_id = require_writer(actor, found.repo, "lock discussions here")
    if found.discussion.locked == locked:
        return found
    told = {"locked": locked}
    happened = happen(
        tx, found.repo, found.discussion, user_id, EventType.LOCKING_CHANGE, told, locked=locked
    )
    tx.emit(DiscussionChanged(found.repo, happened.discussion, happened.event))
    return Found(found.repo, happened.discussion)
