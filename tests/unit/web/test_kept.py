import itertools
import threading

from hubkeep.web.kept import Kept


def test_a_value_is_made_once():
    kept: Kept[str] = Kept(1000, len)
    made = itertools.count(1)
    assert [kept.get("oid", lambda: f"card {next(made)}") for _ in range(3)] == ["card 1"] * 3


def test_the_cache_stays_within_its_limit_and_forgets_the_least_used():
    kept: Kept[str] = Kept(1000, len)
    for number in range(50):
        kept.get(number, lambda: "x" * 100)
        kept.get(0, lambda: "first")
    assert kept.used <= 1000
    assert kept.get(0, lambda: "made again") == "x" * 100


def test_a_value_too_large_is_made_but_not_kept():
    kept: Kept[str] = Kept(800, len)
    assert len(kept.get("big", lambda: "x" * 500)) == 500
    assert kept.used == 0


def test_many_threads_count_what_they_keep_once():
    kept: Kept[str] = Kept(100_000, len)
    threads = [
        threading.Thread(target=lambda: [kept.get(n, lambda: "x" * 10) for n in range(200)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.used == 2000
