"""A large hub made at once is the same as one that grew."""

import pytest
import sqlalchemy as sa
from tests.unit.search.test_upkeep import everything, rebuild

from hubkeep import repos, search
from hubkeep.accounts import STRANGER, Actor
from hubkeep.demo.many import many
from hubkeep.repos import Kind
from hubkeep.search import Query, tables

ROOT = Actor(user_id=1, name="root", is_admin=True)


@pytest.fixture
def large(house):
    house.model("here-before", "pytorch")
    house.work()
    many(house.stores, 400)
    return house


def test_the_index_of_many_says_what_their_rows_say(large):
    before = everything(large)
    rebuild(large)
    after = everything(large)
    assert after["documents"] == before["documents"]
    assert after["search_keys"] == before["search_keys"]
    assert after["counts"] == before["counts"]


@pytest.mark.parametrize(
    "sort",
    ["trendingScore", "downloads", "createdAt", "lastModified", "num_parameters", "likes30d", "mainSize"],
)
def test_every_order_lists_all_that_one_may_see(large, sort):
    with large.stores.db.read() as tx:
        infos = list(repos.every_info(tx, 0, 1000))
    everybody = {info.repo.full_name for info in infos if info.repo.kind is Kind.MODEL}
    public = {info.repo.full_name for info in infos if info.repo.kind is Kind.MODEL and not info.repo.private}
    for actor, expected in ((STRANGER, public), (ROOT, everybody)):
        listed = large.ask(search.listing, actor, Query(Kind.MODEL, sort=sort)).items
        assert {info.repo.full_name for info in listed} == expected
    assert len(everybody - public) > 10


def test_new_repos_get_numbers_after_the_many(large):
    repo = large.model("here-after")
    with large.stores.db.read() as tx:
        assert repo.id == max(info.repo.id for info in repos.every_info(tx, 0, 1000))
    assert "here-after" in large.names(search=["here"])


def test_the_sets_of_many_are_those_that_grew(large):
    def sets() -> list[tuple[int, int, bytes]]:
        with large.stores.db.read() as tx:
            rows = tx.sql.execute(sa.select(tables.bits).order_by("feature_id", "chunk"))
            return [(row.feature_id, row.chunk, row.bits) for row in rows if any(row.bits)]

    before = sets()
    with large.stores.db.write() as tx:
        for number in [info.repo.id for info in repos.every_info(tx, 0, 1000)]:
            search.index.drop(tx, number)
    assert sets() == []
    rebuild(large)
    assert sets() == before


def test_the_most_downloaded_have_a_card(large):
    top = large.ask(search.listing, ROOT, Query(Kind.MODEL, sort="downloads", limit=1)).items[0].repo
    answer = large.client.get(f"/{top.full_name}/raw/main/README.md")
    assert answer.status_code == (401 if top.private else 200)
