"""Delete a repository: its rows at once, its bytes by a job."""

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor
from hubkeep.cas import drop_repo
from hubkeep.kit import Job, WriteTx
from hubkeep.repos.audited import audited
from hubkeep.repos.events import RepoDeleted
from hubkeep.repos.get import get_for
from hubkeep.repos.tables import repos
from hubkeep.repos.types import Kind, Repo


def delete(tx: WriteTx, actor: Actor, kind: Kind, full_name: str) -> Repo:
    """Delete it with its refs, history and links to large files. Raises what `get_for` raises."""
    repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
    drop_repo(tx, repo.id)
    tx.sql.execute(sa.delete(repos).where(repos.c.id == repo.id))
    tx.enqueue(Job("repos.purge", {"repo_id": repo.id}, delay=60))
    audited(tx, actor, "delete", repo, private=repo.private)
    tx.emit(RepoDeleted(repo))
    return repo
