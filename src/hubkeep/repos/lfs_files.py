"""The large files that a repository holds, and where they are named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hubkeep.accounts import Action, Actor
from hubkeep.cas import Link, links
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
        names = queries.pack_names(tx, repo.id)
        refs = queries.ref_rows(tx, repo.id)
    tips = {ref.name: ref.commit_oid for ref in refs}
    wanted = {link.sha256 for link in page[:limit]}
    places = _places(stores, repo, names, tips, wanted) if named else {}
    found = [
        LfsFile(link.sha256, link.size, link.xet_hash, link.linked_at, *places.get(link.sha256, ("", None)))
        for link in page[:limit]
    ]
    return found, (page[limit - 1].sha256 if len(page) > limit else None)


def _places(
    stores: Stores, repo: Repo, names: list[str], tips: dict[str, str], wanted: set[str]
) -> dict[str, tuple[str, str | None]]:
    """Find a path and a ref for each sha256: first on the tips, then anywhere in history."""
    found: dict[str, tuple[str, str | None]] = {}
    first = f"refs/heads/{repo.default_branch}"
    if not tips or not wanted:
        return found
    with stores.git.reader(repo.id, next(iter(tips.values())), lambda: names) as reader:
        for ref in sorted(tips, key=lambda name: (name != first, name)):
            if found.keys() >= wanted:
                break
            for place in reader.pointers([tips[ref]], tip_only=True):
                found.setdefault(place.pointer_sha256, (place.path, ref))
        if not found.keys() >= wanted:
            for place in reader.pointers(list(tips.values()), tip_only=False):
                found.setdefault(place.pointer_sha256, (place.path, None))
    return found
