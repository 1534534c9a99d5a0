import pytest
from tests.unit.repos.conftest import add

from hubkeep import repos
from hubkeep.accounts import STRANGER, NotSignedIn, OwnerNotFound
from hubkeep.community import activity, follows, likes


def deeds(found):
    return [(str(one.deed), one.actor.name if one.actor else None) for one in found.items]


def test_deeds_are_noted_as_they_happen(house):
    repo = house.make_repo()
    house.commit(repo, add("a"), summary="Add a")
    house.discuss(repo, house.eve)
    house.propose(repo, add("b"))
    house.commit(repo, add("c"), actor=house.eve, rev="refs/pr/2")
    house.merge(repo, 2)
    house.on(likes.like, house.rob, repo, on=True)
    found = house.ask(activity.of_repo, STRANGER, repo.kind, repo.full_name)
    assert deeds(found) == [
        ("like", "rob"),
        ("merge", "ada"),
        ("pull-request", "eve"),
        ("discussion", "eve"),
        ("push", "ada"),
        ("create", "ada"),
    ]
    assert found.items[-2].data["titles"] == ["Add a"]
    assert found.items[-3].data == {"num": 1, "title": "A question"}
    house.on(likes.like, house.rob, repo, on=False)
    assert deeds(house.ask(activity.of_repo, STRANGER, repo.kind, repo.full_name))[0] == ("merge", "ada")


def test_a_feed_has_what_those_one_follows_did_and_nothing_private(house):
    repo, hidden, alien = house.make_repo(), house.make_repo(private=True), house.make_repo(owner=house.rob)
    assert deeds(house.ask(activity.following, house.eve)) == []
    house.do(follows.follow, house.eve, "ada", on=True)
    house.on(likes.like, house.ada, alien, on=True)
    house.on(likes.like, house.ada, hidden, on=True)
    house.discuss(repo, house.rob)
    house.discuss(repo, house.eve)
    assert deeds(house.ask(activity.following, house.eve)) == [
        ("discussion", "rob"),
        ("like", "ada"),
        ("create", "ada"),
    ]
    assert ("create", "rob") in deeds(house.ask(activity.everybody, STRANGER))
    assert deeds(house.ask(activity.of_owner, STRANGER, "ada")) == [("like", "ada"), ("create", "ada")]
    with pytest.raises(NotSignedIn):
        house.ask(activity.following, STRANGER)
    with pytest.raises(OwnerNotFound):
        house.ask(activity.of_owner, STRANGER, "nobody")


def test_pages_follow_each_other_also_through_stretches_without_interest(house, monkeypatch):
    monkeypatch.setitem(activity.following.__globals__, "LOOKED_AT", 5)
    house.do(follows.follow, house.eve, "ada", on=True)
    mine = house.make_repo()
    for _ in range(12):
        house.make_repo(owner=house.rob)
    house.discuss(mine, house.ada)
    seen, after, pages = [], None, 0
    while True:
        page = house.ask(activity.following, house.eve, after=after, limit=1)
        seen += deeds(page)
        pages, after = pages + 1, page.next
        if after is None:
            break
    assert seen == [("discussion", "ada"), ("create", "ada")]
    assert pages <= 6


def test_a_deleted_repository_and_old_deeds_are_forgotten(house, monkeypatch):
    repo = house.make_repo()
    with house.stores.db.write() as tx:
        repos.delete(tx, house.ada, repo.kind, repo.full_name)
    assert deeds(house.ask(activity.everybody, house.ada)) == []
    house.make_repo()
    monkeypatch.setitem(activity.prune.__globals__, "KEEP_DAYS", -1)
    activity.prune(house.stores, {})
    assert deeds(house.ask(activity.everybody, house.ada)) == []


def test_the_door_of_activity(doors):
    repo = doors.house.make_repo()
    doors("POST", "/api/users/ada/follow", "eve")
    for query, who, status in (
        ("", None, 200),
        ("?feedType=following", "eve", 200),
        ("?feedType=user&entity=ada", None, 200),
        ("?feedType=following", None, 401),
        ("?feedType=user&entity=nobody", None, 404),
        ("?feedType=x", None, 400),
    ):
        answer = doors("GET", f"/api/recent-activity{query}", who)
        assert answer.status_code == status, query
        if status == 200:
            (one,) = answer.json()["recentActivity"]
            assert (one["type"], one["author"]["name"]) == ("create", "ada")
            assert one["repo"] == {"name": repo.full_name, "type": "model"}
