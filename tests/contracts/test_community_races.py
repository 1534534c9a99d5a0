"""People act on the same discussion at the same moment. On SQLite and on PostgreSQL, from several nodes."""

import json

import pytest
from tests.contracts.test_races import AT_ONCE, at_once
from tests.contracts.test_races import nodes as nodes
from tests.unit.repos.conftest import House, add

from hubkeep import community, repos
from hubkeep.accounts import STRANGER
from hubkeep.community import discussions, pulls
from hubkeep.community.discussions import Query, Reaction, Status
from hubkeep.repos import Repo


@pytest.fixture
def talk(nodes):
    for house in nodes:
        community.subscribe(house.stores.db.bus)
    return nodes


def write(house: House, verb, repo: Repo, *args, **kwargs):
    with house.stores.db.write() as tx:
        return verb(tx, house.ada, repo.kind, repo.full_name, *args, **kwargs)


def listing(house: House, repo: Repo, **query):
    with house.stores.db.read() as tx:
        return discussions.list_discussions(tx, STRANGER, repo.kind, repo.full_name, Query(**query))


def propose(house: House, repo: Repo, path: str, number: int = 0):
    body = house.stores.scratch / f"proposal-{path}-{number}"
    lines = [{"key": "header", "value": {"summary": f"Add {path}"}}, add(path)]
    body.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return pulls.open_with_commit(house.stores, house.eve, repo.kind, repo.full_name, "main", body)


def test_every_discussion_gets_a_number_of_its_own(talk):
    repo = talk[0].make_repo()

    def open_five(house: House, number: int) -> None:
        for _ in range(4):
            write(house, discussions.create, repo, f"From node {number}", "text")
        propose(house, repo, f"file{number}", number)

    assert at_once(talk, open_five) == {"done": AT_ONCE}
    found = listing(talk[0], repo)
    assert sorted(item.discussion.num for item in found.items) == list(range(1, 5 * AT_ONCE + 1))
    assert found.total == 5 * AT_ONCE
    assert listing(talk[0], repo, is_pull_request=True).total == AT_ONCE


def test_a_discussion_is_closed_once_and_the_totals_know_it(talk):
    repo = talk[0].make_repo()
    write(talk[0], discussions.create, repo, "A question", "text")

    def close(house: House, number: int) -> None:
        write(house, discussions.change_status, repo, 1, Status.CLOSED)

    assert at_once(talk, close) == {"done": 1, "WrongStatus": AT_ONCE - 1}
    found = listing(talk[0], repo)
    assert (found.total, found.closed) == (1, 1)


def test_one_person_reacts_once_from_however_many_windows(talk):
    repo = talk[0].make_repo()
    event = write(talk[0], discussions.create, repo, "A question", "text").event.id

    def react(house: House, number: int) -> None:
        write(house, discussions.react, repo, 1, event, Reaction.HEART, on=True)

    assert at_once(talk, react) == {"done": AT_ONCE}
    item = listing(talk[0], repo).items[0]
    assert (item.discussion.reaction_users, item.reactions[0].count) == (1, 1)


def test_a_pull_request_is_merged_once(talk):
    repo = talk[0].make_repo()
    propose(talk[0], repo, "a")

    def merge(house: House, number: int) -> None:
        pulls.merge(house.stores, house.ada, repo.kind, repo.full_name, 1)

    assert at_once(talk, merge) == {"done": 1, "NotMergeable": AT_ONCE - 1}
    with talk[0].stores.db.read() as tx:
        history = repos.history(
            tx, STRANGER, talk[0].stores, repo.kind, repo.full_name, "main", skip=0, limit=9
        )
    assert history.total == 2


def test_pull_requests_merged_at_once_all_land(talk):
    repo = talk[0].make_repo()
    for number in range(AT_ONCE):
        propose(talk[0], repo, f"file{number}", number)

    def merge(house: House, number: int) -> None:
        pulls.merge(house.stores, house.ada, repo.kind, repo.full_name, number + 1)

    assert at_once(talk, merge) == {"done": AT_ONCE}
    assert set(talk[0].tree(repo)) == {".gitattributes", *(f"file{number}" for number in range(AT_ONCE))}
