"""Remove large files for good: from the repository's store and, when asked, from its history."""

from collections.abc import Sequence

from hubkeep.accounts import Action, Actor
from hubkeep.cas import held, unlink
from hubkeep.git import PackWriter
from hubkeep.kit import BadInput
from hubkeep.repos import queries
from hubkeep.repos.audited import audited
from hubkeep.repos.get import get_for
from hubkeep.repos.publish import publish_in, read_new
from hubkeep.repos.quota import add_storage
from hubkeep.repos.types import Kind, RefUpdate, Repo, Stores

MAX_DELETIONS = 1000
MAX_TOLD = 100  # objects that the audit log names


def delete_lfs_files(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, sha256s: Sequence[str], *, rewrite_history: bool
) -> None:
    """Unlink the objects; with `rewrite_history`, first rewrite every ref as if they had never been committed.

    Raises:
        BadInput: over 1,000 objects, or one that this repository does not hold.
        RefMoved: somebody pushed meanwhile; nothing was changed.
    """
    wanted = set(sha256s)
    if not 1 <= len(sha256s) <= MAX_DELETIONS:
        raise BadInput(
            field="deletions.sha", reason=f"1 to {MAX_DELETIONS} objects at a time, not {len(sha256s)}"
        )
    with stores.db.read() as tx:
        repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
        if unknown := wanted - held(tx, repo.id, wanted).keys():
            raise BadInput(
                field="deletions.sha", reason=f"{min(unknown)} is not a large file of this repository"
            )
    if rewrite_history:
        _rewrite(stores, actor, repo, wanted)
    with stores.db.write() as tx:
        get_for(tx, actor, kind, full_name, Action.MANAGE)
        gone = sum(stored.size for stored in held(tx, repo.id, wanted).values())
        unlink(tx, repo.id, wanted)
        add_storage(tx, repo.id, -gone)
        told = {"count": len(wanted), "sha256": sorted(wanted)[:MAX_TOLD], "rewrite_history": rewrite_history}
        audited(tx, actor, "delete_lfs_files", repo, **told)


def _rewrite(stores: Stores, actor: Actor, repo: Repo, wanted: set[str]) -> None:
    with stores.db.read() as tx:
        refs = queries.ref_rows(tx, repo.id)
        names = queries.pack_names(tx, repo.id)
    tips = [ref.commit_oid for ref in refs]
    with (
        stores.git.reader(repo.id, tips[0], lambda: names) as reader,
        PackWriter(stores.scratch, reader.contains) as writer,
    ):
        blobs = {
            place.oid for place in reader.pointers(tips, tip_only=False) if place.pointer_sha256 in wanted
        }
        if not blobs:
            return
        renamed = reader.rewrite(writer, tips, blobs)
        written = writer.finish()
        pack = [stores.git.store(repo.id, *written)] if written else []
    # An annotated tag names its commit; a rewritten one becomes a light tag on the rewritten commit.
    updates = [
        RefUpdate(ref.name, ref.oid, renamed[ref.commit_oid])
        for ref in refs
        if renamed[ref.commit_oid] != ref.commit_oid
    ]
    told, card = read_new(stores, repo, pack, updates)
    with stores.db.write() as tx:
        current = get_for(tx, actor, repo.kind, repo.full_name, Action.MANAGE)
        # Also the refs of closed pull requests, which nobody may push to: what is to be gone must be gone there too.
        publish_in(tx, stores, actor, current, pack, updates, told, card, frees=True)
