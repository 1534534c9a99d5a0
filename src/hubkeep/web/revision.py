"""Which revision a page shows, and which others there are to pick."""

from dataclasses import dataclass

from hubkeep import repos
from hubkeep.kit import ReadTx
from hubkeep.repos import Repo, Snapshot, Stores
from hubkeep.web import urls
from hubkeep.web.answer import Page
from hubkeep.web.asked import Asked
from hubkeep.web.failure import failure

MAX_LISTED = 100


@dataclass(frozen=True)
class Revision:
    """A revision as it was named, the commit that it is, and branches and tags to pick from."""

    name: str
    oid: str
    branches: list[str]
    tags: list[str]

    @property
    def fixed(self) -> bool:
        """True when it was named by its commit: nothing can move it."""
        return self.name == self.oid


def not_there(at: Snapshot, revision: Revision, path: str, asked: Asked) -> Page:
    """Return the page of a path that this revision does not have, with the way to what it has."""
    short = revision.name[:10] if revision.fixed else revision.name
    root = urls.at_url(at.repo, "tree", revision.name)
    text = f"There is no {path} at {short}."
    return failure(404, text, asked.here, anonymous=False, instead=(root, f"Files at {short}"))


def revision_of(tx: ReadTx, at: Snapshot, asked: Asked) -> Revision:
    """Return the revision of a page; branches and tags in name order, the default branch first."""
    return _revision(tx, at.repo, at.oid, asked)


def revision_in(stores: Stores, repo: Repo, oid: str, asked: Asked) -> Revision:
    """Return the same for a page that holds no transaction; the caller has asked who may see the repository."""
    with stores.db.read() as tx:
        return _revision(tx, repo, oid, asked)


def _revision(tx: ReadTx, repo: Repo, oid: str, asked: Asked) -> Revision:
    name = asked.params.get("rev") or repo.default_branch
    branches = repos.ref_names(tx, repo.id, "refs/heads/", MAX_LISTED)
    tags = repos.ref_names(tx, repo.id, "refs/tags/", MAX_LISTED)
    branches.sort(key=lambda branch: branch != repo.default_branch)
    return Revision(name, oid, branches, tags)
