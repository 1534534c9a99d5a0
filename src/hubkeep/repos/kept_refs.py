"""Refs of pull requests: who may move them beside the repository's writers, and when nobody may any more."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor, NotAllowed, NotSignedIn, may, may_propose
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.repos.errors import PullRefNotFound, RefProtected
from hubkeep.repos.gate import require_content
from hubkeep.repos.get import get, get_for, token_hint
from hubkeep.repos.tables import kept_refs
from hubkeep.repos.types import Kind, RefUpdate, Repo

PULL = "refs/pr/"


def pull_ref(num: int) -> str:
    """Return the ref of the pull request with that number."""
    return f"{PULL}{num}"


def keep_ref(tx: WriteTx, repo_id: int, name: str, user_id: int | None) -> None:
    """Let `user_id` move a ref that is about to be made, beside the repository's writers."""
    tx.sql.execute(sa.insert(kept_refs).values(repo_id=repo_id, name=name, user_id=user_id, frozen=False))


def freeze_ref(tx: WriteTx, repo_id: int, name: str, *, frozen: bool) -> None:
    """Stop everybody from moving a ref, or let them again."""
    tx.sql.execute(sa.update(kept_refs).where(_here(repo_id, name)).values(frozen=frozen))


def forget_kept_ref(tx: WriteTx, repo_id: int, name: str) -> None:
    """Forget who kept a ref that is gone: it cannot be made again."""
    tx.sql.execute(sa.delete(kept_refs).where(_here(repo_id, name)))


def get_for_landing(
    tx: ReadTx, actor: Actor, kind: Kind, full_name: str, revision: str | None, *, create_pr: bool = False
) -> Repo:
    """Return the repository if `actor` may bring bytes that are meant for `revision`.

    Writers may, everywhere. Whoever can read the repository and has a token that writes may for a pull request: one about to
    be opened (`create_pr`, whatever the revision says), or one of their own (`refs/pr/N`).

    Raises:
        NotSignedIn, NotAllowed, RefProtected, and what `get` raises.
    """
    if create_pr:
        repo = get(tx, actor, kind, full_name)
        _require_writing_token(actor, repo, f"open a pull request in {repo.full_name}")
        require_content(tx, actor, repo)  # who may read may propose
        return repo
    if revision is not None and revision.startswith(PULL):
        repo = get(tx, actor, kind, full_name)
        require_pull_ref(tx, actor, repo, revision)
        require_content(tx, actor, repo)
        return repo
    return get_for(tx, actor, kind, full_name, Action.WRITE)


def require_pull_ref(tx: ReadTx, actor: Actor, repo: Repo, name: str) -> None:
    """Pass if `actor` may move the pull request's ref.

    Raises:
        PullRefNotFound: no such pull request.
        RefProtected: it is closed or merged.
        NotSignedIn, NotAllowed: it is somebody else's.
    """
    row = tx.sql.execute(sa.select(kept_refs).where(_here(repo.id, name))).first()
    if row is None:
        raise PullRefNotFound(revision=name)
    if row.frozen:
        raise RefProtected(what="push to", ref=name, reason="its pull request is closed")
    _require_writing_token(actor, repo, f"push to {name} of {repo.full_name}")
    if row.user_id != actor.user_id and not may(actor, Action.WRITE, repo):
        raise NotAllowed(what=f"push to {name} of {repo.full_name}: it is somebody else's pull request")


def keeps_refs(tx: ReadTx, actor: Actor, repo_id: int) -> bool:
    """Tell whether `actor` has a pull request here that may be pushed to."""
    mine = sa.and_(
        kept_refs.c.repo_id == repo_id, kept_refs.c.user_id == actor.user_id, kept_refs.c.frozen.is_(False)
    )
    return (
        actor.user_id is not None
        and tx.sql.execute(sa.select(kept_refs.c.name).where(mine)).first() is not None
    )


def require_moves(
    tx: ReadTx, actor: Actor, kind: Kind, full_name: str, updates: Sequence[RefUpdate], action: Action
) -> Repo:
    """Return the repository if `actor` may make all these moves; `action` is what refs other than pull requests' need.

    Raises:
        RefProtected: also for the deletion of a pull request's ref, which has a verb of its own.
        NotSignedIn, NotAllowed, and what `get` raises.
    """
    pulls = [update for update in updates if update.name.startswith(PULL)]
    if len(pulls) < len(updates) or not updates:
        repo = get_for(tx, actor, kind, full_name, action)
    else:
        repo = get(tx, actor, kind, full_name)
    for update in pulls:
        if update.new is None:
            raise RefProtected(
                what="delete", ref=update.name, reason="close its pull request and delete it there"
            )
        require_pull_ref(tx, actor, repo, update.name)
    return repo


def _require_writing_token(actor: Actor, repo: Repo, what: str) -> None:
    if actor.anonymous:
        raise NotSignedIn
    if not may_propose(actor, repo):
        raise NotAllowed(what=f"{what}{token_hint(actor)}")


def _here(repo_id: int, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(kept_refs.c.repo_id == repo_id, kept_refs.c.name == name)
