"""Change what a comment says; what it said before stays visible."""

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.community.discussions.errors import CommentHidden, TooManyEdits
from hubkeep.community.discussions.events import CommentChanged
from hubkeep.community.discussions.find import find, find_comment
from hubkeep.community.discussions.record import look
from hubkeep.community.discussions.rights import require_author_or_writer, require_unlocked
from hubkeep.community.discussions.tables import comment_versions, comments
from hubkeep.community.discussions.types import MAX_COMMENT, MAX_EDITS, Happened
from hubkeep.community.text import clean_text
from hubkeep.kit import WriteTx, now
from hubkeep.repos import Kind


def edit_comment(
    tx: WriteTx, actor: Actor, kind: Kind, full_name: str, num: int, event_id: int, text: str
) -> Happened:
    """Replace a comment's text: its author may, and whoever may write to the repository.

    Raises:
        BadInput, CommentHidden, TooManyEdits, CommentNotFound, DiscussionLocked.
        NotSignedIn, NotAllowed, and what `find` raises.
    """
    found = find(tx, actor, kind, full_name, num)
    old = find_comment(tx, found.discussion, event_id)
    user_id = require_author_or_writer(actor, found.repo, old.author_id, "edit somebody else's comment")
    require_unlocked(actor, found.repo, found.discussion)
    assert old.comment is not None
    if old.comment.hidden:
        raise CommentHidden
    if old.comment.edits >= MAX_EDITS:
        raise TooManyEdits(limit=MAX_EDITS)
    least = 0 if event_id == found.discussion.first_event_id else 1
    raw = clean_text(text, "content", least, MAX_COMMENT)
    if raw == old.comment.raw:
        return Happened(found.repo, found.discussion, old)
    _replace(tx, event_id, raw, user_id)
    happened = look(tx, found.repo, found.discussion.id, event_id)
    tx.emit(CommentChanged(found.repo, happened.discussion, happened.event, user_id))
    return happened


def _replace(tx: WriteTx, event_id: int, raw: str, user_id: int) -> None:
    here = comments.c.event_id == event_id
    old = sa.select(comments.c.event_id, comments.c.raw, comments.c.updated_at, comments.c.updated_by).where(
        here
    )
    tx.sql.execute(sa.insert(comment_versions).from_select(["event_id", "raw", "at", "user_id"], old))
    changed = {"raw": raw, "updated_at": now(), "updated_by": user_id, "edits": comments.c.edits + 1}
    tx.sql.execute(sa.update(comments).where(here).values(**changed))
