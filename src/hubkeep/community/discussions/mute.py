"""Stop hearing of a discussion, or listen again."""

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.community.discussions.find import find
from hubkeep.community.discussions.record import take_part
from hubkeep.community.discussions.tables import participants
from hubkeep.community.discussions.types import Found
from hubkeep.community.voice import require_voice
from hubkeep.kit import WriteTx
from hubkeep.repos import Kind


def mute(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, num: int, *, muted: bool) -> Found:
    """Mute a discussion for the actor, or not; unmuting also subscribes. Raises NotSignedIn, and what `find` raises."""
    found = find(tx, actor, kind, full_name, num)
    user_id = require_voice(actor, "mute discussions")
    take_part(tx, found.discussion.id, [user_id])
    here = sa.and_(participants.c.discussion_id == found.discussion.id, participants.c.user_id == user_id)
    tx.sql.execute(sa.update(participants).where(here).values(muted=muted))
    return found
