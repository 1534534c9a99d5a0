"""Lists of repositories: pages, order, files."""

import pytest
from tests.unit.repos.conftest import add

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput
from hubkeep.repos import Kind, Query

NOBODY = Actor()


def pages(house, actor, **asked):
    """Return the names on every page."""
    after, found = None, []
    while True:
        with house.stores.db.read() as tx:
            listing = repos.list_repos(tx, actor, Query(kind=Kind.MODEL, after=after, **asked))
        found.append([info.repo.name for info in listing.items])
        if (after := listing.next) is None:
            return found


@pytest.mark.parametrize("sort", ["createdAt", "lastModified", "downloads", "likes", "trendingScore", "id"])
def test_every_order_is_walked_page_by_page_without_gap_or_repetition(house, sort):
    made = [house.make_repo().name for _ in range(7)]
    newest_first = list(reversed(made))
    for ascending, expected in ((False, newest_first), (True, made)):
        found = pages(house, NOBODY, sort=sort, ascending=ascending, limit=3)
        assert [len(page) for page in found] == [3, 3, 1]
        assert [name for page in found for name in page] == expected


def test_an_altered_cursor_is_refused(house):
    house.make_repo()
    for value in ("yesterday", None, 1e300):
        with house.stores.db.read() as tx, pytest.raises(BadInput, match="altered"):
            repos.list_repos(tx, NOBODY, Query(kind=Kind.MODEL, sort="createdAt", after=(value, 1)))


def test_a_list_with_files_names_them_and_keeps_pages_short(house):
    first, second = house.make_repo(), house.make_repo(private=True)
    house.commit(first, add("config.json"), add("deep/er.txt"))
    listing = repos.list_with_files(house.stores, house.ada, Query(kind=Kind.MODEL, sort="id"))
    found = {info.repo.id: [file.path for file in info.siblings or []] for info in listing.items}
    assert found == {
        first.id: [".gitattributes", "config.json", "deep/er.txt"],
        second.id: [".gitattributes"],
    }
    listing = repos.list_with_files(house.stores, NOBODY, Query(kind=Kind.MODEL, limit=1))
    assert [info.repo.id for info in listing.items] == [first.id]
