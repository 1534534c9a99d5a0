"""Garbage goes, everything that has a name stays."""

import io
import os
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.cas.build import noise, text
from tests.unit.cas.conftest import Store
from tests.unit.repos.conftest import add, large

from hubkeep import repos
from hubkeep.git import PackWriter
from hubkeep.kit import now
from hubkeep.kit.settings import GcSettings
from hubkeep.kit.tables import jobs
from hubkeep.repos.jobs import purge, repack

ROOM = sys.modules["hubkeep.repos.gc"]  # in the door, `gc` is the verb


@pytest.fixture
def full(house):
    house.repo = house.make_repo()
    store = Store(house.stores.db, house.stores.blobs, house.stores.scratch)
    whole, cut = store.keep(noise(5000), house.repo.id), store.upload(text(300_000), house.repo.id)
    house.commit(house.repo, add("a.txt"), large("whole.bin", whole), large("xet.bin", cut.sha256))
    for left in house.stores.scratch.iterdir():
        left.unlink()
    return house


@pytest.fixture
def later(monkeypatch):
    """Let everything that exists be older than the grace period."""

    def pass_time(hours: float = 25) -> None:
        moment = now() + timedelta(hours=hours)
        for module in (ROOM, sys.modules["hubkeep.cas.gc"]):
            monkeypatch.setattr(module, "now", lambda: moment)

    return pass_time


def keys(house):
    return [stat.key for stat in house.stores.blobs.list()]


def store_pack(house, repo_id=None):
    """Store a pack that nobody publishes, as a process does that dies before its last step."""
    with PackWriter(house.stores.scratch) as writer:
        writer.add("blob", os.urandom(100))
        written = writer.finish()
        assert written is not None
        return house.stores.git.store(repo_id or house.repo.id, *written)


def test_everything_with_a_name_stays(full, later):
    before = keys(full)
    later()
    assert repos.gc(full.stores).bytes == 0
    assert keys(full) == before
    assert list(repos.fsck(full.stores, Counter(), deep=True)) == []


def test_a_pack_that_nobody_published_goes_when_it_is_old(full, later):
    before = keys(full)
    pack = store_pack(full)
    assert repos.gc(full.stores).pack_files == 0
    later()
    found = repos.gc(full.stores)
    assert (found.pack_files, found.pack_bytes) == (2, pack.bytes)
    assert keys(full) == before


def test_a_dry_run_tells_and_takes_nothing(full, later):
    pack = store_pack(full)
    (full.stores.scratch / "body").write_bytes(b"x" * 5000)
    before = keys(full)
    later()
    found = repos.gc(full.stores, dry_run=True)
    assert (found.pack_files, found.pack_bytes, found.leftovers) == (2, pack.bytes, 1)
    assert keys(full) == before
    assert (full.stores.scratch / "body").exists()


def test_packs_of_a_repository_that_is_gone_go(full, later):
    with full.stores.db.write() as tx:
        repos.delete(tx, full.ada, full.repo.kind, full.repo.full_name)
    later()
    repos.gc(full.stores)
    assert not [key for key in keys(full) if key.startswith("git/")]


def test_a_retired_pack_stays_while_its_readers_may_still_need_it(full, later, monkeypatch):
    for number in range(3):
        full.commit(full.repo, add(f"{number}.txt", os.urandom(50)))
    with full.stores.db.read() as tx:
        old = set(repos.pack_names(tx, full.repo.id))
    repack(full.stores, {"repo_id": full.repo.id})
    with full.stores.db.read() as tx:
        retired = old - set(repos.pack_names(tx, full.repo.id))
    assert retired
    later()
    repos.gc(full.stores)
    there = {key.rpartition("/")[2].partition(".")[0] for key in keys(full)}
    assert retired <= there
    with full.stores.db.write() as tx:
        tx.sql.execute(jobs.delete())
    repos.gc(full.stores)
    there = {key.rpartition("/")[2].partition(".")[0] for key in keys(full)}
    assert not retired & there


def test_a_pack_stored_again_is_young_again(full, later, monkeypatch):
    pack = store_pack(full)
    mark = now()
    time.sleep(0.05)
    key = f"git/{full.repo.id}/{pack.name}.pack"
    full.stores.blobs.put(key, full.stores.blobs.open(key))
    moment = mark + timedelta(hours=24)
    monkeypatch.setattr(ROOM, "now", lambda: moment)
    repos.gc(full.stores)
    assert key in keys(full)


def test_large_files_that_no_repository_holds_go(full, later):
    with full.stores.db.write() as tx:
        repos.delete(tx, full.ada, full.repo.kind, full.repo.full_name)
    purge(full.stores, {"repo_id": full.repo.id})
    later()
    found = repos.gc(full.stores)
    assert (found.large.objects, found.large.recipes) == (2, 1)
    later(29 * 24)  # what Xet clients remember
    repos.gc(full.stores)
    assert [key for key in keys(full) if not key.startswith("xorbs/")] == []


def test_leftovers_of_dead_processes_go_when_they_are_old(full, later):
    scratch = full.stores.scratch
    (scratch / "body1").write_bytes(b"x" * 10_000)
    (scratch / "merge-x" / "deep").mkdir(parents=True)
    (scratch / "merge-x" / "deep" / "pack").write_bytes(b"x")
    (scratch / "merge-x" / "link").symlink_to("/etc/passwd")
    assert repos.gc(full.stores).leftovers == 0
    later()
    found = repos.gc(full.stores)
    assert found.leftovers == 2
    assert found.leftover_bytes >= 10_000
    assert list(scratch.iterdir()) == []


def test_an_upload_in_parts_that_still_grows_is_left_alone_beside_a_dead_one(full, later, monkeypatch):
    parts = full.stores.scratch / ROOM.PARTS
    for name in ("dead", "alive"):
        (parts / name).mkdir(parents=True)
        (parts / name / "data").write_bytes(b"x")
    moment = now()
    time.sleep(0.05)
    (parts / "alive" / "1.tag").write_text("t")
    monkeypatch.setattr(ROOM, "now", lambda: moment + timedelta(hours=24, milliseconds=20))
    repos.gc(full.stores)
    assert [path.name for path in parts.iterdir()] == ["alive"]


def test_a_blob_that_we_did_not_name_is_not_ours_to_judge(full, later):
    for key in ("git/notes/x", "git/7/deep/er/pack-1.pack", "other/x"):
        full.stores.blobs.put(key, io.BytesIO(b"x"))
    later()
    repos.gc(full.stores)
    assert {"git/notes/x", "git/7/deep/er/pack-1.pack", "other/x"} <= set(keys(full))


def test_garbage_is_collected_while_people_commit(full):
    """The grace period is all that protects a pack between its storing and its publishing: it must suffice."""
    for number in range(5):
        full.commit(full.repo, add(f"{number}.txt", os.urandom(50)))
        repos.gc(full.stores)
    assert list(repos.fsck(full.stores, Counter())) == []


def waiting_for(house):
    with house.stores.db.read() as tx:
        return tx.sql.execute(jobs.select().where(jobs.c.kind == "repos.gc")).all()


def test_a_hub_collects_by_itself_once_a_day(full):
    for _ in range(3):
        repos.start_gc(full.stores)
    (first,) = waiting_for(full)
    assert timedelta(hours=23) < first.run_at - now() <= timedelta(hours=24)
    repos.HANDLERS["repos.gc"](full.stores, {})
    assert len(waiting_for(full)) == 2  # the one in hand, which goes when its handler returns, and the next


def test_an_operator_can_keep_the_hub_from_collecting_by_itself(full):
    never = full.stores.settings.model_copy(update={"gc": GcSettings(every_hours=0)})
    stores = replace(full.stores, settings=never)
    repos.start_gc(stores)
    repos.HANDLERS["repos.gc"](stores, {})
    assert waiting_for(full) == []


def test_a_node_that_starts_clears_its_own_scratch_folder(full, later):
    (full.stores.scratch / "body").write_bytes(b"x")
    later()
    repos.start_gc(full.stores)
    assert list(full.stores.scratch.iterdir()) == []
