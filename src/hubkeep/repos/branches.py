"""Create and delete branches and tags."""

from hubkeep.accounts import Action, Actor
from hubkeep.git import PackWriter, check_ref_name
from hubkeep.kit import BadInput, ReadTx, now
from hubkeep.repos import queries
from hubkeep.repos.author import signature
from hubkeep.repos.errors import RefExists, RefMoved, RefProtected, RevisionNotFound
from hubkeep.repos.get import get_for
from hubkeep.repos.publish import publish
from hubkeep.repos.snapshot import snapshot
from hubkeep.repos.types import Kind, Ref, RefUpdate, Stores


def create_branch(
    stores: Stores,
    actor: Actor,
    kind: Kind,
    full_name: str,
    name: str,
    start: str | None,
    *,
    overwrite: bool = False,
) -> None:
    """Point `refs/heads/{name}` at `start` (None: the default branch).

    Raises:
        BadInput: a name that git or the Hub refuses.
        RefExists: it is there already, and `overwrite` was not asked for.
        RevisionNotFound: no such start.
    """
    full = branch_ref(name)
    with (
        stores.db.read() as tx,
        snapshot(tx, actor, stores, kind, full_name, start, Action.WRITE, names_only=True) as at,
    ):
        taken = queries.first_ref(tx, at.repo.id, [full])
        repo, oid = at.repo, at.oid
    if taken is not None and not overwrite:
        raise RefExists(ref=full)
    try:
        publish(stores, actor, repo, [], [RefUpdate(full, taken.oid if taken else None, oid)])
    except RefMoved:
        raise RefExists(ref=full) from None


def delete_branch(stores: Stores, actor: Actor, kind: Kind, full_name: str, name: str) -> None:
    """Remove a branch. Raises RefProtected for the default one, RevisionNotFound when there is none."""
    full = branch_ref(name)
    with stores.db.read() as tx:
        repo = get_for(tx, actor, kind, full_name, Action.WRITE)
        found = queries.first_ref(tx, repo.id, [full])
    if name == repo.default_branch:
        raise RefProtected(what="delete", ref=full, reason="it is the default branch")
    if found is None:
        raise RevisionNotFound(revision=name)
    publish(stores, actor, repo, [], [RefUpdate(full, found.oid, None)])


def create_tag(
    stores: Stores, actor: Actor, kind: Kind, full_name: str, name: str, target: str, message: str | None
) -> None:
    """Point `refs/tags/{name}` at `target`; with a message, through an annotated tag object.

    Raises:
        BadInput, RefExists, RevisionNotFound.
    """
    full = tag_ref(name)
    with (
        stores.db.read() as tx,
        snapshot(tx, actor, stores, kind, full_name, target, Action.WRITE, names_only=True) as at,
    ):
        repo, oid = at.repo, at.oid
        if queries.first_ref(tx, repo.id, [full]) is not None:
            raise RefExists(ref=full)
    packs, tagged = [], oid
    if message:
        with PackWriter(stores.scratch) as writer:
            tagged = writer.add_tag(oid, name, signature(actor, stores.settings), message, now())
            written = writer.finish()
            assert written is not None
            packs.append(stores.git.store(repo.id, *written))
    try:
        publish(stores, actor, repo, packs, [RefUpdate(full, None, tagged, oid)])
    except RefMoved:
        raise RefExists(ref=full) from None


def delete_tag(stores: Stores, actor: Actor, kind: Kind, full_name: str, name: str) -> None:
    """Remove a tag. Raises RevisionNotFound when there is none."""
    full = tag_ref(name)
    with stores.db.read() as tx:
        repo = get_for(tx, actor, kind, full_name, Action.WRITE)
        found = queries.first_ref(tx, repo.id, [full])
    if found is None:
        raise RevisionNotFound(revision=name)
    publish(stores, actor, repo, [], [RefUpdate(full, found.oid, None)])


def list_refs(tx: ReadTx, actor: Actor, kind: Kind, full_name: str) -> list[Ref]:
    """Return every ref of a repository that `actor` may read."""
    repo = get_for(tx, actor, kind, full_name, Action.READ)
    return queries.ref_rows(tx, repo.id)


def branch_ref(name: str) -> str:
    """Return the full name of a branch. Raises BadInput."""
    if name.startswith("refs/") or not check_ref_name(f"refs/heads/{name}"):
        raise BadInput(field="branch", reason=f"Invalid reference for a branch: {name}")
    return f"refs/heads/{name}"


def tag_ref(name: str) -> str:
    """Return the full name of a tag. Raises BadInput."""
    if name.startswith("refs/") or not check_ref_name(f"refs/tags/{name}"):
        raise BadInput(field="tag", reason=f"Invalid reference for a tag: {name}")
    return f"refs/tags/{name}"
