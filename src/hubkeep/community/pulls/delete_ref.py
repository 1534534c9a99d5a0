"""Delete the ref of a pull request that is over: its commits may then be collected."""

from hubkeep.accounts import Actor
from hubkeep.community.discussions import (
    DiscussionChanged,
    EventType,
    Happened,
    WrongStatus,
    happen,
    require_author_or_writer,
)
from hubkeep.community.pulls.find import find_pull, tips_of
from hubkeep.kit import WriteTx
from hubkeep.repos import Kind, RefUpdate, Stores, forget_kept_ref, publish_in


def delete_ref(tx: WriteTx, actor: Actor, stores: Stores, kind: Kind, full_name: str, num: int) -> Happened:
    """Delete it: the author may, and whoever may write to the repository. It cannot be opened again then.

    Raises:
        WrongStatus: it is still open, or the ref is gone already.
        NotSignedIn, NotAllowed, and what `find_pull` raises.
    """
    found = find_pull(tx, actor, kind, full_name, num)
    pull = found.discussion
    user_id = require_author_or_writer(
        actor, found.repo, pull.author_id, "delete the ref of somebody else's pull request"
    )
    if pull.is_open:
        raise WrongStatus(reason="Close or merge this pull request before its ref is deleted.")
    head = tips_of(tx, pull).head
    if pull.ref_deleted or head is None:
        raise WrongStatus(reason="The ref of this pull request was deleted already.")
    publish_in(tx, stores, actor, found.repo, [], [RefUpdate(pull.ref, head, None)])
    forget_kept_ref(tx, found.repo.id, pull.ref)
    happened = happen(
        tx, found.repo, pull, user_id, EventType.REF_DELETED, {}, head_oid=head, ref_deleted=True
    )
    tx.emit(DiscussionChanged(found.repo, happened.discussion, happened.event))
    return happened
