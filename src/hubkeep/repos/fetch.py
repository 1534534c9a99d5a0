"""What git needs to clone and fetch: the repository's objects and refs in a folder."""

from hubkeep.accounts import Action, Actor
from hubkeep.git import Lent, RefLine
from hubkeep.kit import ReadTx
from hubkeep.repos import queries
from hubkeep.repos.errors import RepoNotFound
from hubkeep.repos.gate import require_content
from hubkeep.repos.get import get_for
from hubkeep.repos.types import Kind, Repo, Stores


def open_for_fetch(stores: Stores, actor: Actor, kind: Kind, full_name: str) -> Lent:
    """Lend the repository to a git process, with its refs as of now; close it when the process has ended.

    Raises what `get_for` and `require_content` raise.
    """
    with stores.db.read() as tx:
        repo = get_for(tx, actor, kind, full_name, Action.READ)
        require_content(tx, actor, repo)
        return lend(tx, stores, repo)


def lend(tx: ReadTx, stores: Stores, repo: Repo) -> Lent:
    """Lend a repository whose use was permitted."""
    lent = _lend(tx, stores, repo)
    if lent.version > repo.refs_version and _is_from_another_time(stores, repo, lent):
        lent.close()
        stores.git.forget(repo.id)
        return _lend(tx, stores, repo)
    return lent


def ref_lines(tx: ReadTx, repo: Repo) -> list[RefLine]:
    """Return every ref as git lists it."""
    return [RefLine(ref.name, ref.oid, ref.commit_oid) for ref in queries.ref_rows(tx, repo.id)]


def _lend(tx: ReadTx, stores: Stores, repo: Repo) -> Lent:
    return stores.git.lend(
        repo.id,
        repo.refs_version,
        f"refs/heads/{repo.default_branch}",
        lambda: ref_lines(tx, repo),
        lambda: queries.pack_names(tx, repo.id),
    )


def _is_from_another_time(stores: Stores, repo: Repo, lent: Lent) -> bool:
    """Tell whether the local copy knows refs that the database does not: an older backup was restored.

    Most often it was only another request that saw a push a moment earlier: a second look tells.
    """
    with stores.db.read() as tx:
        now = queries.by_id(tx, repo.id)
    if now is None:
        raise RepoNotFound(kind=repo.kind, name=repo.full_name)
    return now.refs_version < lent.version
