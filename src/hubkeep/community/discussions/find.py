"""Find a discussion that the actor may see."""

from hubkeep.accounts import Actor
from hubkeep.community.discussions import queries
from hubkeep.community.discussions.errors import CommentNotFound, DiscussionNotFound, DiscussionsDisabled
from hubkeep.community.discussions.settings import settings_of
from hubkeep.community.discussions.types import Discussion, Event, Found
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind, Repo, get

MAX_NUM = 2**31 - 1


def find_house(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> Repo:
    """Return the repository if `actor` may read it and it has discussions. Raises DiscussionsDisabled, and what `get` raises."""
    repo = get(tx, actor, kind, full_name)
    if settings_of(tx, repo.id).disabled:
        raise DiscussionsDisabled(repo=repo.full_name)
    return repo


def find(tx: ReadTx, actor: Actor, kind: Kind, full_name: str, num: int) -> Found:
    """Return the discussion. Raises DiscussionNotFound, and what `find_house` raises."""
    repo = find_house(tx, actor, kind, full_name)
    found = queries.by_num(tx, repo.id, num) if 0 < num <= MAX_NUM else None
    if found is None:
        raise DiscussionNotFound(num=num, repo=repo.full_name)
    return Found(repo, found)


def find_comment(tx: ReadTx, discussion: Discussion, event_id: int) -> Event:
    """Return a comment of the discussion. Raises CommentNotFound."""
    found = queries.event(tx, discussion.id, event_id)
    if found is None or found.comment is None:
        raise CommentNotFound
    return found
