"""Say something in a discussion."""

from hubkeep.accounts import Actor
from hubkeep.community.discussions.events import CommentAdded
from hubkeep.community.discussions.find import find
from hubkeep.community.discussions.record import add_comment_event, change, look, take_part
from hubkeep.community.discussions.rights import require_unlocked
from hubkeep.community.discussions.tables import discussions
from hubkeep.community.discussions.types import MAX_COMMENT, Discussion, Happened
from hubkeep.community.text import clean_text
from hubkeep.community.voice import require_voice
from hubkeep.kit import WriteTx, now
from hubkeep.repos import Kind, Repo


def comment(
    tx: WriteTx, actor: Actor, kind: Kind, full_name: str, num: int, text: str, *, field: str = "comment"
) -> Happened:
    """Add a comment: whoever can read the repository may, unless the discussion is locked.

    Raises:
        BadInput: an empty text, or one over its limit.
        NotSignedIn, NotAllowed, DiscussionLocked, and what `find` raises.
    """
    found = find(tx, actor, kind, full_name, num)
    user_id = require_voice(actor, f"comment in {found.repo.full_name}", found.repo)
    require_unlocked(actor, found.repo, found.discussion)
    return say(tx, found.repo, found.discussion, user_id, text, field=field)


def say(
    tx: WriteTx, repo: Repo, discussion: Discussion, user_id: int, text: str, *, field: str = "comment"
) -> Happened:
    """Write the rows of a comment. The caller has asked who may. Raises BadInput."""
    raw = clean_text(text, field, 1, MAX_COMMENT)
    moment = now()
    event_id = add_comment_event(tx, discussion.id, user_id, raw, moment)
    change(tx, discussion, updated_at=moment, comments=discussions.c.comments + 1)
    take_part(tx, discussion.id, [user_id])
    happened = look(tx, repo, discussion.id, event_id)
    tx.emit(CommentAdded(repo, happened.discussion, happened.event))
    return happened
