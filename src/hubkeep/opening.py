"""Opens what a hub stands on, for servers, workers and the command line alike; knows nothing of HTTP, so it loads fast."""

from functools import partial

from hubkeep import accounts, community, repos, search
from hubkeep.git import GitCache
from hubkeep.kit import Bus, Database, Settings, Signer
from hubkeep.kit.jobs import Worker
from hubkeep.kit.keepsakes import secret
from hubkeep.migrations import upgrade
from hubkeep.repos import Stores
from hubkeep.storage import Blobs, LocalBlobs

ONE_AT_A_TIME = {
    "cas.convert": 1,
    "search.rebuild": 1,
}  # these take long: other jobs get their turn beside them


def open_stores(settings: Settings) -> Stores:
    """Open database, blobs and git cache in the data folder, which `prepare` has made ready."""
    scratch = settings.data / "tmp"
    scratch.mkdir(exist_ok=True)
    db = Database(settings.sql_url, Bus())
    repos.subscribe(db.bus)
    search.subscribe(db.bus)
    community.subscribe(db.bus)
    repos.guard_quotas(db.bus, settings.quotas)
    blobs = open_blobs(settings)
    git_cache = GitCache(settings.data / "git-cache", blobs, scratch)
    return Stores(db, blobs, git_cache, scratch, settings, Signer(secret(db, "signing")))


def prepare(settings: Settings) -> None:
    """Create what a hub needs to be opened: the data folder, closed to strangers, and the schema of this release."""
    settings.data.mkdir(mode=0o750, parents=True, exist_ok=True)
    db = Database(settings.sql_url)
    try:
        upgrade(db)
    finally:
        db.close()


def open_blobs(settings: Settings) -> Blobs:
    """Open the blob store that the settings name."""
    if settings.storage.backend == "local":
        return LocalBlobs(settings.data / "blobs")
    from hubkeep.storage import bucket_of  # noqa: PLC0415  the S3 client is loaded only where it is used

    return bucket_of(settings.storage)


def job_worker(stores: Stores) -> Worker:
    """Return a worker that knows every kind of job."""
    known = {
        **accounts.HANDLERS,
        **accounts.orgs.HANDLERS,
        **repos.HANDLERS,
        **search.HANDLERS,
        **community.HANDLERS,
    }
    handlers = {kind: partial(handler, stores) for kind, handler in known.items()}
    return Worker(stores.db, handlers, stores.settings.jobs, ONE_AT_A_TIME)
