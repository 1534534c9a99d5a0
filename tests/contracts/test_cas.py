"""Large files keep their promises on every database and every blob store."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.unit.cas.build import Cut, File, noise, shard, text
from tests.unit.cas.conftest import ADA, EVE, Store

from hubkeep import cas
from hubkeep.accounts import STRANGER
from hubkeep.cas.tables import xorbs
from hubkeep.git import GitCache
from hubkeep.kit import Settings, Signer, now
from hubkeep.repos import Stores, XetFetch, xet_fetch

DATA = noise(500_000) + text(300_000)


def collect(store: Store) -> cas.Collected:
    """Collect without any grace, not even for what was written a moment ago; buckets count whole seconds."""
    return cas.collect(store.db, store.blobs, grace=timedelta(seconds=-5), dedup=timedelta(days=21))


@pytest.fixture
def store(open_db, blobs, tmp_path):
    db = open_db()
    db.create_all()
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    return Store(db, blobs, scratch)


def test_the_life_of_a_file_from_upload_to_garbage(store):
    cut = store.upload(DATA)
    assert store.read(1, cut.sha256) == DATA
    assert store.read(1, cut.sha256, 400_001, 250_000) == DATA[400_001:650_001]
    assert store.dedup(cut.hashes[:32], 1) is not None
    assert store.dedup(cut.hashes[:32], 2) is None
    with pytest.raises(cas.UnknownXorb):
        store.register(shard(File.of(cut)), repo_id=2, user_id=EVE, reads=(2,))
    assert store.register(shard(File.of(cut)), repo_id=2, user_id=EVE, reads=(1, 2)) is False
    assert collect(store) == cas.Collected()
    with store.db.write() as tx:
        cas.drop_repo(tx, 1)
        cas.unlink(tx, 2, [cut.sha256])
    assert collect(store) == cas.Collected(objects=1, recipes=1, idle_xorbs=1)
    with store.db.write() as tx:
        tx.sql.execute(sa.update(xorbs).values(idle_since=now() - timedelta(days=30)))
    assert collect(store).xorbs == 1
    assert list(store.blobs.list()) == []


def test_the_life_of_a_file_that_came_whole(store):
    sha256 = store.keep(DATA, repo_id=1)
    name = cas.convert(store.db, store.blobs, sha256)
    assert name == Cut(DATA).file
    with store.db.read() as tx:
        ((xorb, (fetch,)),) = cas.reconstruct(tx, 1, name, 0, None).fetches.values()
    body = b"".join(cas.read_body(store.blobs, xorb, fetch.first, fetch.last - fetch.first))
    assert body == Cut(DATA).body((0,))
    with store.db.write() as tx:
        cas.copy_links(tx, 1, 2, None)
        cas.drop_repo(tx, 1)
    assert store.read(2, sha256, 10, 20) == DATA[10:30]


def test_a_stores_own_link_is_given_away_only_for_a_whole_body(store, tmp_path):
    cut = store.upload(DATA)
    settings = Settings(data=tmp_path)
    git = GitCache(tmp_path / "git-cache", store.blobs, store.scratch)
    stores = Stores(store.db, store.blobs, git, store.scratch, settings, Signer("test"))
    with store.db.read() as tx:
        ((xorb, (part,)),) = cas.reconstruct(tx, 1, cut.file, 0, None).fetches.values()
        all_of_it = xet_fetch(tx, STRANGER, stores, XetFetch(xorb.id, 0, part.last))
        some_of_it = xet_fetch(tx, STRANGER, stores, XetFetch(xorb.id, 0, part.last - 1))
    assert some_of_it.link is None
    assert (all_of_it.link is None) == (store.blobs.link("any", 60) is None)


def test_many_who_upload_the_same_at_once_agree(store):
    cut = Cut(DATA)

    def upload(user_id: int) -> bool:
        store.send_xorb(cut.xorb, cut.body((user_id % 2,)), user_id)
        return bool(store.register(shard(File.of(cut)), repo_id=user_id, user_id=user_id))

    with ThreadPoolExecutor(6) as pool:
        fresh = list(pool.map(upload, range(1, 7)))
    assert fresh.count(True) == 1
    assert all(store.read(repo_id, cut.sha256) == DATA for repo_id in range(1, 7))
    assert (store.count("xorbs"), store.count("xet_files")) == (1, 1)


def test_uploads_beside_the_collector_never_lose_bytes(store):
    """Whoever was told that a file is registered can read it, whatever the collector did meanwhile."""
    told = []

    def upload(turn: int) -> None:
        data = noise(20_000, turn % 3)
        try:
            cut = store.upload(data, repo_id=turn, user_id=ADA)
        except (cas.BytesGone, cas.UnknownXorb):
            return  # told so, and may send again
        told.append((turn, cut.sha256, data))

    def age_and_collect() -> None:
        with store.db.write() as tx:
            tx.sql.execute(
                sa.update(xorbs)
                .where(xorbs.c.idle_since.is_not(None))
                .values(idle_since=now() - timedelta(days=30))
            )
        collect(store)

    with ThreadPoolExecutor(4) as pool:
        for turn in range(12):
            pool.submit(upload, turn)
            pool.submit(age_and_collect)
    assert told
    assert all(store.read(repo_id, sha256) == data for repo_id, sha256, data in told)
