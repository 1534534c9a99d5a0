"""Open and close discussions and pull requests."""

from hubkeep.accounts import Actor
from hubkeep.community.discussions.comment import say
from hubkeep.community.discussions.errors import WrongStatus
from hubkeep.community.discussions.events import DiscussionChanged
from hubkeep.community.discussions.find import find
from hubkeep.community.discussions.record import happen
from hubkeep.community.discussions.rights import require_author_or_writer, require_unlocked
from hubkeep.community.discussions.types import Discussion, EventType, Happened, Status
from hubkeep.kit import WriteTx
from hubkeep.repos import Kind, freeze_ref


def change_status(
    tx: WriteTx,
    actor: Actor,
    kind: Kind,
    full_name: str,
    num: int,
    status: Status,
    comment: str | None = None,
) -> Happened:
    """Open (a draft, or again) or close, with a comment before it if there is one: author or writers of the repository.

    Source: hub-platform contract section 3: a draft is published by opening it.

    Raises:
        WrongStatus: it stands there already, is merged, or lost its ref.
        BadInput, DiscussionLocked, NotSignedIn, NotAllowed, and what `find` raises.
    """
    found = find(tx, actor, kind, full_name, num)
    repo, discussion = found.repo, found.discussion
    user_id = require_author_or_writer(
        actor, repo, discussion.author_id, "change the status of somebody else's discussion"
    )
    require_unlocked(actor, repo, discussion)
    _check(discussion, status)
    if comment is not None and comment.strip():
        discussion = say(tx, repo, discussion, user_id, comment).discussion
    if discussion.is_pull_request:
        freeze_ref(tx, repo.id, discussion.ref, frozen=status is Status.CLOSED)
    told = {"status": status.value}
    happened = happen(tx, repo, discussion, user_id, EventType.STATUS_CHANGE, told, status=status)
    tx.emit(DiscussionChanged(repo, happened.discussion, happened.event))
    return happened


def _check(discussion: Discussion, status: Status) -> None:
    what = "pull request" if discussion.is_pull_request else "discussion"
    if status not in (Status.OPEN, Status.CLOSED):
        raise WrongStatus(reason="The status can be changed to open or closed.")
    if discussion.status is Status.MERGED:
        raise WrongStatus(reason="This pull request is merged. That cannot be undone.")
    if discussion.status is status:
        raise WrongStatus(reason=f"This {what} is {status.value} already.")
    if status is Status.OPEN and discussion.ref_deleted:
        raise WrongStatus(reason="This pull request cannot be opened again: its ref was deleted.")
