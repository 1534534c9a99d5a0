"""The one write path: every commit, push, squash, branch and tag edit ends here."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from hubkeep.accounts import Action, Actor
from hubkeep.git import Commit, Pack
from hubkeep.kit import Job, WriteTx, now
from hubkeep.kit.tables import insert_missing
from hubkeep.repos import queries
from hubkeep.repos.audited import audited
from hubkeep.repos.card import store_card
from hubkeep.repos.errors import RefConflict, RefMoved, RepoNotFound
from hubkeep.repos.events import RepoPushed
from hubkeep.repos.kept_refs import PULL, require_moves
from hubkeep.repos.metadata import Metadata, read_metadata
from hubkeep.repos.new_commits import new_commits
from hubkeep.repos.quota import add_storage, require_room
from hubkeep.repos.tables import packs as packs_table
from hubkeep.repos.tables import pushes, refs, repos
from hubkeep.repos.types import RefUpdate, Repo, Stores

_DELETIONS = {
    "heads": "delete_branch",
    "tags": "delete_tag",
    "pr": "delete_pull_ref",
}  # by what follows `refs/`


def publish(
    stores: Stores,
    actor: Actor,
    repo: Repo,
    packs: Sequence[Pack],
    updates: Sequence[RefUpdate],
    action: Action = Action.WRITE,
    *,
    act: str = "",
) -> Repo:
    """Make stored packs and moved refs visible, all or nothing.

    The packs are in the blob store already (`GitCache.store`). One transaction checks permission again, compares every
    ref with the value the caller saw, moves the refs, and tells the rooms above. `action` is what the refs need, except
    those of pull requests, which their authors may move. `act` is the word for the audit log if there is to be an entry.

    Raises:
        RefMoved: some ref is not where the caller saw it; nothing was changed.
        StorageFull: the owner has no room for the packs. What managers do to history is never refused for that.
        RefProtected, NotAllowed: see `require_moves`.
    """
    told, card = read_new(stores, repo, packs, updates)
    with stores.db.write() as tx:
        current = queries.by_id(tx, repo.id)
        if current is None:
            raise RepoNotFound(kind=repo.kind, name=repo.full_name)
        current = require_moves(tx, actor, current.kind, current.full_name, updates, action)
        for update in updates if act else ():
            audited(tx, actor, act, current, ref=update.name, before=update.old, after=update.new)
        frees = action is Action.MANAGE
        return publish_in(tx, stores, actor, current, packs, updates, told, card, frees=frees)


def publish_in(
    tx: WriteTx,
    stores: Stores,
    actor: Actor,
    repo: Repo,
    packs: Sequence[Pack],
    updates: Sequence[RefUpdate],
    told: Mapping[str, Sequence[Commit]] | None = None,
    card: tuple[str, Metadata] | None = None,
    *,
    frees: bool = False,
) -> Repo:
    """Do what `publish` does within a transaction of the caller, who has decided that `actor` may.

    `told` are the commits that are new on each ref, oldest first. `card` is what the new default branch says: a caller who
    moves that branch reads it before (`read_new`). `frees`: it is done to make room, so it needs none.

    Raises:
        RefMoved, StorageFull.
    """
    more = add_packs(tx, repo.id, packs)
    if not frees:
        require_room(tx, stores.settings.quotas, repo.owner_id, repo.owner, more_bytes=more)
    add_storage(tx, repo.id, more)
    move_refs(tx, actor, repo, updates)
    if card is not None:
        store_card(tx, repo.id, *card)
    _merge_packs_later(tx, stores, repo.id)
    after = queries.by_id(tx, repo.id)
    assert after is not None
    tx.emit(RepoPushed(after, actor.user_id, updates, told or {}))
    return after


def add_packs(tx: WriteTx, repo_id: int, packs: Sequence[Pack]) -> int:
    """List packs as part of the repository, and return their bytes; one that is listed already is left alone."""
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
    insert_missing(tx.sql, packs_table, rows)
    return sum(pack.bytes for pack in packs if pack.name not in known)


def move_refs(tx: WriteTx, actor: Actor, repo: Repo, updates: Sequence[RefUpdate]) -> None:
    """Compare and swap every ref, bump `refs_version`, record the pushes.

    The repository's row is changed first: moves of one repository's refs follow each other, on every database.
    """
    moment = now()
    values: dict[str, object] = {"refs_version": repos.c.refs_version + 1}
    if not all(update.name.startswith(PULL) for update in updates):  # a proposal changes nothing yet
        values["last_modified"] = moment
    tx.sql.execute(sa.update(repos).where(repos.c.id == repo.id).values(**values))
    for update in sorted(updates, key=lambda update: update.new is not None):  # deletions may make room
        _swap(tx, repo.id, update)
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
    for update in updates:
        if update.new is None and (act := _DELETIONS.get(update.name.split("/")[1])):
            audited(tx, actor, act, repo, ref=update.name, before=update.old)


def _swap(tx: WriteTx, repo_id: int, update: RefUpdate) -> None:
    here = sa.and_(refs.c.repo_id == repo_id, refs.c.name == update.name)
    row = {"oid": update.new, "commit_oid": update.commit_oid or update.new}
    if update.old is None:
        if tx.sql.execute(sa.select(refs.c.oid).where(here)).first() is not None:
            raise RefMoved
        if update.new is not None:
            _require_room(tx, repo_id, update.name)
        here_now = {"repo_id": repo_id, "name": update.name, **row}
        if update.new is not None and not insert_missing(tx.sql, refs, [here_now]):
            raise RefMoved  # somebody made it since we looked
        return
    unmoved = sa.and_(here, refs.c.oid == update.old)
    change = (
        sa.delete(refs).where(unmoved) if update.new is None else sa.update(refs).where(unmoved).values(**row)
    )
    if tx.sql.execute(change).rowcount != 1:
        raise RefMoved


def _require_room(tx: WriteTx, repo_id: int, name: str) -> None:
    """Pass if no ref's name is a folder of the new one's, nor the other way round. Raises RefConflict."""
    parts = name.split("/")
    above = ["/".join(parts[:depth]) for depth in range(3, len(parts))]
    near = sa.or_(refs.c.name.in_(above), refs.c.name.startswith(f"{name}/", autoescape=True))
    found = tx.sql.execute(sa.select(refs.c.name).where(refs.c.repo_id == repo_id, near)).scalars()
    # SQLite compares without regard to case here, git does not.
    clash = next((other for other in found if other in above or other.startswith(f"{name}/")), None)
    if clash is not None:
        raise RefConflict(ref=name, other=clash)


def read_new(
    stores: Stores, repo: Repo, packs: Sequence[Pack], updates: Sequence[RefUpdate]
) -> tuple[dict[str, list[Commit]], tuple[str, Metadata] | None]:
    """Read, before the transaction, which commits are new on each ref, and what a new default branch says."""
    head = f"refs/heads/{repo.default_branch}"
    moved = {u.name: u for u in updates if u.new is not None and not u.name.startswith("refs/tags/")}
    if not moved:
        return {}, None
    tips = {name: update.commit_oid or update.new or "" for name, update in moved.items()}
    first = tips.get(head) or next(iter(tips.values()))
    with stores.db.read() as tx:
        names = queries.pack_names(tx, repo.id)
        trunk = queries.first_ref(tx, repo.id, [head])
        unpublished = [pack.name for pack in packs]
        with stores.git.reader(repo.id, first, lambda: names, unpublished) as reader:
            known = [trunk.commit_oid] if trunk is not None else []
            told = {
                name: new_commits(reader, tip, [old for old in (moved[name].old, *known) if old])
                for name, tip in tips.items()
            }
            if head not in tips:
                return told, None
            return told, (tips[head], read_metadata(tx, stores, repo.id, repo.kind, reader, tips[head]))


def _merge_packs_later(tx: WriteTx, stores: Stores, repo_id: int) -> None:
    count = tx.sql.execute(sa.select(sa.func.count()).where(packs_table.c.repo_id == repo_id)).scalar_one()
    if count >= stores.settings.git.repack_at and count % stores.settings.git.repack_at == 0:
        tx.enqueue(Job("repos.repack", {"repo_id": repo_id}))
