import pytest
import sqlalchemy as sa
from tests.unit.repos.conftest import add

from hubkeep import accounts, repos
from hubkeep.accounts import STRANGER, NotSignedIn
from hubkeep.community import discussions, notifications
from hubkeep.community.discussions import Status
from hubkeep.community.notifications import Filter, NothingToWatch, Reason, Target, Watched
from hubkeep.kit import BadInput

EVERY = Filter()


def told(house, actor, wanted=EVERY, **page):
    found = house.ask(notifications.list_notifications, actor, wanted, **page)
    return [(item.discussion.num, item.reason.value, item.read) for item in found.items]


def comment(house, repo, num, text="text", actor=None):
    return house.on(discussions.comment, actor or house.eve, repo, num, text)


def switch(house, actor, **changes):
    return house.do(notifications.set_switches, actor, changes)


def test_nobody_is_told_within_the_request(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    assert told(house, house.ada) == []
    house.work()
    assert told(house, house.ada) == [(1, "watched", False)]


def test_the_owner_watches_and_who_takes_part_hears_but_never_of_themselves(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    comment(house, repo, 1, "me too", house.rob)
    house.work()
    assert told(house, house.eve) == [(1, "participating", False)]
    assert told(house, house.rob) == []
    comment(house, repo, 1, "why", house.eve)
    house.work()
    assert told(house, house.rob) == [(1, "participating", False)]


def test_a_mention_calls_somebody_in_and_stays_one_until_it_is_read(house):
    repo = house.make_repo()
    house.discuss(repo, house.ada, text="What do you think, @Wim? And `@rob`? And @acme, @nobody?")
    house.work()
    assert told(house, house.wim) == [(1, "mention", False)]
    assert told(house, house.rob) == []
    comment(house, repo, 1)
    house.work()
    assert told(house, house.wim) == [(1, "mention", False)]
    house.do(notifications.mark, house.wim, Filter(), read=True)
    comment(house, repo, 1)
    house.work()
    assert told(house, house.wim) == [(1, "participating", False)]


def test_members_watch_their_organization_unless_they_say_otherwise(house):
    repo = house.make_repo(owner=house.wim, name="shared")
    with house.stores.db.write() as tx:
        moved = repos.move(tx, house.wim, repo.kind, repo.full_name, "acme/shared")
    acme = Target(Watched.ORG, moved.owner_id)
    house.do(notifications.watch, house.rob, [], [acme])
    house.discuss(moved, house.eve)
    house.work()
    assert told(house, house.ada) == told(house, house.wim) == [(1, "watched", False)]
    assert told(house, house.rob) == []
    house.do(notifications.watch, house.rob, [acme], [])
    house.discuss(moved, house.eve)
    house.work()
    assert told(house, house.rob) == [(2, "watched", False)]


def test_watching_a_repository_and_muting_one(house):
    repo = house.make_repo()
    this = Target(Watched.REPO, repo.id)
    state = house.do(notifications.watch, house.rob, [this], [])
    assert list(state.watched) == [this]
    house.do(notifications.watch, house.ada, [], [this])
    house.discuss(repo, house.eve)
    house.work()
    assert told(house, house.rob) == [(1, "watched", False)]
    assert told(house, house.ada) == []
    comment(house, repo, 1, "but @ada must know")
    house.work()
    assert told(house, house.ada) == [(1, "mention", False)]


def test_watching_somebody_means_all_of_their_repositories(house):
    house.do(notifications.watch, house.rob, [Target(Watched.USER, house.ada.user_id)], [])
    house.discuss(house.make_repo(), house.eve)
    house.work()
    assert told(house, house.rob) == [(1, "watched", False)]


@pytest.mark.parametrize("kind", list(Watched))
def test_what_is_not_there_or_hidden_cannot_be_watched(house, kind):
    hidden = house.make_repo(private=True)
    targets = [Target(kind, 10**6)]
    targets += [Target(kind, hidden.id)] if kind is Watched.REPO else [Target(kind, house.ada.user_id)]
    if kind is Watched.USER:
        targets = targets[:1]
    for target in targets:
        with pytest.raises(NothingToWatch):
            house.do(notifications.watch, house.eve, [target], [])


def test_a_muted_discussion_is_silent_until_it_is_unmuted(house):
    repo = house.make_repo()
    house.discuss(repo, house.ada)
    comment(house, repo, 1, "hi", house.rob)
    house.on(discussions.mute, house.rob, repo, 1, muted=True)
    comment(house, repo, 1)
    house.work()
    assert told(house, house.rob) == []
    house.on(discussions.mute, house.rob, repo, 1, muted=False)
    comment(house, repo, 1)
    house.work()
    assert told(house, house.rob) == [(1, "participating", False)]


def test_who_may_not_read_hears_nothing_also_when_that_changes_later(house):
    repo = house.make_repo(private=True)
    house.discuss(repo, house.ada, text="@eve @root")
    house.work()
    assert told(house, house.eve) == []
    assert told(house, house.root) == [(1, "mention", False)]
    open_repo = house.make_repo()
    house.discuss(open_repo, house.ada, text="@eve")
    house.work()
    assert told(house, house.eve) == [(1, "mention", False)]
    with house.stores.db.write() as tx:
        repos.update_settings(tx, house.ada, open_repo.kind, open_repo.full_name, repos.Changes(private=True))
    assert told(house, house.eve) == []
    assert house.ask(notifications.unread, house.eve) == 0


def test_status_changes_and_commits_are_told_but_pins_and_titles_are_not(house):
    repo = house.make_repo()
    house.propose(repo, add("a"))
    house.work()
    house.do(notifications.clear, house.ada, Filter())
    house.on(discussions.pin, house.ada, repo, 1, pinned=True)
    house.on(discussions.rename, house.eve, repo, 1, "Another title")
    house.work()
    assert told(house, house.ada) == told(house, house.eve) == []
    house.commit(repo, add("b"), actor=house.eve, rev="refs/pr/1")
    house.work()
    assert told(house, house.ada) == [(1, "participating", False)]
    house.merge(repo, 1)
    house.work()
    assert told(house, house.eve) == [(1, "participating", False)]


def test_telling_twice_tells_once(house):
    repo = house.make_repo()
    event = house.discuss(repo, house.eve).event
    house.work()
    house.do(notifications.mark, house.ada, Filter(), read=True)
    notifications.tell(house.stores, {"discussion_id": event.discussion_id, "event_id": event.id})
    assert told(house, house.ada) == [(1, "watched", True)]


def test_counts_filters_marks_and_pages(house):
    one, other = house.make_repo(), house.make_repo()
    for repo, text in ((one, "x"), (one, "@ada"), (other, "x")):
        house.discuss(repo, house.eve, text=text)
    house.work()
    page = house.ask(notifications.list_notifications, house.ada, Filter(reasons=frozenset({Reason.MENTION})))
    assert (page.view, page.unread, page.all) == (1, 3, 3)
    assert told(house, house.ada, Filter(repo_ids=[one.id])) == [(2, "mention", False), (1, "watched", False)]
    assert len(told(house, house.ada, limit=2)) == 2
    assert len(told(house, house.ada, page=1, limit=2)) == 1
    ids = [item.discussion.id for item in page.items]
    assert house.do(notifications.mark, house.ada, ids, read=True) == 1
    assert house.do(notifications.mark, house.ada, ids, read=True) == 0
    assert len(told(house, house.ada, Filter(unread=True))) == 2
    assert house.do(notifications.clear, house.ada, Filter(repo_ids=[one.id])) == 2
    assert house.ask(notifications.unread, house.ada) == 1
    house.do(notifications.mark, house.eve, ids, read=False)  # nobody touches somebody else's
    assert told(house, house.ada) == [(1, "watched", False)]
    with pytest.raises(NotSignedIn):
        told(house, STRANGER)


def test_looking_at_a_discussion_reads_its_notification(house):
    repo = house.make_repo()
    made = house.discuss(repo, house.eve)
    house.work()
    house.do(notifications.seen, house.ada, made.discussion.id)
    assert told(house, house.ada) == [(1, "watched", True)]


def test_a_notification_points_to_the_first_event_not_seen(house):
    repo = house.make_repo()
    first = house.discuss(repo, house.eve).event.id
    comment(house, repo, 1)
    house.work()

    def points_to():
        return house.ask(notifications.list_notifications, house.ada, Filter()).items[0].event_id

    assert points_to() == first
    house.do(notifications.mark, house.ada, Filter(), read=True)
    later = comment(house, repo, 1).event.id
    comment(house, repo, 1)
    house.work()
    assert points_to() == later


def test_switches_turn_kinds_of_messages_off(house):
    repo = house.make_repo()
    assert switch(house, house.ada, web_discussions_watched=False)["web_discussions_watched"] is False
    assert house.ask(notifications.switches, house.ada)["web_discussions_participating"] is True
    house.discuss(repo, house.eve)
    house.discuss(repo, house.eve, text="@ada")
    house.work()
    assert told(house, house.ada) == [(2, "mention", False)]
    with pytest.raises(BadInput, match=r"notifications\.nope"):
        switch(house, house.ada, nope=True)


def test_texts_that_speak_of_other_discussions_are_linked_for_those_who_may_read_them(house):
    repo, hidden = house.make_repo(), house.make_repo(private=True)
    house.discuss(repo)
    house.discuss(repo, text=f"as in #1 and #2 and #99 and {repo.full_name}#1")
    house.discuss(hidden, text=f"secretly about {repo.full_name}#1")
    house.work()

    def linked(actor):
        found = house.ask(discussions.details, actor, repo.kind, repo.full_name, 1)
        return [(one.repo.id, one.discussion.num) for one in found.references]

    assert linked(STRANGER) == [(repo.id, 2)]
    assert linked(house.ada) == [(hidden.id, 1), (repo.id, 2)]


def test_old_notifications_go_and_the_job_comes_back(house, monkeypatch):
    house.discuss(house.make_repo(), house.eve)
    house.work()
    monkeypatch.setitem(notifications.prune.__globals__, "KEEP_DAYS", -1)
    notifications.prune(house.stores, {})
    assert told(house, house.ada) == []


def test_a_disabled_user_and_a_deleted_discussion_do_no_harm(house):
    repo = house.make_repo(private=True)
    made = house.discuss(repo, text="@rob @eve")
    with house.stores.db.write() as tx:
        accounts.set_disabled(tx, "rob", disabled=True)
    house.on(discussions.delete, house.ada, repo, 1)
    house.work()
    notifications.tell(house.stores, {"discussion_id": made.discussion.id, "event_id": made.event.id})
    house.discuss(repo, text="@rob")
    house.on(discussions.change_status, house.ada, repo, 2, Status.CLOSED)
    assert house.work() >= 2


def test_the_doors_of_notifications(doors):
    house = doors.house
    repo = house.make_repo()
    house.discuss(repo, house.eve, text="@ada look")
    house.work()
    shown = doors("GET", "/api/notifications").json()
    assert shown["count"] == {"view": 1, "unread": 1, "all": 1}
    (one,) = shown["notifications"]
    assert {
        "type": "repo",
        "read": False,
        "repo": {"name": repo.full_name, "type": "model"},
    }.items() <= one.items()
    assert one["discussion"]["title"] == "A question"
    assert [who["user"] for who in one["discussion"]["participating"]] == ["eve", "ada"]
    for query, view in (
        ("mention=mentions", 1),
        ("readStatus=unread&mention=participating", 1),
        (f"repoName={repo.full_name}", 1),
        (f"repoName={repo.full_name}&repoType=dataset", 0),
        ("repoName=no/thing", 0),
        ("paperId=1", 0),
        ("lastUpdate=2001-01-01T00:00:00.000Z", 0),
    ):
        assert doors("GET", f"/api/notifications?{query}").json()["count"]["view"] == view, query
    ids = {"discussionIds": [one["discussion"]["id"]]}
    assert doors("POST", "/api/notifications/mark-as-read", json=ids).json() == {"changed": 1}
    assert doors("POST", "/api/notifications/mark-as-read", json={**ids, "read": False}).json() == {
        "changed": 1
    }
    assert doors("POST", "/api/notifications/mark-as-read?applyToAll=true").json() == {"changed": 1}
    assert doors("DELETE", "/api/notifications", json={"discussionIds": ["nonsense"]}).json() == {
        "changed": 0
    }
    assert doors("DELETE", "/api/notifications?applyToAll=true&readStatus=unread").json() == {"changed": 0}
    assert doors("DELETE", "/api/notifications", json=ids).json() == {"changed": 1}
    assert doors("DELETE", "/api/notifications", json={}).status_code == 400
    assert doors("GET", "/api/notifications", None).status_code == 401
    for query in ("p=x", "readStatus=x", "mention=x", "repoType=x", "lastUpdate=x"):
        assert doors("GET", f"/api/notifications?{query}").status_code == 400


def test_the_doors_of_settings_and_watches(doors):
    house = doors.house
    repo = house.make_repo()
    body = {
        "notifications": {"discussions_watched": False, "product_updates_after": "2024-01-01T00:00:00.000Z"}
    }
    assert (
        doors("PATCH", "/api/settings/notifications", json=body).json()["notifications"][
            "discussions_watched"
        ]
        is False
    )
    assert doors("GET", "/api/settings/notifications").json()["notifications"]["user_follows"] is True
    assert (
        doors("PATCH", "/api/settings/notifications", json={"notifications": {"x": True}}).status_code == 400
    )
    assert (
        doors(
            "PATCH", "/api/settings/notifications", json={"notifications": {"user_follows": "x"}}
        ).status_code
        == 400
    )
    add = {"add": [{"id": repo.full_name, "type": "repo"}, {"id": "acme", "type": "org"}]}
    state = doors("PATCH", "/api/settings/watch", "eve", json=add).json()
    assert [one["type"] for one in state["watched"]] == ["org", "repo"]
    gone = doors("PATCH", "/api/settings/watch", "eve", json={"delete": state["watched"]}).json()
    assert (gone["watched"], len(gone["muted"])) == ([], 2)
    assert doors("GET", "/api/settings/watch", "eve").json() == gone
    for wrong in (
        {"id": "nobody", "type": "user"},
        {"id": "acme", "type": "user"},
        {"id": "f" * 24, "type": "repo"},
    ):
        assert doors("PATCH", "/api/settings/watch", json={"add": [wrong]}).status_code == 404
    assert doors("PATCH", "/api/settings/watch", "reader", json=add).status_code == 403


def test_the_bell_looks_into_two_indexes_and_stops_early(house):
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    house.work()
    asked: list[tuple[str, object]] = []
    with house.stores.db.read() as tx:
        sa.event.listen(tx.sql, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
        assert notifications.unread(tx, house.ada) == 1
        of_talks, of_gates = [
            [step for *_, step in tx.sql.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()]
            for statement, values in list(asked)
            if "LIMIT" in statement
        ]
        assert len(asked) == 4  # two, and how they are carried out
    assert any("ix_notifications_unread" in step for step in of_talks), of_talks
    assert not any(step.startswith("SCAN notifications") for step in of_talks), of_talks
    assert any(step.startswith("SEARCH gate_notices") for step in of_gates), of_gates
