"""Replace a branch's history by one commit with the same files."""

from hubkeep.accounts import Action, Actor
from hubkeep.git import PackWriter
from hubkeep.kit import BadInput, now
from hubkeep.repos import queries
from hubkeep.repos.author import signature
from hubkeep.repos.get import get_for
from hubkeep.repos.publish import publish
from hubkeep.repos.snapshot import branch_of, find_ref
from hubkeep.repos.types import Kind, RefUpdate, Stores

MAX_MESSAGE = 500


def super_squash(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, branch: str, message: str | None
) -> str:
    """Point `branch` at a new commit without parents that holds today's files; return its id.

    Raises:
        BadInput: a tag, or a message over its limit.
        RevisionNotFound, RefMoved.
    """
    text = message or f"Super-squash branch '{branch}'"
    if len(text) > MAX_MESSAGE:
        raise BadInput(field="message", reason=f"over the limit of {MAX_MESSAGE} characters")
    with stores.db.read() as tx:
        repo = get_for(tx, actor, kind, full_name, Action.MANAGE)
        named = find_ref(tx, repo.id, branch)
        if named is not None and named.name.startswith("refs/tags/"):
            raise BadInput(field="branch", reason=f"{branch} is a tag; only branches can be squashed")
        ref = branch_of(tx, repo.id, branch)
        names = queries.pack_names(tx, repo.id)
    with stores.git.reader(repo.id, ref.oid, lambda: names) as reader, PackWriter(stores.scratch) as writer:
        tree = reader.commit(ref.oid).tree
        oid = writer.add_commit(tree, [], signature(actor, stores.settings), text, now())
        written = writer.finish()
        assert written is not None
        pack = stores.git.store(repo.id, *written)
    moved = [RefUpdate(ref.name, ref.oid, oid)]
    publish(stores, actor, repo, [pack], moved, Action.MANAGE, act="super_squash")
    return oid
