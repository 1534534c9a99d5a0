"""Numbers about repositories that other rooms count: downloads, likes, trending score, bytes used."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.cas import bytes_held
from hubkeep.kit import ReadTx, WriteTx
from hubkeep.repos.tables import packs, repos


@dataclass(frozen=True)
class Counted:
    """What to add to a repository's counters; `trending`, `used_storage` and `main_size` replace the old value when given."""

    downloads: int = 0  # of the last 30 days
    downloads_all_time: int = 0
    likes: int = 0
    likes_30d: int = 0
    trending: float | None = None
    used_storage: int | None = None
    main_size: int | None = None


def count(tx: WriteTx, counted: Mapping[int, Counted]) -> None:
    """Apply what was counted, by repository number; none falls below zero, repositories that are gone are passed over."""
    for repo_id in sorted(counted):
        values = _values(counted[repo_id])
        if values:
            tx.sql.execute(sa.update(repos).where(repos.c.id == repo_id).values(**values))


def used_storage(tx: ReadTx, repo_id: int) -> int:
    """Return the bytes that a repository takes: its packs, and the large files it holds."""
    packed = sa.select(sa.func.coalesce(sa.func.sum(packs.c.bytes), 0)).where(packs.c.repo_id == repo_id)
    return int(tx.sql.execute(packed).scalar_one()) + bytes_held(tx, repo_id)


def _values(one: Counted) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in ("downloads", "downloads_all_time", "likes", "likes_30d"):
        added = getattr(one, name)
        if added:
            column = repos.c[name]
            values[name] = sa.case((column + added < 0, 0), else_=column + added)
    for name in ("trending", "used_storage", "main_size"):
        if getattr(one, name) is not None:
            values[name] = getattr(one, name)
    return values
