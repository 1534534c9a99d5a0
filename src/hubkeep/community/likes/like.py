"""Like a repository, or not any longer."""

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.community.likes.tables import likes
from hubkeep.community.voice import require_voice
from hubkeep.kit import WriteTx, now
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import Kind, Repo, RepoLiked, get


def like(tx: WriteTx, actor: Actor, kind: Kind, full_name: str, *, on: bool) -> Repo:
    """Like what `actor` can read, or take it back; doing either twice changes nothing.

    Raises:
        NotSignedIn, NotAllowed, and what `get` raises.
    """
    repo = get(tx, actor, kind, full_name)
    user_id = require_voice(actor, "like repositories")
    mine = sa.and_(likes.c.user_id == user_id, likes.c.repo_id == repo.id)
    since = tx.sql.execute(sa.select(likes.c.at).where(mine)).scalar()
    if on and since is None:
        since = now()
        row = {"user_id": user_id, "repo_id": repo.id, "at": since}
        changed = insert_missing(tx.sql, likes, [row]) > 0
    else:
        changed = not on and tx.sql.execute(sa.delete(likes).where(mine)).rowcount > 0
    if changed and since is not None:
        tx.emit(RepoLiked(repo, user_id, 1 if on else -1, since))
    return repo
