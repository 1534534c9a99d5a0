"""Write down what was done to a repository."""

from typing import Any

from hubkeep.accounts import Actor, audit
from hubkeep.kit import WriteTx
from hubkeep.repos.types import Repo


def audited(tx: WriteTx, actor: Actor, act: str, repo: Repo, **facts: Any) -> None:
    """Add `repo.{act}` to the audit log: the repository by the name it had, and the facts."""
    named = {"repo_type": repo.kind.value, "repo": repo.full_name}
    audit(tx, actor, f"repo.{act}", owner_id=repo.owner_id, repo_id=repo.id, data=named | facts)
