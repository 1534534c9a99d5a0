"""Delete a discussion with everything said in it."""

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor, NotAllowed, may
from hubkeep.community.discussions.errors import WrongStatus
from hubkeep.community.discussions.events import DiscussionDeleted
from hubkeep.community.discussions.find import find
from hubkeep.community.discussions.record import count
from hubkeep.community.discussions.tables import discussions
from hubkeep.community.discussions.types import Found
from hubkeep.community.voice import require_voice
from hubkeep.kit import WriteTx
from hubkeep.repos import Kind, audited


def delete(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, num: int) -> Found:
    """Delete it: whoever may manage the repository. Its number is never given out again.

    Raises:
        WrongStatus: a pull request whose ref still exists; close it and delete the ref first.
        NotSignedIn, NotAllowed, and what `find` raises.
    """
    found = find(tx, actor, kind, full_name, num)
    user_id = require_voice(actor, "delete discussions", found.repo)
    if not may(actor, Action.MANAGE, found.repo):
        raise NotAllowed(what="delete discussions here")
    discussion = found.discussion
    if discussion.is_pull_request and not discussion.ref_deleted:
        raise WrongStatus(reason="Close this pull request and delete its ref first.")
    count(tx, found.repo.id, is_pr=discussion.is_pull_request, is_open=discussion.is_open, by=-1)
    tx.sql.execute(sa.delete(discussions).where(discussions.c.id == discussion.id))
    told = {"title": discussion.title, "author_id": discussion.author_id}
    audited(tx, actor, "delete_discussion", found.repo, discussion=num, **told)
    tx.emit(DiscussionDeleted(found.repo, discussion, user_id))
    return found
