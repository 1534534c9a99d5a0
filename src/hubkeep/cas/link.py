"""Links: which repository holds which large object. Without one nothing can be read or named."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from hubkeep.cas.queries import batches, insert_new, naming
from hubkeep.cas.tables import objects, repo_objects
from hubkeep.cas.types import Link, StoredObject
from hubkeep.kit import ReadTx, WriteTx, now


def held(tx: ReadTx, repo_id: int, sha256s: Collection[str]) -> dict[str, StoredObject]:
    """Return those of `sha256s` that the repository holds."""
    found = {}
    for batch in batches(sha256s):
        query = (
            sa.select(objects.c.sha256, objects.c.size, objects.c.whole, objects.c.xet_hash)
            .join(repo_objects, repo_objects.c.sha256 == objects.c.sha256)
            .where(repo_objects.c.repo_id == repo_id, repo_objects.c.sha256.in_(batch))
        )
        found.update({row.sha256: StoredObject(*row) for row in tx.sql.execute(query)})
    return found


def links(tx: ReadTx, repo_id: int, after: str | None, limit: int) -> Sequence[Link]:
    """Return up to `limit` links in sha256 order, those behind `after`."""
    query = (
        sa.select(objects.c.sha256, objects.c.size, objects.c.xet_hash, repo_objects.c.linked_at)
        .join(repo_objects, repo_objects.c.sha256 == objects.c.sha256)
        .where(repo_objects.c.repo_id == repo_id, repo_objects.c.sha256 > (after or ""))
        .order_by(repo_objects.c.sha256)
        .limit(limit)
    )
    return [Link(*row) for row in tx.sql.execute(query)]


def link(
    tx: WriteTx,
    repo_id: int,
    user_id: int | None,
    sha256: str,
    size: int,
    *,
    whole: bool = False,
    xet_hash: str | None = None,
) -> None:
    """Let the repository hold the object, and note the new way in which it is kept. Linking twice is no error."""
    naming(tx)
    row = {"sha256": sha256, "size": size, "whole": whole, "xet_hash": xet_hash, "created_at": now()}
    if not insert_new(tx, objects, [row]):
        _note_way(tx, sha256, whole=whole, xet_hash=xet_hash)
    row = {"repo_id": repo_id, "sha256": sha256, "user_id": user_id, "linked_at": now()}
    insert_new(tx, repo_objects, [row])


def copy_links(tx: WriteTx, source_id: int, target_id: int, sha256s: Collection[str] | None) -> None:
    """Let the target hold what the source holds: all of it, or those of `sha256s`. No bytes move."""
    naming(tx)
    there = sa.select(repo_objects.c.sha256).where(repo_objects.c.repo_id == target_id).scalar_subquery()
    columns = ["repo_id", "sha256", "user_id", "linked_at"]
    wanted = sa.select(
        sa.literal(target_id),
        repo_objects.c.sha256,
        repo_objects.c.user_id,
        sa.literal(now(), repo_objects.c.linked_at.type),
    ).where(repo_objects.c.repo_id == source_id, repo_objects.c.sha256.not_in(there))
    if sha256s is None:
        tx.sql.execute(sa.insert(repo_objects).from_select(columns, wanted))
        return
    for batch in batches(sha256s):
        some = wanted.where(repo_objects.c.sha256.in_(batch))
        tx.sql.execute(sa.insert(repo_objects).from_select(columns, some))


def unlink(tx: WriteTx, repo_id: int, sha256s: Collection[str]) -> None:
    """Take the objects from the repository. Bytes that no repository holds any more are garbage."""
    for batch in batches(sha256s):
        mine = (repo_objects.c.repo_id == repo_id) & repo_objects.c.sha256.in_(batch)
        tx.sql.execute(sa.delete(repo_objects).where(mine))


def drop_repo(tx: WriteTx, repo_id: int) -> None:
    """Take everything from the repository."""
    tx.sql.execute(sa.delete(repo_objects).where(repo_objects.c.repo_id == repo_id))


def _note_way(tx: WriteTx, sha256: str, *, whole: bool, xet_hash: str | None) -> None:
    """Note a second way in which a known object is kept; of several recipes the first stays."""
    if whole:
        tx.sql.execute(sa.update(objects).where(objects.c.sha256 == sha256).values(whole=True))
    if xet_hash:
        untold = (objects.c.sha256 == sha256) & objects.c.xet_hash.is_(None)
        tx.sql.execute(sa.update(objects).where(untold).values(xet_hash=xet_hash))
