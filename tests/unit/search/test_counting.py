"""Counting: what is a download, who is one person, and what follows from it."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hubkeep import repos, search
from hubkeep.accounts import STRANGER
from hubkeep.kit import now
from hubkeep.repos import Kind
from hubkeep.search import Counts, Keeper
from hubkeep.search.activity import add_downloads, expire, settle, trending
from hubkeep.search.counting import is_query_file, may_count
from hubkeep.search.tables import days

T = 1_800_000_000


@pytest.mark.parametrize(
    ("kind", "path", "may"),
    [
        (Kind.MODEL, "config.json", True),
        (Kind.MODEL, "sub/config.json", False),
        (Kind.MODEL, "README.md", False),
        (Kind.MODEL, "model_index.json", True),
        (Kind.MODEL, "a/b.gguf", True),
        (Kind.DATASET, "README.md", True),
        (Kind.DATASET, "data/train.parquet", True),
        (Kind.DATASET, ".gitattributes", False),
        (Kind.SPACE, "config.json", False),
    ],
)
def test_only_query_files_may_be_downloads(kind, path, may):
    assert may_count(kind, path) is may


@pytest.mark.parametrize(
    ("library", "path", "counts"),
    [
        (None, "config.json", True),
        ("transformers", "config.json", True),
        ("transformers", "model.safetensors", False),
        ("diffusers", "model_index.json", True),
        ("diffusers", "config.json", False),
        ("peft", "adapter_config.json", True),
        ("transformers", "q4.gguf", True),
        ("never-heard-of", "params.json", True),
    ],
)
def test_a_library_may_have_a_rule_of_its_own(library, path, counts):
    assert is_query_file(library, path) is counts


def test_one_person_within_five_minutes_is_one_download(house):
    repo, counts = house.model("bert"), Counts()
    for second, who in ((0, "ada"), (10, "ada"), (20, "eve"), (299, "ada")):
        counts.note(repo, "config.json", who, T + second)
        counts.flush(house.stores.db)
    assert downloads(house, repo) == (2, 2)
    counts.note(repo, "config.json", "ada", T + 300)
    counts.flush(house.stores.db)
    assert downloads(house, repo) == (3, 3)


def test_two_processes_count_one_person_once(house):
    repo = house.model("bert")
    for counts in (Counts(), Counts()):
        counts.note(repo, "config.json", "ada", T)
        counts.flush(house.stores.db)
    assert downloads(house, repo) == (1, 1)


def test_any_of_the_files_asked_for_may_be_the_one_that_counts(house):
    repo, counts = house.model("sd", library_name="diffusers"), Counts()
    counts.note(repo, "config.json", "ada", T)
    counts.note(repo, "model_index.json", "ada", T + 1)
    counts.note(repo, "config.json", "eve", T)
    assert counts.flush(house.stores.db) == 1


def test_counts_move_a_repo_in_its_orders(house):
    first, _ = house.model("first"), house.model("second")
    house.download(first, 3)
    assert house.names(sort="downloads") == ["first", "second"]
    assert house.names(sort="trendingScore") == ["first", "second"]
    assert house.names(sort="createdAt") == ["second", "first"]


def test_likes_move_a_repo_and_can_be_taken_back(house):
    first, _ = house.model("first"), house.model("second")
    for more, expected in ((1, ["first", "second"]), (-1, ["second", "first"]), (-1, ["second", "first"])):
        with house.stores.db.write() as tx:
            search.add_likes(tx, first.id, more)
        assert house.names(sort="likes") == expected


def test_likes_of_thirty_days_fade_and_one_taken_back_is_taken_from_its_own_day(house):
    old, new = house.model("old"), house.model("new")
    moment = now()
    with house.stores.db.write() as tx:
        for _ in range(3):
            search.add_likes(tx, old.id, 1, moment - timedelta(days=29))
        for _ in range(2):
            search.add_likes(tx, new.id, 1, moment)
    assert late_likes(house, old, new) == [(3, 3), (2, 2)]
    assert house.names(sort="likes30d") == ["old", "new"]
    with house.stores.db.write() as tx:
        search.add_likes(tx, old.id, -1, moment - timedelta(days=29))
        search.add_likes(tx, old.id, -1, moment - timedelta(days=400))
    assert late_likes(house, old, new) == [(1, 2), (2, 2)], "the second was counted long ago"
    tomorrow = moment.date().toordinal() + 1
    with house.stores.db.write() as tx:
        settle(tx, expire(tx, [old.id, new.id], tomorrow), tomorrow)
    assert late_likes(house, old, new) == [(1, 0), (2, 2)]
    assert house.names(sort="likes30d") == ["new", "old"]
    with house.stores.db.write() as tx:
        search.add_likes(tx, old.id, -1, moment - timedelta(days=29))
    assert late_likes(house, old) == [(0, 0)]
    house.roll()
    assert late_likes(house, old, new) == [(0, 0), (2, 2)]


def late_likes(house, *made) -> list[tuple[int, int]]:
    """Return every repository's likes, of all time and of thirty days."""
    with house.stores.db.read() as tx:
        found = {repo.id: repo for repo in repos.repos_by_id(tx, [repo.id for repo in made])}
    return [(found[repo.id].likes, found[repo.id].likes_30d) for repo in made]


def test_the_address_of_who_downloaded_is_kept_nowhere(house):
    repo, counts = house.model("bert"), Counts()
    counts.note(repo, "config.json", "203.0.113.77")
    counts.flush(house.stores.db)
    with house.stores.db.read() as tx:
        (row,) = tx.sql.exec_driver_sql("SELECT who FROM search_marks").all()
    assert "203" not in row.who


def test_a_clean_stop_loses_nothing(house):
    repo, counts = house.model("bert"), Counts()
    keeper = Keeper(house.stores.db, counts)
    keeper.start()
    writers = [threading.Thread(target=_note, args=(counts, repo, n)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    keeper.stop()
    assert downloads(house, repo)[0] == 400


def _note(counts: Counts, repo, number: int) -> None:
    for step in range(100):
        counts.note(repo, "config.json", f"{number} {step}")


def test_downloads_of_a_repo_that_is_gone_are_passed_over(house):
    repo, counts = house.model("bert"), Counts()
    counts.note(repo, "config.json", "ada")
    with house.stores.db.write() as tx:
        repos.delete(tx, house.actor(), repo.kind, repo.full_name)
    assert counts.flush(house.stores.db) == 0


def test_downloads_look_back_thirty_days_and_all_time_for_ever(house):
    repo = house.model("bert")
    with house.stores.db.write() as tx:
        add_downloads(tx, {repo.id: 7}, now() - timedelta(days=30))
        add_downloads(tx, {repo.id: 2}, now() - timedelta(days=29))
    assert downloads(house, repo) == (9, 9)
    house.roll()
    assert downloads(house, repo) == (2, 9)
    house.roll()
    assert downloads(house, repo) == (2, 9)


def test_a_trending_score_fades(house):
    repo = house.model("bert")
    today = now().date().toordinal()
    with house.stores.db.write() as tx:
        add_downloads(tx, {repo.id: 100})
        scores = [trending(tx, [repo.id], today + later).get(repo.id, 0.0) for later in (0, 3, 6, 13, 14)]
        assert scores == [10.0, 5.0, 2.5, 0.5, 0.0]
        settle(tx, expire(tx, [repo.id], today + 14), today + 14)
    assert house.ask(search.trending_now, STRANGER, [Kind.MODEL], 1)[0].repo.trending == 0.0


def test_the_roll_comes_again_tomorrow_and_only_once(house):
    search.start(house.stores.db)
    search.start(house.stores.db)
    house.work()
    house.work()
    with house.stores.db.read() as tx:
        kinds = tx.sql.exec_driver_sql("SELECT kind FROM jobs").scalars().all()
    assert kinds == ["search.roll"]


def test_the_days_of_a_deleted_repo_go_with_it(house):
    repo = house.model("bert")
    house.download(repo, 1)
    with house.stores.db.write() as tx:
        repos.delete(tx, house.actor(), repo.kind, repo.full_name)
        assert tx.sql.execute(sa.select(days)).all() == []


def downloads(house, repo) -> tuple[int, int]:
    with house.stores.db.read() as tx:
        (found,) = repos.repos_by_id(tx, [repo.id])
    return found.downloads, found.downloads_all_time


def test_asking_for_a_query_file_is_counted_head_and_get_as_one(house):
    repo = house.model("bert")
    house.push(repo, None, **{"config.json": b"{}", "other.txt": b"x"})
    for _ in range(2):
        house.client.head("/ada/bert/resolve/main/config.json")
        house.client.get("/ada/bert/resolve/main/config.json")
    house.client.get("/ada/bert/resolve/main/other.txt")
    assert house.hub.counts.flush(house.stores.db) == 1
    house.client.get("/ada/bert/resolve/main/config.json", headers=house.auth("eve"))
    assert house.hub.counts.flush(house.stores.db) == 1
    assert downloads(house, repo) == (2, 2)
