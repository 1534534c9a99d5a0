"""Who may do what in discussions."""

from hubkeep.accounts import Action, Actor, NotAllowed, may
from hubkeep.community.discussions.errors import DiscussionLocked
from hubkeep.community.discussions.types import Discussion
from hubkeep.community.voice import require_voice
from hubkeep.repos import Repo


def is_writer(actor: Actor, repo: Repo) -> bool:
    """Return whether `actor` may write to the repository: then they also keep order in its discussions."""
    return may(actor, Action.WRITE, repo)


def require_unlocked(actor: Actor, repo: Repo, discussion: Discussion) -> None:
    """Pass if `actor` may take part. Raises DiscussionLocked."""
    if discussion.locked and not is_writer(actor, repo):
        raise DiscussionLocked


def require_author_or_writer(actor: Actor, repo: Repo, author_id: int | None, what: str) -> int:
    """Return the number of a person who wrote it or may write to the repository. Raises NotSignedIn, NotAllowed."""
    user_id = require_voice(actor, what, repo)
    if user_id != author_id and not is_writer(actor, repo):
        raise NotAllowed(what=what)
    return user_id


def require_writer(actor: Actor, repo: Repo, what: str) -> int:
    """Return the number of a person who may write to the repository. Raises NotSignedIn, NotAllowed."""
    user_id = require_voice(actor, what, repo)
    if not is_writer(actor, repo):
        raise NotAllowed(what=what)
    return user_id
