"""Lists that also name every file of every repository: slower, so in shorter pages."""

from dataclasses import replace

from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos.errors import RevisionNotFound
from hubkeep.repos.info import Info, siblings_of
from hubkeep.repos.list_repos import Listing, Query, list_repos
from hubkeep.repos.snapshot import open_at
from hubkeep.repos.types import Stores

MAX_WITH_FILES = 100


def list_with_files(stores: Stores, actor: Actor, query: Query) -> Listing:
    """Return a page of `list_repos`, at most 100 repositories, with the files of their default branches.

    Raises:
        What `list_repos` raises.
    """
    with stores.db.read() as tx:
        found = list_repos(tx, actor, replace(query, limit=min(query.limit, MAX_WITH_FILES)))
        return Listing([_with_files(tx, stores, info) for info in found.items], found.next)


def _with_files(tx: ReadTx, stores: Stores, info: Info) -> Info:
    try:
        with open_at(tx, stores, info.repo, None) as at:
            return replace(info, siblings=siblings_of(tx, at, blobs=False))
    except RevisionNotFound:  # the default branch was deleted: nothing is on it
        return replace(info, siblings=[])
