"""What only a folder does: durability, leftovers, neighbours."""

import hashlib
import io
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from hubkeep.kit import now
from hubkeep.storage import BlobNotFound, LocalBlobs, StorageDown

WRITER = """
import io, sys, time
from pathlib import Path
from hubkeep.storage import LocalBlobs

class Slow(io.RawIOBase):
    sent = False
    def read(self, size=-1):
        if self.sent:
            print("half", flush=True)
            time.sleep(60)
        self.sent = True
        return bytes(size)

LocalBlobs(Path(sys.argv[1])).put("half", Slow())
"""


@pytest.fixture
def synced(monkeypatch):
    """Every path in the order in which it was made durable."""
    order: list[str] = []
    real = os.fsync

    def note(handle: int) -> None:
        order.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", note)
    return order


def test_a_writer_killed_mid_upload_leaves_nothing_visible(tmp_path):
    """Storage promises «all or nothing» even when the process dies between two chunks."""
    with subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE) as dying:
        assert dying.stdout is not None
        assert dying.stdout.readline() == b"half\n"
        dying.kill()
    blobs = LocalBlobs(tmp_path)
    assert list(blobs.list()) == []
    assert blobs.sweep(now() - timedelta(hours=1)) == 0
    assert blobs.sweep(now() + timedelta(seconds=1)) > 0
    assert list((tmp_path / ".aside").iterdir()) == []


def test_bytes_are_durable_before_their_name_and_the_name_before_the_answer(tmp_path, synced):
    blobs = LocalBlobs(tmp_path / "blobs")
    blobs.put("a/b/c", io.BytesIO(b"x"))
    first, *folders = [str(Path(path)) for path in synced]
    assert first.startswith(str(tmp_path / "blobs" / ".aside"))
    assert folders == [
        str(tmp_path / "blobs" / "a" / "b"),
        str(tmp_path / "blobs" / "a"),
        str(tmp_path / "blobs"),
        str(tmp_path),
    ]


def test_a_folder_known_to_be_durable_costs_one_sync(tmp_path, synced):
    blobs = LocalBlobs(tmp_path / "blobs")
    blobs.put("a/b/c", io.BytesIO(b"x"))
    synced.clear()
    blobs.put("a/b/d", io.BytesIO(b"x"))
    assert len(synced) == 2


def test_a_name_that_another_process_made_is_synced_before_we_rely_on_it(tmp_path, synced):
    LocalBlobs(tmp_path / "blobs").put("a/b", io.BytesIO(b"x"))
    synced.clear()
    LocalBlobs(tmp_path / "blobs").put("a/b", io.BytesIO(b"x"))
    assert str(tmp_path / "blobs" / "a") in synced


def test_blobs_cannot_be_changed_by_mistake(tmp_path):
    blobs = LocalBlobs(tmp_path)
    blobs.put("a/b", io.BytesIO(b"x"))
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o444


def test_a_file_of_another_disk_is_copied(tmp_path):
    other = Path("/dev/shm") if Path("/dev/shm").stat().st_dev != tmp_path.stat().st_dev else Path("/tmp")
    made = other / f"hubkeep-test-{os.getpid()}"
    made.write_bytes(b"far away")
    blobs = LocalBlobs(tmp_path)
    assert blobs.adopt("a/b", made).size == 8
    assert not made.exists()
    assert blobs.open("a/b").read() == b"far away"
    assert list((tmp_path / ".aside").iterdir()) == []


def test_a_second_name_for_old_bytes_is_young(tmp_path):
    """A copied repository hard-links its packs: their age counts from the link, or they were garbage at once."""
    blobs = LocalBlobs(tmp_path)
    blobs.put("old", io.BytesIO(b"x"))
    os.utime(tmp_path / "old", (1, 1))
    time.sleep(0.02)
    mark = now()
    time.sleep(0.02)
    os.link(tmp_path / "old", tmp_path / "new")
    assert not blobs.collect("new", mark)


def test_confirming_a_blob_makes_it_young(tmp_path):
    blobs = LocalBlobs(tmp_path)
    blobs.put("k", io.BytesIO(b"x"))
    time.sleep(0.02)
    mark = now()
    time.sleep(0.02)
    blobs.put("k", io.BytesIO(b"x"))
    assert not blobs.collect("k", mark)


def test_no_writer_relies_on_a_blob_that_is_being_collected(tmp_path):
    """Whoever put successfully finds the blob during the grace period, however hard a collector works."""
    writer, collector, stop = LocalBlobs(tmp_path), LocalBlobs(tmp_path), threading.Event()
    grace, taken = timedelta(milliseconds=40), 0

    def collect() -> None:
        nonlocal taken
        while not stop.is_set():
            if any(collector.list()):
                taken += collector.collect("k", now() - grace)

    thread = threading.Thread(target=collect)
    thread.start()
    try:
        for wait in range(60):
            began = time.monotonic()
            try:
                writer.put("k", io.BytesIO(b"x"))
                assert writer.open("k").read() == b"x"
            except BlobNotFound:  # right only when this machine took longer than the grace period
                assert time.monotonic() - began > grace.total_seconds()
            time.sleep(0.03 + wait % 7 * 0.003)
    finally:
        stop.set()
        thread.join()
    assert taken > 0


def test_listing_looks_only_below_its_prefix(tmp_path, monkeypatch):
    blobs = LocalBlobs(tmp_path)
    for key in ("a/1/x", "a/2/x", "b/1/x"):
        blobs.put(key, io.BytesIO(b"x"))
    seen = []
    real = os.scandir

    def scandir(path):
        seen.append(str(Path(path).relative_to(tmp_path)))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [stat.key for stat in blobs.list("a/1/")] == ["a/1/x"]
    assert [stat.key for stat in blobs.list("a/2")] == ["a/2/x"]
    assert seen == ["a/1", "a", "a/2"]


def test_a_folder_that_cannot_be_written_is_said_to_be_down(tmp_path):
    blobs = LocalBlobs(tmp_path / "blobs")
    (tmp_path / "blobs" / ".aside").rmdir()
    with pytest.raises(StorageDown):
        blobs.check()


def test_two_processes_can_write_the_same_key(tmp_path):
    body = hashlib.sha256(b"seed").digest() * 50_000
    code = "import sys, io, hashlib; from pathlib import Path; from hubkeep.storage import LocalBlobs\n"
    code += "body = hashlib.sha256(b'seed').digest() * 50_000\n"
    code += "for n in range(30): LocalBlobs(Path(sys.argv[1])).put(f'k/{n}', io.BytesIO(body))"
    running = [subprocess.Popen([sys.executable, "-c", code, tmp_path]) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    assert [stat.size for stat in LocalBlobs(tmp_path).list("k/")] == [len(body)] * 30
    assert list((tmp_path / ".aside").iterdir()) == []
