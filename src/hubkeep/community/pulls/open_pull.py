"""Open a pull request: a discussion with a ref of its own in the same repository."""

from pathlib import Path

from hubkeep.accounts import Actor
from hubkeep.community.discussions import (
    EventType,
    Happened,
    Status,
    find_house,
    happen,
    start,
)
from hubkeep.community.discussions.types import MAX_COMMENT, MAX_TITLE, MIN_TITLE
from hubkeep.community.pulls.types import Opened
from hubkeep.community.voice import require_voice
from hubkeep.git import Pack
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.repos import (
    Kind,
    RefUpdate,
    Repo,
    RevisionNotFound,
    Stores,
    first_ref,
    keep_ref,
    prepare_commit,
    publish_in,
    pull_ref,
)


def require_opener(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> Repo:
    """Return the repository if `actor` may open pull requests there: whoever reads it may.

    Raises:
        NotSignedIn, NotAllowed, DiscussionsDisabled, and what `get` raises.
    """
    repo = find_house(tx, actor, kind, full_name)
    require_voice(actor, f"open a pull request in {repo.full_name}", repo)
    return repo


def open_draft(
    tx: WriteTx,
    actor: Actor,
    stores: Stores,
    kind: Kind,
    full_name: str,
    title: str,
    description: str,
    base: str | None = None,
) -> Happened:
    """Open a pull request to the branch `base` (None: the default one) that changes nothing yet.

    Source: hub-platform contract section 3: one opened this way starts as a draft.

    Raises:
        RevisionNotFound: no such branch. BadInput, and what `require_opener` raises.
    """
    repo = require_opener(tx, actor, kind, full_name)
    branch = f"refs/heads/{base or repo.default_branch}"
    tip = first_ref(tx, repo.id, [branch])
    if tip is None:
        raise RevisionNotFound(revision=base or repo.default_branch)
    return _open(tx, actor, stores, repo, title, description, branch, tip.commit_oid, Status.DRAFT)


def open_with_commit(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, revision: str, body: Path
) -> Opened:
    """Open a pull request to the branch `revision` with the commit that the NDJSON payload in `body` describes.

    Source: hub-platform contract section 3: one opened this way is open, not a draft. Its title is the commit's.

    Raises:
        What `require_opener` and `repos.prepare_commit` raise.
    """
    with stores.db.read() as tx:
        require_opener(tx, actor, kind, full_name)
    prepared = prepare_commit(stores, actor, kind, full_name, revision, body)
    title = _title(prepared.title)
    with stores.db.write() as tx:
        repo = require_opener(tx, actor, kind, full_name)
        opened = _open(
            tx,
            actor,
            stores,
            repo,
            title,
            prepared.description[:MAX_COMMENT],
            prepared.base.name,
            prepared.oid,
            Status.OPEN,
            prepared.packs,
        )
        told = {"subject": prepared.title, "oid": prepared.oid}
        happened = happen(tx, repo, opened.discussion, actor.user_id, EventType.COMMIT, told)
    return Opened(happened, prepared.oid)


def _open(
    tx: WriteTx,
    actor: Actor,
    stores: Stores,
    repo: Repo,
    title: str,
    description: str,
    base_ref: str,
    head: str,
    status: Status,
    packs: tuple[Pack, ...] = (),
) -> Happened:
    """Write the rows and make the ref, all or nothing."""
    assert actor.user_id is not None
    opened = start(
        tx,
        repo,
        actor.user_id,
        title,
        description,
        status=status,
        base_ref=base_ref,
        head_oid=head,
    )
    ref = pull_ref(opened.discussion.num)
    keep_ref(tx, repo.id, ref, actor.user_id)
    publish_in(tx, stores, actor, repo, packs, [RefUpdate(ref, None, head)])
    return opened


def _title(summary: str) -> str:
    """Make a title of a commit's summary: one line, neither too short nor too long."""
    line = " ".join(summary.split())
    if len(line) < MIN_TITLE:
        line = f"Commit {line}"
    return line if len(line) <= MAX_TITLE else f"{line[: MAX_TITLE - 1]}…"
