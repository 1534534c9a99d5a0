"""Put very many repositories in at once: for demos and benchmarks, never for people's uploads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hubkeep.git import Pack
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.kit.bulk import insert_rows
from hubkeep.repos.metadata import Metadata
from hubkeep.repos.publish import add_packs
from hubkeep.repos.tables import cards, refs, repo_ids, repos
from hubkeep.repos.types import Repo

_COLUMNS = [column.name for column in repos.c]


@dataclass(frozen=True)
class Made:
    """A repository, what its card says, and its only commit; `pack` has that commit when there are files at all."""

    repo: Repo
    oid: str
    metadata: Metadata
    pack: Pack | None = None


def first_free_id(tx: ReadTx) -> int:
    """Return the number from which on all numbers are free."""
    return 1 + (tx.sql.execute(sa.select(sa.func.max(repo_ids.c.id))).scalar() or 0)


def add_many(tx: WriteTx, made: Sequence[Made]) -> None:
    """Insert the repositories under the numbers they have, which must be free, in ascending order.

    No event is emitted: whoever calls this tells the rooms above in their own bulk way.
    """
    if not made:
        return
    insert_rows(tx, repo_ids, ["id", "at"], [(one.repo.id, one.repo.created_at) for one in made])
    insert_rows(tx, repos, _COLUMNS, [_row(one.repo) for one in made])
    insert_rows(
        tx,
        cards,
        ["repo_id", "commit_oid", "metadata"],
        [(one.repo.id, one.oid, one.metadata.to_json()) for one in made],
    )
    for one in made:
        if one.pack is not None:
            add_packs(tx, one.repo.id, [one.pack])
            main = {"name": f"refs/heads/{one.repo.default_branch}", "oid": one.oid, "commit_oid": one.oid}
            tx.sql.execute(sa.insert(refs).values(repo_id=one.repo.id, **main))
    if tx.sql.dialect.name == "postgresql":
        tx.sql.exec_driver_sql(
            "SELECT setval(pg_get_serial_sequence('repo_ids', 'id'), %(last)s)", {"last": made[-1].repo.id}
        )


def _row(repo: Repo) -> tuple[Any, ...]:
    lower = {"owner_lower": repo.owner.lower(), "name_lower": repo.name.lower(), "kind": repo.kind.value}
    return tuple(lower[name] if name in lower else getattr(repo, name) for name in _COLUMNS)
