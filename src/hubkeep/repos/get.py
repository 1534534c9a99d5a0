"""Find a repository and decide whether the actor may do what they came for."""

from hubkeep.accounts import Action, Actor, NotAllowed, NotSignedIn, may
from hubkeep.kit import ReadTx
from hubkeep.repos import queries
from hubkeep.repos.errors import RepoDisabled, RepoHidden, RepoMoved, RepoNotFound
from hubkeep.repos.types import Kind, Repo

WORDS = {Action.WRITE: "write to", Action.MANAGE: "manage"}


def get(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> Repo:
    """Return the repository if `actor` may read it.

    Raises:
        RepoNotFound, RepoHidden: missing, or private to `actor`; the two look the same.
        RepoMoved: it has another name now, and `actor` may read it.
        RepoDisabled: an operator closed it.
    """
    repo = queries.by_name(tx, kind, full_name)
    if repo is None:
        moved = queries.by_former_name(tx, kind, full_name) or queries.by_former_owner(tx, kind, full_name)
        if moved is not None and may(actor, Action.READ, moved):
            raise RepoMoved(kind=kind, name=full_name, to=moved.full_name)
    if repo is None or not may(actor, Action.READ, repo):
        raise missing(actor, kind, full_name)
    if repo.disabled and not actor.is_admin:
        raise RepoDisabled
    return repo


def get_for(tx: ReadTx, actor: Actor, kind: Kind, full_name: str, action: Action) -> Repo:
    """Return the repository if `actor` may do `action` to it.

    Raises:
        NotSignedIn, NotAllowed: visible, but `action` is beyond the actor.
        And everything that `get` raises.
    """
    repo = get(tx, actor, kind, full_name)
    if not may(actor, action, repo):
        if actor.anonymous:
            raise NotSignedIn
        raise NotAllowed(what=f"{WORDS[action]} {repo.full_name}" + token_hint(actor))
    return repo


def get_by_id(tx: ReadTx, actor: Actor, repo_id: int, action: Action) -> Repo:
    """Return the repository with that number if `actor` may do `action` to it. Raises RepoNotFound, NotAllowed."""
    repo = queries.by_id(tx, repo_id)
    if repo is None:
        raise RepoNotFound(kind="repository", name=f"#{repo_id}")
    return get_for(tx, actor, repo.kind, repo.full_name, action)


def missing(actor: Actor, kind: Kind, full_name: str) -> RepoNotFound:
    """Build the refusal that fits: 401 to nobody in particular, 404 to somebody."""
    return (RepoHidden if actor.anonymous else RepoNotFound)(kind=kind, name=full_name)


def token_hint(actor: Actor) -> str:
    """Say that it is the token that is not enough, where it may be."""
    if actor.scopes is not None:
        return ": this token may not have permission for it"
    return "" if actor.can_write else ": this token can only read"
