import os
import random
import shutil
import subprocess
import sys
import threading
import time
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pygit2
import pytest
from tests.unit.git.conftest import Lab, make_cache

from hubkeep.git import GitCache, ObjectMissing
from hubkeep.git.repack import worth_merging
from hubkeep.storage import BlobNotFound

LATER = datetime.now(UTC) + timedelta(days=1)


def other_node(lab, tmp_path) -> Lab:
    """The same blobs, a cache of its own."""
    there = GitCache(tmp_path / "other-cache", lab.cache._blobs, lab.cache.scratch)
    return Lab(there, names=lab.names)


def test_a_deleted_cache_comes_back_from_the_blobs(lab):
    tip = lab.commit({"a": b"1"})
    tip = lab.commit({"b": b"2"}, tip)
    assert lab.files(tip) == {"a": b"1", "b": b"2"}
    lab.cache.forget(1)
    assert not lab.cache.place(1).directory.exists()
    assert lab.files(tip) == {"a": b"1", "b": b"2"}


def test_an_open_reader_survives_the_loss_of_the_cache(lab):
    tip = lab.commit({"a": b"1", "b": b"2" * 9999})
    with lab.reader(tip) as reader:
        reader.entry(tip, "a")
        shutil.rmtree(lab.cache.place(1).directory)
        assert len(reader.blob(reader.entry(tip, "b").oid)) == 9999
    assert lab.files(tip)["a"] == b"1"


def test_names_are_asked_for_only_when_something_is_missing(one):
    tip = one.commit({"a": b"1"})
    one.files(tip)
    with one.cache.reader(1, tip, lambda: pytest.fail("asked")) as reader:
        assert reader.entry(tip, "a") is not None


def test_another_node_sees_a_push_at_once(lab, tmp_path):
    there = other_node(lab, tmp_path)
    tip = lab.commit({"a": b"1"})
    for number in range(5):
        assert there.files(tip).keys() == lab.files(tip).keys()
        tip = lab.commit({f"f{number}": b"x"}, tip)


def test_a_pack_is_not_built_upon_before_it_is_published(lab):
    base = lab.commit({"a": b"1"})
    lost = lab.commit({"b": b"lost the race"}, base, publish=False)
    with lab.reader(base, lab.last_packs) as reader:
        assert reader.commit(lost).title == "a change", "who asks for it by name sees it"
        blob = reader.entry(lost, "b").oid
    with lab.reader(base) as reader:
        assert not reader.contains(blob)
        with pytest.raises(ObjectMissing):
            reader.read(lost)
    won = lab.commit({"b": b"lost the race"}, base)
    lab.cache.forget(1)
    assert lab.files(won) == {"a": b"1", "b": b"lost the race"}


def test_a_pending_pack_can_be_seen_even_when_its_copy_here_is_gone(lab):
    base = lab.commit({"a": b"1"})
    tip = lab.commit({"b": b"2"}, base, publish=False)
    lab.cache.forget(1)
    with lab.reader(tip, lab.last_packs) as reader:
        assert reader.entry(tip, "a") is not None
        assert reader.entry(tip, "b") is not None


def test_packs_that_were_never_published_are_swept(lab):
    base = lab.commit({"a": b"1"})
    lab.commit({"b": b"2"}, base, publish=False)
    (left,) = lab.cache.place(1)._pending.iterdir()
    os.utime(left, (1, 1))
    lab.cache.fetch(1, lab.names)
    assert not left.exists()


def test_a_missing_blob_is_told_by_its_key(lab):
    tip = lab.commit({"a": b"1"})
    lab.cache.forget(1)
    lab.names.append("pack-" + "0" * 40)
    with pytest.raises(BlobNotFound):
        lab.files(tip)


def test_a_crash_between_two_packs_leaves_nobody_with_half(lab, monkeypatch):
    first = lab.commit({"a": b"1"})
    lab.files(first)
    second = lab.commit({"b": b"2"}, first)
    third = lab.commit({"c": b"3"}, second)
    # The newest pack comes in first, and the process dies before the one that it builds upon.
    lab.cache.forget(1)
    lab.names.reverse()
    place = lab.cache.place(1)
    moved: list[Path] = []
    replace = Path.replace

    def dying(path, target):
        if len(moved) == 2:
            raise KeyboardInterrupt
        moved.append(target)
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dying)
        with pytest.raises(KeyboardInterrupt):
            lab.cache.fetch(1, lab.names)
    assert place.arriving()
    assert lab.files(third) == {"a": b"1", "b": b"2", "c": b"3"}
    assert not place.arriving()


def test_merging_keeps_every_object_even_unreachable_ones(lab):
    tip = lab.commit({"a": b"0"})
    thrown_away = lab.commit({"gone": b"x"}, tip)
    for number in range(12):
        tip = lab.commit({"a": b"%d" % number}, tip)
    old = list(lab.names)
    merged = lab.cache.repack(1, lab.names)
    assert set(merged.gone) == set(old)
    lab.names[:] = [merged.pack.name]
    lab.cache.drop_packs(1, merged.gone, lab.names, LATER)
    assert {stat.key for stat in lab.cache._blobs.list("git/1/")} == {
        f"git/1/{merged.pack.name}.{s}" for s in ("pack", "idx")
    }
    for _ in range(2):
        assert lab.files(tip) == {"a": b"11"}
        assert lab.files(thrown_away)["gone"] == b"x"
        lab.cache.forget(1)


def test_merging_leaves_large_packs_alone(one):
    tip = one.commit({"big": random.Random(1).randbytes(200_000)})
    large = one.names[0]
    for number in range(5):
        tip = one.commit({"a": b"%d" % number}, tip)
    merged = one.cache.repack(1, one.names)
    assert large not in merged.gone
    assert len(merged.gone) == 5


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        ([], 0), ([5], 0), ([5, 5], 2), ([1, 2], 0), ([1, 2, 7], 0), ([1, 2, 5], 3), ([3, 3, 3, 100], 3), ([1] * 50, 50),
        ([1, 2, 6, 18, 54], 0), ([2, 2, 6, 18, 54], 5),
    ],
)  # fmt: skip
def test_packs_grow_geometrically(sizes, merged):
    assert len(worth_merging({str(i): size for i, size in enumerate(sizes)})) == merged


def test_a_pack_stored_again_is_not_dropped(lab):
    tip = lab.commit({"a": b"1"})
    lab.commit({"a": b"2"}, tip)
    merged = lab.cache.repack(1, lab.names)
    published = [merged.pack.name]
    lab.cache.drop_packs(1, merged.gone, published, datetime.now(UTC) - timedelta(hours=1))
    assert len(list(lab.cache._blobs.list("git/1/"))) == 6, "too young: somebody may be about to publish it"


def test_readers_in_the_middle_survive_the_dropping_of_packs(lab):
    tip = lab.commit({"a": b"0", "keep/x": b"kept" * 5000})
    for number in range(5):
        tip = lab.commit({"a": b"%d" % number}, tip)
    with lab.reader(tip) as reader:
        assert reader.entry(tip, "a") is not None
        merged = lab.cache.repack(1, lab.names)
        lab.names[:] = [merged.pack.name]
        lab.cache.drop_packs(1, merged.gone, lab.names, LATER)
        assert reader.blob(reader.entry(tip, "keep/x").oid) == b"kept" * 5000
        assert len(reader.log(tip, skip=0, limit=10)) == 6


def test_a_copy_has_the_same_objects_under_another_number(lab):
    tip = lab.commit({"a": b"1"})
    for name in lab.names:
        lab.cache.copy(1, 2, name)
    copy = Lab(lab.cache, names=lab.names, repo=2)
    assert copy.files(tip) == {"a": b"1"}


def test_more_packs_than_file_handles(one, monkeypatch):
    tips = [one.commit({"a": b"0"})]
    for number in range(30):
        tips.append(one.commit({f"f{number}": b"x%d" % number * 500}, tips[-1]))
    before = pygit2.settings.mwindow_file_limit
    pygit2.settings.mwindow_file_limit = 5
    try:
        for _ in range(3):
            for tip in tips:
                assert len(one.files(tip)) == tips.index(tip) + 1
        handles = [str(fd.readlink()) for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()]
        assert sum(str(one.cache._root) in path for path in handles) <= 6
    finally:
        pygit2.settings.mwindow_file_limit = before


def test_tidying_spares_what_is_in_use_and_what_costs_nothing(tmp_path):
    cache = make_cache(tmp_path, "memory")
    labs = [Lab(cache, repo=number) for number in (1, 2, 3)]
    tips = [lab.commit({"a": random.Random(lab.repo).randbytes(50_000)}) for lab in labs]
    for lab, tip in zip(labs, tips, strict=True):
        lab.files(tip)
    with labs[0].reader(tips[0]) as reader:
        assert cache.tidy(110_000) < 110_000
        assert [cache.place(n).ready() for n in (1, 2, 3)] == [True, False, True]
        reader.entry(tips[0], "a")
        cache.tidy(0)
        assert [cache.place(n).ready() for n in (1, 2, 3)] == [True, False, False]
    assert [len(lab.files(tip)) for lab, tip in zip(labs, tips, strict=True)] == [1, 1, 1]


def test_links_on_the_same_disk_are_not_tidied_away(one):
    tip = one.commit({"a": b"1"})
    one.files(tip)
    assert one.cache.tidy(0) == 0
    assert one.cache.place(1).ready()


def test_idle_handles_are_few(tmp_path, monkeypatch):
    monkeypatch.setattr("hubkeep.git.cache.MAX_IDLE", 3)
    cache = make_cache(tmp_path)
    for repo in range(6):
        lab = Lab(cache, repo=repo)
        lab.files(lab.commit({"a": b"1"}))
        assert cache._idle_count == sum(map(len, cache._idle.values())) <= 3
    cache.forget(5)
    assert cache._idle_count == sum(map(len, cache._idle.values()))


def test_writers_readers_and_merging_at_once(lab):
    """Eight threads: commits by compare-and-swap, reads of everything, merges, drops, and the cache lost now and then."""
    lock, stop = threading.Lock(), threading.Event()
    failures: list[Exception] = []
    tips = [lab.commit({"start": b"0"})]
    retired: list[str] = []

    def guarded(work):
        def run():
            while not stop.is_set():
                try:
                    work()
                    rounds[threading.current_thread().name] += 1
                except Exception as error:  # noqa: BLE001  any failure fails the test
                    failures.append(error)
                    stop.set()

        return run

    def names():
        with lock:
            return list(lab.names)

    def write():
        me = threading.current_thread().name
        with lock:
            base = tips[-1]
        mine = Lab(lab.cache, names=lab.names)
        tip = mine.commit({me: b"%d" % time.monotonic_ns()}, base, publish=False)
        with lab.cache.reader(1, tip, names, mine.last_packs) as reader:
            reader.commit(tip)
        with lock:
            if tips[-1] == base:
                tips.append(tip)
                lab.names += mine.last_packs

    def read():
        with lock:
            tip = random.choice(tips)
        with lab.cache.reader(1, tip, names) as reader:
            for entry in reader.walk(tip, "", recursive=True, after=None, limit=100):
                reader.blob(entry.oid)
            reader.log(tip, skip=0, limit=1000)

    def merge():
        listed = names()
        merged = lab.cache.repack(1, listed)
        if merged is not None:
            with lock:
                lab.names[:] = [n for n in lab.names if n not in merged.gone] + [merged.pack.name]
                retired.extend(merged.gone)
        with lock:
            gone, listed = list(retired), list(lab.names)
        before = dict(rounds)
        others = before.keys() - {threading.current_thread().name}
        while any(
            rounds[name] == before[name] for name in others
        ):  # the grace period: whoever listed the old is done
            if stop.wait(0.05):
                return
        lab.cache.drop_packs(1, gone, listed, LATER)

    def lose():
        time.sleep(0.1)
        lab.cache.tidy(0)

    works = [write, write, write, read, read, read, merge, lose]
    threads = [threading.Thread(target=guarded(work), name=f"t{i}") for i, work in enumerate(works)]
    rounds = {thread.name: 0 for thread in threads}
    for thread in threads:
        thread.start()
    stop.wait(4)
    while not stop.is_set() and (len(tips) < 4 or min(rounds.values()) < 2):  # on a busy machine
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures, ["".join(traceback.format_exception(f)) for f in failures]
    lab.cache.forget(1)
    assert len(lab.files(tips[-1])) >= 2
    assert len(tips) > 3, "somebody won, however busy the machine"
    lab.git("fsck", "--strict", "--no-dangling")


READER = """
import sys, random, time
from pathlib import Path
from hubkeep.git import GitCache
from hubkeep.storage import LocalBlobs
folder = Path(sys.argv[1])
cache = GitCache(folder / "git-cache", LocalBlobs(folder / "blobs"), folder / "tmp")
print("ready", flush=True)
end = time.monotonic() + 3
count = 0
while count < 11 or time.monotonic() < end:
    lines = (folder / "tips").read_text().split()
    tip, names = lines[0], lines[1:]
    with cache.reader(1, tip, lambda: names) as reader:
        for entry in reader.walk(tip, "", recursive=True, after=None, limit=100):
            reader.blob(entry.oid)
    count += 1
    if count % 20 == 0 and sys.argv[2] == "clumsy":
        cache.tidy(0)
print(count)
"""


def test_processes_share_one_cache(one, tmp_path):
    tip = one.commit({"a": b"0"})

    def tell(tip):
        (tmp_path / "aside").write_text("\n".join([tip, *one.names]))
        (tmp_path / "aside").rename(tmp_path / "tips")

    tell(tip)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(tmp_path), kind],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": "src"},
        )
        for kind in ("careful", "clumsy")
    ]
    for reader in readers:
        assert reader.stdout is not None
        reader.stdout.readline()
    end = time.monotonic() + 3
    while time.monotonic() < end:
        tip = one.commit({f"f{len(one.names) % 9}": b"%d" % len(one.names)}, tip)
        tell(tip)
    for reader in readers:
        out, errors = reader.communicate(timeout=240)
        assert reader.returncode == 0, errors.decode()
        assert int(out) > 10
