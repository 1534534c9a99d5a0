"""Follow the refs of pull requests: whoever moves one, by whatever way, it is told in the discussion."""

from hubkeep.community.discussions import DiscussionChanged, EventType, by_num, happen_several
from hubkeep.kit import WriteTx
from hubkeep.repos import RefUpdate, RepoPushed

PULL = "refs/pr/"
MAX_SUBJECT = 500


def on_push(tx: WriteTx, event: RepoPushed) -> None:
    """Write down the commits that a push brought to pull requests. What opens or deletes a ref tells of it by itself."""
    for update in event.updates:
        if update.name.startswith(PULL) and update.old is not None and update.new is not None:
            _told(tx, event, update)


def _told(tx: WriteTx, event: RepoPushed, update: RefUpdate) -> None:
    num = update.name.removeprefix(PULL)
    pull = by_num(tx, event.repo.id, int(num)) if num.isascii() and num.isdigit() else None
    if pull is None:
        return
    head = update.commit_oid or update.new
    told = [{"subject": c.title[:MAX_SUBJECT], "oid": c.oid} for c in event.commits.get(update.name, ())]
    # A branch may also be taken back to where it was: then there is no new commit, but another head.
    told = told or [{"subject": "Reset to an earlier commit", "oid": str(head)}]
    last = happen_several(tx, event.repo, pull, event.user_id, EventType.COMMIT, told, head_oid=head)
    tx.emit(DiscussionChanged(event.repo, last.discussion, last.event))
