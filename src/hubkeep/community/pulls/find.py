"""Find a pull request, and what its refs say."""

from dataclasses import dataclass

from hubkeep.accounts import Actor
from hubkeep.community.discussions import Discussion, Found, find
from hubkeep.community.pulls.errors import NotAPullRequest
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind, first_ref, pack_names


def find_pull(tx: ReadTx, actor: Actor, kind: Kind, full_name: str, num: int) -> Found:
    """Return the pull request. Raises NotAPullRequest, and what `discussions.find` raises."""
    found = find(tx, actor, kind, full_name, num)
    if not found.discussion.is_pull_request:
        raise NotAPullRequest(num=num)
    return found


@dataclass(frozen=True)
class Tips:
    """Where the base branch and the pull request's ref stand, None for one that is gone; and the packs to read them from."""

    base: str | None
    head: str | None
    packs: list[str]


def tips_of(tx: ReadTx, pull: Discussion) -> Tips:
    """Return where the refs stand now."""
    base, head = (first_ref(tx, pull.repo_id, [name]) for name in (pull.base_ref or "", pull.ref))
    return Tips(
        base.commit_oid if base else None,
        head.commit_oid if head else None,
        pack_names(tx, pull.repo_id),
    )
