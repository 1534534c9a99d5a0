"""Copy a repository under another name: branches, tags, history and large files, without copying large bytes."""

from dataclasses import replace

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.cas import copy_links
from hubkeep.git import Pack
from hubkeep.repos import queries
from hubkeep.repos.audited import audited
from hubkeep.repos.card import card_of, store_card
from hubkeep.repos.create import insert, require_free, require_owner, reserve_id
from hubkeep.repos.events import RepoCreated, RepoPushed
from hubkeep.repos.gate import require_content
from hubkeep.repos.get import get
from hubkeep.repos.names import check_repo_name
from hubkeep.repos.publish import add_packs
from hubkeep.repos.quota import add_storage, require_room
from hubkeep.repos.tables import packs, refs
from hubkeep.repos.types import Kind, NewRepo, RefUpdate, Repo, Stores


def duplicate(stores: Stores, actor: Actor, kind: Kind, source_name: str, new: NewRepo) -> Repo:
    """Create `new` with everything of the source that `actor` may read; pull request refs stay behind.

    Raises:
        What `create` raises for the new name, what `get` raises for the source.
    """
    check_repo_name(new.name)
    with stores.db.read() as tx:
        source = get(tx, actor, kind, source_name)
        require_content(tx, actor, source)
        owner = require_owner(tx, actor, new.owner, new.resource_group_id)
        require_free(tx, kind, f"{owner.name}/{new.name}")
        room = {"more_bytes": source.used_storage, "more_repos": 1}
        require_room(tx, stores.settings.quotas, owner.id, owner.name, **room)
        rows = tx.sql.execute(sa.select(packs).where(packs.c.repo_id == source.id)).all()
        kept = [ref for ref in queries.ref_rows(tx, source.id) if not ref.name.startswith("refs/pr/")]
    repo_id = reserve_id(stores.db)
    for row in rows:
        stores.git.copy(source.id, repo_id, row.name)
    copies = [Pack(row.name, row.bytes, row.objects) for row in rows]
    sdk = new.sdk or source.sdk
    with stores.db.write() as tx:
        require_content(tx, actor, get(tx, actor, kind, source_name))
        repo = insert(
            tx,
            actor,
            NewRepo(kind, new.owner, new.name, new.private, sdk, new.resource_group_id),
            repo_id,
            owner.id,
            owner.name,
        )
        add_packs(tx, repo_id, copies)
        tx.sql.execute(
            sa.insert(refs),
            [{"repo_id": repo_id, "name": r.name, "oid": r.oid, "commit_oid": r.commit_oid} for r in kept],
        )
        copy_links(tx, source.id, repo_id, None)
        add_storage(tx, repo_id, source.used_storage)
        repo = replace(repo, used_storage=source.used_storage)
        head = next((ref for ref in kept if ref.name == f"refs/heads/{source.default_branch}"), None)
        if head is not None and (card := card_of(tx, source.id, head.commit_oid)) is not None:
            store_card(tx, repo_id, head.commit_oid, card)
        audited(tx, actor, "duplication", repo, source=source.full_name, private=repo.private)
        tx.emit(RepoCreated(repo))
        tx.emit(
            RepoPushed(
                repo, actor.user_id, [RefUpdate(ref.name, None, ref.oid, ref.commit_oid) for ref in kept]
            )
        )
    return repo
