"""Give a discussion another title."""

from hubkeep.accounts import Actor
from hubkeep.community.discussions.events import DiscussionChanged
from hubkeep.community.discussions.find import find
from hubkeep.community.discussions.record import happen
from hubkeep.community.discussions.rights import require_author_or_writer, require_unlocked
from hubkeep.community.discussions.types import MAX_TITLE, MIN_TITLE, EventType, Happened
from hubkeep.community.text import clean_line
from hubkeep.kit import WriteTx
from hubkeep.repos import Kind


def rename(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, num: int, title: str) -> Happened:
    """Change the title: the author may, and whoever may write to the repository.

    Raises:
        BadInput, DiscussionLocked, NotSignedIn, NotAllowed, and what `find` raises.
    """
    found = find(tx, actor, kind, full_name, num)
    user_id = require_author_or_writer(
        actor, found.repo, found.discussion.author_id, "rename somebody else's discussion"
    )
    require_unlocked(actor, found.repo, found.discussion)
    new = clean_line(title, "title", MIN_TITLE, MAX_TITLE)
    told = {"from": found.discussion.title, "to": new}
    happened = happen(
        tx,
        found.repo,
        found.discussion,
        user_id,
        EventType.TITLE_CHANGE,
        told,
        title=new,
        title_lower=new.lower(),
    )
    tx.emit(DiscussionChanged(found.repo, happened.discussion, happened.event))
    return happened
