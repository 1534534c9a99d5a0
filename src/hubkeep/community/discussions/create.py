"""Open a discussion."""

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.community.discussions.events import DiscussionOpened
from hubkeep.community.discussions.find import find_house
from hubkeep.community.discussions.record import add_comment_event, count, look, take_num, take_part
from hubkeep.community.discussions.tables import discussions
from hubkeep.community.discussions.types import MAX_COMMENT, MAX_TITLE, MIN_TITLE, Happened, Status
from hubkeep.community.text import clean_line, clean_text
from hubkeep.community.voice import require_voice
from hubkeep.kit import WriteTx, now
from hubkeep.kit.tables import made_id
from hubkeep.repos import Kind, Repo


def create(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, title: str, description: str) -> Happened:
    """Open a discussion: whoever can read the repository may. The description is its first comment.

    Raises:
        BadInput: a title or description out of bounds.
        NotSignedIn, NotAllowed, DiscussionsDisabled, and what `get` raises.
    """
    repo = find_house(tx, actor, kind, full_name)
    user_id = require_voice(actor, f"open a discussion in {repo.full_name}", repo)
    return start(tx, repo, user_id, title, description)


def start(
    tx: WriteTx,
    repo: Repo,
    user_id: int,
    title: str,
    description: str,
    *,
    status: Status = Status.OPEN,
    base_ref: str | None = None,
    head_oid: str | None = None,
) -> Happened:
    """Write the rows of a discussion, or of a pull request to `base_ref`. The caller has asked who may."""
    title = clean_line(title, "title", MIN_TITLE, MAX_TITLE)
    text = clean_text(description, "description", 0, MAX_COMMENT)
    moment = now()
    row = {
        "repo_id": repo.id,
        "num": take_num(tx, repo.id),
        "title": title,
        "title_lower": title.lower(),
        "status": status.value,
        "is_open": True,
        "is_pr": base_ref is not None,
        "author_id": user_id,
        "created_at": moment,
        "updated_at": moment,
        "base_ref": base_ref,
        "head_oid": head_oid,
    }
    made = made_id(tx.sql.execute(sa.insert(discussions).values(**row)))
    event_id = add_comment_event(tx, made, user_id, text, moment)
    tx.sql.execute(sa.update(discussions).where(discussions.c.id == made).values(first_event_id=event_id))
    count(tx, repo.id, is_pr=base_ref is not None, is_open=True, by=1)
    take_part(tx, made, [user_id])
    happened = look(tx, repo, made, event_id)
    tx.emit(DiscussionOpened(repo, happened.discussion, happened.event))
    return happened
