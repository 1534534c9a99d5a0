"""The large files that a repository holds, and where they are named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hubkeep.accounts import Action, Actor
from hubkeep.cas import Link, links, write_pointer
from hubkeep.git import PointerAt, Reader, oid_of
from hubkeep.repos import queries
from hubkeep.repos.get import get_for
from hubkeep.repos.types import Kind, Repo, Stores


@dataclass(frozen=True)
class LfsFile:
    """A large object of a repository; `filename` and `ref` tell one place that names it, when there is one."""

    sha256: str
    size: int
    xet_hash: str | None
    pushed_at: datetime
    filename: str
    ref: str | None


def lfs_files(
    stores: Stores,
    actor: Actor,
    kind: Kind,
    full_name: str,
    *,
    after: str | None,
    limit: int,
    named: bool = True,
) -> tuple[list[LfsFile], str | None]:
    """Return a page of large objects in sha256 order, and the sha256 to go on after.

    Without `named`, their places are left out: to find those is work that grows with the repository.
    """
    with stores.db.read() as tx:
        repo = get_for(tx, actor, kind, full_name, Action.READ)
        page: Sequence[Link] = links(tx, repo.id, after, limit + 1)
        names = queries.pack_names(tx, repo.id) if named else []
        tips = {ref.name: ref.commit_oid for ref in queries.ref_rows(tx, repo.id)} if named else {}
    places = _places(stores, repo, names, tips, page[:limit])
    found = [
        LfsFile(link.sha256, link.size, link.xet_hash, link.linked_at, *places.get(link.sha256, ("", None)))
        for link in page[:limit]
    ]
    return found, (page[limit - 1].sha256 if len(page) > limit else None)


def _places(
    stores: Stores, repo: Repo, names: list[str], tips: dict[str, str], wanted: Sequence[Link]
) -> dict[str, tuple[str, str | None]]:
    """Find a path and a ref for each object: on the tips, the default branch first, then anywhere in history.

    What a pointer's blob is called follows from the object, so that nothing is read but trees; only pointers that somebody wrote
    in their own way are found by reading every small file of the history.
    """
    found: dict[str, tuple[str, str | None]] = {}
    if not tips or not wanted:
        return found
    first = f"refs/heads/{repo.default_branch}"
    refs: dict[str, str] = {}  # commits, and the first ref that leads to each
    for ref in sorted(tips, key=lambda name: (name != first, name)):
        refs.setdefault(tips[ref], ref)
    order = list(refs)
    blobs = {oid_of("blob", write_pointer(link.sha256, link.size)): link.sha256 for link in wanted}
    with stores.git.reader(repo.id, order[0], lambda: names) as reader:
        for tip, entry in reader.first_places(order, blobs):
            found[blobs[entry.oid]] = (entry.path, refs[tip])
        missing = {link.sha256 for link in wanted} - found.keys()
        if missing:
            found |= _in_history(reader, order, refs, missing)
    return found


def _in_history(
    reader: Reader, order: list[str], refs: dict[str, str], missing: set[str]
) -> dict[str, tuple[str, str | None]]:
    pointers: dict[str, PointerAt] = {}
    for place in reader.pointers(order, tip_only=False):
        if place.pointer_sha256 in missing:
            pointers.setdefault(place.oid, place)
    found: dict[str, tuple[str, str | None]] = {
        place.pointer_sha256: (place.path, None) for place in pointers.values()
    }
    for tip, entry in reader.first_places(order, pointers):
        found[pointers[entry.oid].pointer_sha256] = (entry.path, refs[tip])
    return found
