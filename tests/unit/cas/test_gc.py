from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.unit.cas.build import Cut, File, noise, shard
from tests.unit.cas.conftest import ADA

from hubkeep import cas
from hubkeep.cas.tables import xorbs
from hubkeep.kit import now


def collect(store, **over: object) -> cas.Collected:
    return cas.collect(store.db, store.blobs, **({"grace": timedelta(0), "dedup": timedelta(days=21)} | over))  # type: ignore[arg-type]  # by name


def pass_weeks(store, days: int = 29) -> None:
    with store.db.write() as tx:
        tx.sql.execute(
            sa.update(xorbs)
            .where(xorbs.c.idle_since.is_not(None))
            .values(idle_since=now() - timedelta(days=days))
        )


def drop(store, repo_id: int) -> None:
    with store.db.write() as tx:
        cas.drop_repo(tx, repo_id)


def test_what_a_repo_holds_is_never_collected(store):
    xet, whole = store.upload(noise(300_000)), store.keep(b"whole" * 1000)
    cas.convert(store.db, store.blobs, whole)
    before = store.rows()
    for _ in range(2):
        assert collect(store) == cas.Collected()
        pass_weeks(store)
    assert store.rows() == before
    assert store.read(1, xet.sha256) == xet.data
    assert store.read(1, whole) == b"whole" * 1000


def test_a_whole_blob_that_nobody_holds_goes_at_once(store):
    store.keep(b"gone" * 100, repo_id=1)
    kept = store.keep(b"kept" * 100, repo_id=2)
    drop(store, 1)
    assert collect(store) == cas.Collected(objects=1, blobs=1, bytes=400)
    assert [stat.key for stat in store.blobs.list()] == [cas.blob_key(kept)]


def test_a_dry_run_tells_and_touches_nothing(store):
    store.keep(b"gone" * 100, repo_id=1)
    store.upload(noise(50_000), repo_id=1)
    drop(store, 1)
    before, blobs = store.rows(), list(store.blobs.list())
    assert collect(store, dry_run=True).objects == 2
    assert (store.rows(), list(store.blobs.list())) == (before, blobs)


def test_young_bytes_without_a_name_are_left_alone(store):
    path = store.scratch / "upload"
    path.write_bytes(b"just stored")
    cas.keep_whole(store.blobs, path)
    assert collect(store, grace=timedelta(hours=24)) == cas.Collected()
    assert collect(store) == cas.Collected(blobs=1, bytes=11)


def test_xorbs_outlive_their_last_file_by_the_memory_of_clients(store):
    cut = store.upload(noise(300_000), repo_id=1)
    drop(store, 1)
    assert collect(store) == cas.Collected(objects=1, recipes=1, idle_xorbs=1)
    assert store.count("xet_dedup") == 0
    pass_weeks(store, 27)
    assert collect(store) == cas.Collected()
    pass_weeks(store, 29)
    found = collect(store)
    assert (found.xorbs, found.blobs) == (1, 1)
    assert list(store.blobs.list()) == []
    assert set(store.rows().values()) == {0}
    assert cut.xorb


def test_dedup_answers_are_waited_for_when_they_live_longer(store):
    store.upload(noise(300_000), repo_id=1)
    drop(store, 1)
    collect(store)
    pass_weeks(store, 40)
    assert collect(store, dedup=timedelta(days=60)).xorbs == 0
    assert collect(store, dedup=timedelta(days=30)).xorbs == 1


def test_an_idle_xorb_that_a_client_remembers_serves_again(store):
    cut = store.upload(noise(300_000), repo_id=1)
    drop(store, 1)
    collect(store)
    store.register(shard(File.of(cut)), repo_id=2)
    pass_weeks(store)
    assert collect(store) == cas.Collected()
    assert store.read(2, cut.sha256) == cut.data
    assert store.dedup(cut.hashes[:32], 2) is not None


def test_sending_an_idle_xorb_again_starts_its_clock_anew(store):
    cut = store.upload(noise(300_000), repo_id=1)
    drop(store, 1)
    collect(store)
    store.send_xorb(cut.xorb, cut.body())
    pass_weeks(store)
    found = collect(store)
    assert (found.idle_xorbs, found.xorbs) == (1, 0)


def test_a_blob_stays_as_long_as_xorbs_lie_in_it(store):
    data = noise(400_000)
    sha256 = store.keep(data, repo_id=1)
    cas.convert(store.db, store.blobs, sha256)
    cut = Cut(data)
    part = Cut(b"".join(cut.parts[1:3]))
    store.register(shard(File(part.file, [cut.term(1, 3)], part.sha256)), repo_id=2, reads=(1,))
    drop(store, 1)
    collect(store)
    pass_weeks(store)
    assert collect(store).blobs == 0
    assert store.read(2, part.sha256) == part.data
    drop(store, 2)
    collect(store)
    pass_weeks(store)
    assert collect(store).blobs == 1


def test_a_xorb_in_use_cannot_be_deleted_even_by_mistake(store):
    store.upload(noise(50_000))
    with pytest.raises(sa.exc.IntegrityError), store.db.write() as tx:
        tx.sql.execute(sa.delete(xorbs))


def test_bodies_that_lost_a_race_and_strange_keys(store):
    cut = Cut(noise(50_000))
    store.send_xorb(cut.xorb, cut.body((0,)), ADA)
    for key in (
        "xorbs/aa/bb/" + "a" * 64 + ".0011223344556677",
        "lfs/readme",
        "xorbs/odd.file.name",
        "xorbs/odd",
    ):
        path = store.scratch / "blob"
        path.write_bytes(b"?" * 7)
        store.blobs.adopt(key, path)
    found = collect(store)
    assert (found.blobs, found.bytes) == (0, 0)
    lost = store.scratch / "blob"
    lost.write_bytes(b"?" * 7)
    store.blobs.adopt(f"xorbs/{cut.xorb[:2]}/{cut.xorb[2:4]}/{cut.xorb}.0011223344556677", lost)
    assert collect(store).bytes == 7
