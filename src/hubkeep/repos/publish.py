"""The one write path: every commit, push, squash, branch and tag edit ends here."""

from collections.abc import Sequence

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor
from hubkeep.git import Pack
from hubkeep.kit import Job, WriteTx, now
from hubkeep.repos import queries
from hubkeep.repos.card import store_card
from hubkeep.repos.errors import RefMoved
from hubkeep.repos.events import RepoPushed
from hubkeep.repos.get import get_by_id
from hubkeep.repos.metadata import Metadata, read_metadata
from hubkeep.repos.tables import packs as packs_table
from hubkeep.repos.tables import pushes, refs, repos
from hubkeep.repos.types import RefUpdate, Repo, Stores


def publish(
    stores: Stores,
    actor: Actor,
    repo: Repo,
    packs: Sequence[Pack],
    updates: Sequence[RefUpdate],
    action: Action = Action.WRITE,
) -> Repo:
    """Make stored packs and moved refs visible, all or nothing.

    The packs are in the blob store already (`GitCache.store`). One transaction checks permission again, compares every
    ref with the value the caller saw, moves the refs, and tells the rooms above.

    Raises:
        RefMoved: some ref is not where the caller saw it; nothing was changed.
    """
    card = _card_of(stores, repo, packs, updates)
    with stores.db.write() as tx:
        current = get_by_id(tx, actor, repo.id, action)
        add_packs(tx, repo.id, packs)
        move_refs(tx, actor, current, updates)
        if card is not None:
            store_card(tx, repo.id, *card)
        _merge_packs_later(tx, stores, repo.id)
        after = queries.by_id(tx, repo.id)
        assert after is not None
        tx.emit(RepoPushed(after, actor.user_id, updates))
    return after


def add_packs(tx: WriteTx, repo_id: int, packs: Sequence[Pack]) -> None:
    """List packs as part of the repository; one that is listed already is left alone."""
    known = set(queries.pack_names(tx, repo_id))
    rows = [
        {
            "repo_id": repo_id,
            "name": pack.name,
            "bytes": pack.bytes,
            "objects": pack.objects,
            "created_at": now(),
        }
        for pack in packs
        if pack.name not in known
    ]
    if rows:
        tx.sql.execute(sa.insert(packs_table), rows)


def move_refs(tx: WriteTx, actor: Actor, repo: Repo, updates: Sequence[RefUpdate]) -> None:
    """Compare and swap every ref, bump `refs_version`, record the pushes."""
    for update in updates:
        _swap(tx, repo.id, update)
    moment = now()
    rows = [
        {
            "repo_id": repo.id,
            "user_id": actor.user_id,
            "ref": update.name,
            "old": update.old,
            "new": update.new,
            "at": moment,
        }
        for update in updates
    ]
    if rows:
        tx.sql.execute(sa.insert(pushes), rows)
    values = {"refs_version": repos.c.refs_version + 1, "last_modified": moment}
    tx.sql.execute(sa.update(repos).where(repos.c.id == repo.id).values(**values))


def _swap(tx: WriteTx, repo_id: int, update: RefUpdate) -> None:
    here = sa.and_(refs.c.repo_id == repo_id, refs.c.name == update.name)
    row = {"oid": update.new, "commit_oid": update.commit_oid or update.new}
    if update.old is None:
        if tx.sql.execute(sa.select(refs.c.oid).where(here)).first() is not None:
            raise RefMoved
        if update.new is not None:
            tx.sql.execute(sa.insert(refs).values(repo_id=repo_id, name=update.name, **row))
        return
    unmoved = sa.and_(here, refs.c.oid == update.old)
    change = (
        sa.delete(refs).where(unmoved) if update.new is None else sa.update(refs).where(unmoved).values(**row)
    )
    if tx.sql.execute(change).rowcount != 1:
        raise RefMoved


def _card_of(
    stores: Stores, repo: Repo, packs: Sequence[Pack], updates: Sequence[RefUpdate]
) -> tuple[str, Metadata] | None:
    """Read what the new default branch says, before the transaction, when that branch moves."""
    head = f"refs/heads/{repo.default_branch}"
    tip = next((update.commit_oid or update.new for update in updates if update.name == head), None)
    if tip is None:
        return None
    with stores.db.read() as tx:
        names = queries.pack_names(tx, repo.id)
        unpublished = [pack.name for pack in packs]
        with stores.git.reader(repo.id, tip, lambda: names, unpublished) as reader:
            return tip, read_metadata(tx, stores, repo.id, repo.kind, reader, tip)


def _merge_packs_later(tx: WriteTx, stores: Stores, repo_id: int) -> None:
    count = tx.sql.execute(sa.select(sa.func.count()).where(packs_table.c.repo_id == repo_id)).scalar_one()
    if count >= stores.settings.git.repack_at and count % stores.settings.git.repack_at == 0:
        tx.enqueue(Job("repos.repack", {"repo_id": repo_id}))
