"""The git cache of a node is kept within its limit while the hub runs."""

import random
import threading

from tests.unit.git.conftest import Lab, make_cache

from hubkeep.git import Tidier


def test_what_nobody_reads_goes_by_itself_and_comes_back(tmp_path, monkeypatch):
    cache = make_cache(tmp_path, "memory")
    lab = Lab(cache, repo=1)
    tip = lab.commit({"a": random.Random(1).randbytes(50_000)})
    lab.files(tip)
    assert cache.place(1).ready()
    tidied = threading.Event()
    tidy = cache.tidy

    def watched(max_bytes):
        left = tidy(max_bytes)
        tidied.set()
        return left

    monkeypatch.setattr(cache, "tidy", watched)
    tidier = Tidier(cache, max_bytes=1, every_seconds=0.01)
    tidier.start()
    assert tidied.wait(30)
    tidier.stop()
    assert not cache.place(1).ready()
    assert len(lab.files(tip)) == 1


def test_without_a_limit_nothing_runs(tmp_path):
    before = threading.active_count()
    tidier = Tidier(make_cache(tmp_path, "memory"), max_bytes=0)
    tidier.start()
    assert threading.active_count() == before
    tidier.stop()
