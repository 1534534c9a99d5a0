"""Carry the names that a repository had before to another hub: old links lead to it there, too."""

from collections.abc import Iterable

import sqlalchemy as sa

from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import queries
from hubkeep.repos.tables import former_names
from hubkeep.repos.types import Repo


def names_out(tx: ReadTx, repo: Repo) -> list[str]:
    """Return `owner/name`, in lower case, of every name that still leads to the repository."""
    old = former_names.c
    rows = tx.sql.execute(sa.select(old.owner_lower, old.name_lower).where(old.repo_id == repo.id))
    return sorted(f"{row.owner_lower}/{row.name_lower}" for row in rows)


def names_in(tx: WriteTx, repo: Repo, names: Iterable[str]) -> None:
    """Let old names lead to a repository that has just been taken in, those that belong to nothing here."""
    for name in names:
        owner, _, short = name.lower().partition("/")
        if queries.by_name(tx, repo.kind, name) is None:
            row = {"kind": repo.kind.value, "owner_lower": owner, "name_lower": short, "repo_id": repo.id}
            insert_missing(tx.sql, former_names, [row])
