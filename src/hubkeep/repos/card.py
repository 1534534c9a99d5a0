"""Keep what the default branch says about its repository, for lists and for fast answers."""

import sqlalchemy as sa

from hubkeep.kit import ReadTx, WriteTx
from hubkeep.repos.metadata import Metadata
from hubkeep.repos.tables import cards


def store_card(tx: WriteTx, repo_id: int, commit_oid: str, found: Metadata) -> None:
    """Replace the repository's metadata."""
    tx.sql.execute(sa.delete(cards).where(cards.c.repo_id == repo_id))
    tx.sql.execute(sa.insert(cards).values(repo_id=repo_id, commit_oid=commit_oid, metadata=found.to_json()))


def card_of(tx: ReadTx, repo_id: int, commit_oid: str) -> Metadata | None:
    """Return the kept metadata if it was read from this commit."""
    at_commit = sa.and_(cards.c.repo_id == repo_id, cards.c.commit_oid == commit_oid)
    kept = tx.sql.execute(sa.select(cards.c.metadata).where(at_commit)).scalar()
    return Metadata.from_json(kept) if kept is not None else None


def cards_of(tx: ReadTx, repo_ids: list[int]) -> dict[int, tuple[str, Metadata]]:
    """Return (commit, metadata) of many repositories in one query."""
    rows = tx.sql.execute(sa.select(cards).where(cards.c.repo_id.in_(repo_ids)))
    return {row.repo_id: (row.commit_oid, Metadata.from_json(row.metadata)) for row in rows}
