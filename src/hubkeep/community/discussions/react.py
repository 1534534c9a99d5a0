"""React to a comment with a sign, or take it back."""

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.community.discussions.errors import CommentHidden
from hubkeep.community.discussions.find import find, find_comment
from hubkeep.community.discussions.record import look
from hubkeep.community.discussions.rights import require_unlocked
from hubkeep.community.discussions.tables import discussions, reaction_totals, reactions
from hubkeep.community.discussions.types import Discussion, Happened, Reaction
from hubkeep.community.voice import require_voice
from hubkeep.kit import WriteTx, now
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import Kind


def react(
    tx: WriteTx,
    actor: Actor,
    kind: Kind,
    full_name: str,
    num: int,
    event_id: int,
    reaction: Reaction,
    *,
    on: bool,
) -> Happened:
    """Add the actor's reaction, or take it back; doing either twice changes nothing.

    Raises:
        CommentNotFound, CommentHidden, DiscussionLocked, NotSignedIn, NotAllowed, and what `find` raises.
    """
    found = find(tx, actor, kind, full_name, num)
    old = find_comment(tx, found.discussion, event_id)
    user_id = require_voice(actor, "react to comments", found.repo)
    require_unlocked(actor, found.repo, found.discussion)
    assert old.comment is not None
    if old.comment.hidden:
        raise CommentHidden
    before = _has_reacted(tx, found.discussion, user_id)
    if _switch(tx, found.discussion, event_id, user_id, reaction, on=on):
        change = int(_has_reacted(tx, found.discussion, user_id)) - int(before)
        if change:
            tx.sql.execute(
                sa.update(discussions)
                .where(discussions.c.id == found.discussion.id)
                .values(reaction_users=discussions.c.reaction_users + change)
            )
    return look(tx, found.repo, found.discussion.id, event_id)


def _switch(
    tx: WriteTx, discussion: Discussion, event_id: int, user_id: int, reaction: Reaction, *, on: bool
) -> bool:
    """Add or delete the row, and count it; False when it was so already."""
    key = {"event_id": event_id, "reaction": reaction.value, "user_id": user_id}
    here = sa.and_(*(reactions.c[name] == value for name, value in key.items()))
    there = tx.sql.execute(sa.select(reactions.c.user_id).where(here)).first() is not None
    if there == on:
        return False
    total = {"event_id": event_id, "reaction": reaction.value}
    insert_missing(tx.sql, reaction_totals, [{**total, "n": 0}])
    if on:
        row = {**key, "discussion_id": discussion.id, "at": now()}
        tx.sql.execute(sa.insert(reactions).values(**row))
    else:
        tx.sql.execute(sa.delete(reactions).where(here))
    which = sa.and_(*(reaction_totals.c[name] == value for name, value in total.items()))
    changed = reaction_totals.c.n + (1 if on else -1)
    tx.sql.execute(sa.update(reaction_totals).where(which).values(n=changed))
    return True


def _has_reacted(tx: WriteTx, discussion: Discussion, user_id: int) -> bool:
    mine = sa.and_(reactions.c.discussion_id == discussion.id, reactions.c.user_id == user_id)
    return tx.sql.execute(sa.select(reactions.c.event_id).where(mine).limit(1)).first() is not None
