"""Hide a comment: its text is erased, in every version, and that cannot be undone."""

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.community.discussions.events import CommentChanged
from hubkeep.community.discussions.find import find, find_comment
from hubkeep.community.discussions.record import look
from hubkeep.community.discussions.rights import require_author_or_writer
from hubkeep.community.discussions.tables import comment_versions, comments
from hubkeep.community.discussions.types import Happened, HideReason
from hubkeep.kit import WriteTx
from hubkeep.repos import Kind, audited


def hide_comment(
    tx: WriteTx,
    actor: Actor,
    kind: Kind,
    full_name: str,
    num: int,
    event_id: int,
    reason: HideReason | None = None,
) -> Happened:
    """Hide a comment: its author may, and whoever may write to the repository. Hiding twice changes nothing.

    Raises:
        CommentNotFound, NotSignedIn, NotAllowed, and what `find` raises.
    """
    found = find(tx, actor, kind, full_name, num)
    old = find_comment(tx, found.discussion, event_id)
    user_id = require_author_or_writer(actor, found.repo, old.author_id, "hide somebody else's comment")
    assert old.comment is not None
    if old.comment.hidden:
        return Happened(found.repo, found.discussion, old)
    tx.sql.execute(sa.delete(comment_versions).where(comment_versions.c.event_id == event_id))
    values = {
        "raw": "",
        "edits": 0,
        "hidden": True,
        "hidden_by": user_id,
        "hidden_reason": reason.value if reason else None,
    }
    tx.sql.execute(sa.update(comments).where(comments.c.event_id == event_id).values(**values))
    happened = look(tx, found.repo, found.discussion.id, event_id)
    if old.author_id != user_id:  # people may take back their own words without a record
        why = reason.value if reason else None
        audited(tx, actor, "hide_comment", found.repo, discussion=num, author_id=old.author_id, reason=why)
    tx.emit(CommentChanged(found.repo, happened.discussion, happened.event, user_id))
    return happened
