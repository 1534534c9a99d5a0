"""Merge a pull request: all of its commits become one on the base branch."""

from dataclasses import dataclass

from hubkeep.accounts import Actor
from hubkeep.community.discussions import (
    Discussion,
    DiscussionChanged,
    EventType,
    Found,
    Happened,
    Status,
    happen,
    require_writer,
    say,
)
from hubkeep.community.pulls.errors import MergeConflict, NotMergeable
from hubkeep.community.pulls.find import Tips, find_pull, tips_of
from hubkeep.git import Commit, Pack, PackWriter, Reader, merge_commits
from hubkeep.kit import ReadTx, now
from hubkeep.repos import (
    Kind,
    RefMoved,
    RefUpdate,
    Stores,
    freeze_ref,
    new_commits,
    publish_in,
    read_new,
    signature,
)

ATTEMPTS = 20  # each one lost means that somebody else got through
SHOWN_FILES = 20
SHOWN_COMMITS = 50


def merge(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, num: int, comment: str | None = None
) -> Happened:
    """Add what the pull request changes to its base branch, as one commit: whoever may write to the repository.

    A race with another push is run again; what was decided on is compared again in the publishing transaction.

    Raises:
        NotMergeable: a draft, closed, merged, without changes, or its branch is gone.
        MergeConflict: naming the files.
        RefMoved: the branch moved too often meanwhile.
        NotSignedIn, NotAllowed, BadInput, and what `find_pull` raises.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _merge_once(stores, actor, kind, full_name, num, comment)
        except RefMoved:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


@dataclass(frozen=True)
class _Squashed:
    """The commit to publish, and where everything stood when it was made."""

    oid: str
    packs: list[Pack]
    tips: Tips


def _merge_once(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, num: int, comment: str | None
) -> Happened:
    with stores.db.read() as tx:
        found, tips = _require(tx, actor, kind, full_name, num)
    made = _squash(stores, actor, found, tips)
    assert tips.base is not None
    assert found.discussion.base_ref is not None
    updates = [RefUpdate(found.discussion.base_ref, tips.base, made.oid)]
    told, card = read_new(stores, found.repo, made.packs, updates)
    with stores.db.write() as tx:
        found, tips_now = _require(tx, actor, kind, full_name, num)
        if (tips_now.base, tips_now.head) != (tips.base, tips.head):
            raise RefMoved
        publish_in(tx, stores, actor, found.repo, made.packs, updates, told, card)
        pull = found.discussion
        if comment is not None and comment.strip():
            assert actor.user_id is not None
            pull = say(tx, found.repo, pull, actor.user_id, comment).discussion
        freeze_ref(tx, found.repo.id, pull.ref, frozen=True)
        happened = happen(
            tx,
            found.repo,
            pull,
            actor.user_id,
            EventType.STATUS_CHANGE,
            {"status": Status.MERGED.value},
            status=Status.MERGED,
            head_oid=tips.head,
            merged_onto=tips.base,
            merge_oid=made.oid,
        )
        tx.emit(DiscussionChanged(found.repo, happened.discussion, happened.event))
    return happened


def _require(tx: ReadTx, actor: Actor, kind: Kind, full_name: str, num: int) -> tuple[Found, Tips]:
    """Return the pull request if `actor` may merge it and there is something to merge it into."""
    found = find_pull(tx, actor, kind, full_name, num)
    require_writer(actor, found.repo, "merge pull requests here")
    pull = found.discussion
    if pull.status is Status.DRAFT:
        raise NotMergeable(reason="This pull request is a draft. Publish it first.")
    if pull.status is not Status.OPEN:
        raise NotMergeable(reason=f"This pull request is {pull.status.value}.")
    tips = tips_of(tx, pull)
    if tips.base is None:
        raise NotMergeable(reason=f"The branch {pull.base_ref} does not exist any more.")
    if tips.head is None:
        raise NotMergeable(reason="The ref of this pull request was deleted.")
    return found, tips


def _squash(stores: Stores, actor: Actor, found: Found, tips: Tips) -> _Squashed:
    """Store the merged commit. Raises MergeConflict, NotMergeable."""
    base, head = tips.base, tips.head
    assert base is not None
    assert head is not None
    packs = tips.packs
    with (
        stores.git.reader(found.repo.id, head, lambda: packs) as reader,
        PackWriter(stores.scratch, reader.contains) as writer,
    ):
        merged = merge_commits(reader, writer, base, head, stores.scratch)
        if merged.tree is None:
            raise _conflict(found.discussion, merged.conflicts)
        if merged.tree == reader.commit(base).tree:
            raise NotMergeable(reason="This pull request changes nothing that its branch does not have.")
        assert merged.base is not None
        message = _message(stores, actor, found.discussion, _new(reader, merged.base, head))
        oid = writer.add_commit(merged.tree, [base], signature(actor, stores.settings), message, now())
        written = writer.finish()  # None: the very same commit exists, from another branch within this second
        return _Squashed(oid, [stores.git.store(found.repo.id, *written)] if written else [], tips)


def _new(reader: Reader, merge_base: str, head: str) -> list[Commit]:
    return new_commits(reader, head, [merge_base])


def _message(stores: Stores, actor: Actor, pull: Discussion, commits: list[Commit]) -> str:
    """Write the message: the title with the number, the commits, and who else wrote them."""
    me = signature(actor, stores.settings)
    lines = [f"- {commit.title} ({commit.oid})" for commit in commits[-SHOWN_COMMITS:]]
    others = dict.fromkeys((commit.author, commit.email) for commit in commits)
    thanks = [f"Co-authored-by: {name} <{email}>" for name, email in others if (name, email) != me]
    parts = [f"{pull.title} (#{pull.num})", "\n".join(lines), "\n".join(thanks)]
    return "\n\n".join(part for part in parts if part)


def _conflict(pull: Discussion, paths: tuple[str, ...]) -> MergeConflict:
    base = (pull.base_ref or "").removeprefix("refs/heads/")
    if not paths:
        return MergeConflict(base=base, files="the two have no commit in common")
    more = f" and {len(paths) - SHOWN_FILES:,} more" if len(paths) > SHOWN_FILES else ""
    return MergeConflict(base=base, files=", ".join(paths[:SHOWN_FILES]) + more)
