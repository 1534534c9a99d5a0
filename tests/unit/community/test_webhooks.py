import json

import pytest
from tests.unit.repos.conftest import add

from hubkeep import repos
from hubkeep.accounts import STRANGER, NotSignedIn
from hubkeep.community import discussions, webhooks
from hubkeep.community.discussions import Status
from hubkeep.community.webhooks import (
    AddressRefused,
    Domain,
    NothingToWatch,
    WebhookNotFound,
    Wish,
    is_public,
)
from hubkeep.kit import BadInput
from hubkeep.kit.jobs import Worker

OWN = "http://hub.test"


def hook(house, actor, *watched, url="https://receiver.example/x", **over):
    return house.do(webhooks.create, actor, Wish(OWN, url, list(watched), **over))


def trigger(house):
    """Run the jobs that find out whom to call; nobody is called."""
    worker = Worker(house.stores.db, {webhooks.TRIGGER: lambda args: webhooks.trigger(house.stores, args)})
    while worker.run_one():
        pass


def told(house, actor, made):
    trigger(house)
    found, _ = house.ask(webhooks.deliveries, actor, made.id)
    return [json.loads(one.payload) for one in reversed(found)]


def scopes(payloads):
    return [(one["event"]["scope"], one["event"]["action"]) for one in payloads]


def test_everything_that_happens_to_a_repository_is_told(house):
    made = hook(house, house.ada, ("user", "ada"))
    repo = house.make_repo()
    house.commit(repo, add("a"))
    with house.stores.db.write() as tx:
        repos.update_settings(tx, house.ada, repo.kind, repo.full_name, repos.Changes(private=True))
        repos.move(tx, house.ada, repo.kind, repo.full_name, "ada/renamed")
        repos.delete(tx, house.ada, repo.kind, "ada/renamed")
    payloads = told(house, house.ada, made)
    assert scopes(payloads) == [
        ("repo", "create"),
        ("repo.content", "update"),
        ("repo.content", "update"),
        ("repo.config", "update"),
        ("repo", "move"),
        ("repo", "delete"),
    ]
    push = payloads[2]
    (moved,) = push["updatedRefs"]
    assert moved["ref"] == "refs/heads/main"
    assert push["repo"]["headSha"] == moved["newSha"]
    assert payloads[3]["updatedConfig"] == {"private": True}
    assert payloads[4]["repo"]["name"] == repo.full_name
    assert payloads[4]["movedTo"]["name"] == "ada/renamed"


def test_everything_that_happens_in_discussions_is_told_but_not_what_was_hidden(house):
    repo = house.make_repo()
    made = hook(house, house.eve, ("model", repo.full_name), domains=[Domain.DISCUSSION])
    event = house.discuss(repo, house.eve, text="secret text").event.id
    house.on(discussions.comment, house.ada, repo, 1, "answer")
    house.on(discussions.hide_comment, house.eve, repo, 1, event)
    house.on(discussions.change_status, house.ada, repo, 1, Status.CLOSED)
    house.on(discussions.delete, house.ada, repo, 1)
    payloads = told(house, house.eve, made)
    assert scopes(payloads) == [
        ("discussion", "create"),
        ("discussion.comment", "create"),
        ("discussion.comment", "update"),
        ("discussion", "update"),
        ("discussion", "delete"),
    ]
    assert payloads[0]["comment"]["content"] == "secret text"
    assert payloads[0]["discussion"]["isPullRequest"] is False
    assert payloads[2]["comment"]["hidden"] is True
    assert "content" not in payloads[2]["comment"]
    assert payloads[3]["discussion"]["status"] == "closed"


def test_domains_choose_what_is_told(house):
    repo = house.make_repo()
    only_repo = hook(house, house.ada, ("model", repo.full_name), domains=[Domain.REPO])
    house.propose(repo, add("a"))
    assert scopes(told(house, house.ada, only_repo)) == [("repo.content", "update")]


def test_nobody_hears_of_what_they_may_not_see(house):
    repo = house.make_repo()
    made = hook(house, house.eve, ("model", repo.full_name), ("user", "ada"))
    with house.stores.db.write() as tx:
        repos.update_settings(tx, house.ada, repo.kind, repo.full_name, repos.Changes(private=True))
    house.commit(repo, add("a"))
    hidden = house.make_repo(private=True)
    house.discuss(hidden)
    assert told(house, house.eve, made) == []
    with pytest.raises(NothingToWatch):
        hook(house, house.eve, ("model", hidden.full_name))


def test_nothing_is_queued_where_nobody_watches(house):
    house.discuss(house.make_repo())
    with house.stores.db.read() as tx:
        queued = tx.sql.exec_driver_sql("SELECT count(*) FROM jobs WHERE kind = 'community.trigger'").scalar()
    assert queued == 0


def test_one_event_is_written_down_once_however_often_its_job_runs(house):
    repo = house.make_repo()
    made = hook(house, house.ada, ("model", repo.full_name))
    house.discuss(repo)
    with house.stores.db.read() as tx:
        args = json.loads(
            tx.sql.exec_driver_sql("SELECT args FROM jobs WHERE kind = 'community.trigger'").scalar_one()
        )
    webhooks.trigger(house.stores, args)
    webhooks.trigger(house.stores, args)
    assert len(told(house, house.ada, made)) == 1


def test_a_loop_ends_at_the_limit_of_a_day(make_house):
    house = make_house(webhooks={"per_day": 3})
    repo = house.make_repo()
    made = hook(house, house.ada, ("model", repo.full_name))
    for _ in range(5):
        house.discuss(repo)
    assert len(told(house, house.ada, made)) == 3


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.example/",
        "file:///etc/passwd",
        "https://",
        "https://user:password@x.example/",
        "https://x.example:0/",
        "https://x.example:99999/",
        "http://x.example/\r\nX-Evil: 1",
        "http://hub.test/api/repos/create",
        "HTTP://HUB.TEST:80/x",
        "https://x.example/" + "x" * 2000,
        "https://exämple.example/",
    ],
)
def test_addresses_that_are_none_are_refused(house, url):
    repo = house.make_repo()
    with pytest.raises(AddressRefused, match="url"):
        hook(house, house.ada, ("model", repo.full_name), url=url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::1", False),
        ("2001:0:53aa:64c:0:fffe:80ff:fffe", False),
    ],
)
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public


def test_wishes_out_of_bounds_are_refused(house):
    repo = house.make_repo()
    this = ("model", repo.full_name)
    overs: list[dict] = [{"secret": "ä"}, {"secret": "a\nb"}, {"secret": "x" * 201}, {"domains": []}]
    for over in overs:
        with pytest.raises(BadInput):
            hook(house, house.ada, this, **over)
    with pytest.raises(BadInput, match="watched"):
        hook(house, house.ada)
    for wrong in (
        ("model", "ada/nope"),
        ("dataset", repo.full_name),
        ("org", "ada"),
        ("user", "acme"),
        ("bucket", "a/b"),
    ):
        with pytest.raises(NothingToWatch):
            hook(house, house.ada, wrong)
    with pytest.raises(NotSignedIn):
        hook(house, STRANGER, this)


def test_a_webhook_is_its_owners_alone(house):
    made = hook(house, house.ada, ("user", "ada"))
    for verb, args in (
        (webhooks.find, ()),
        (webhooks.deliveries, ()),
        (webhooks.replay, (1,)),
        (webhooks.delete, ()),
        (webhooks.update, (Wish(OWN),)),
    ):
        with pytest.raises(WebhookNotFound):
            house.do(verb, house.eve, made.id, *args)
    assert house.ask(webhooks.list_webhooks, house.eve) == []


def test_the_doors_of_webhooks(doors):
    repo = doors.house.make_repo()
    body = {
        "watched": [{"type": "model", "name": repo.full_name}, {"type": "org", "name": "acme"}],
        "url": "https://receiver.example/x",
        "domains": ["repo", "discussion"],
        "secret": "sesame",
    }
    made = doors("POST", "/api/settings/webhooks", json=body).json()["webhook"]
    assert made["secret"] == "sesame"
    assert {"disabled": False, "domains": ["repo", "discussion"], "hasSecret": True}.items() <= made.items()
    assert sorted(one["name"] for one in made["watched"]) == sorted(["acme", repo.full_name])
    url = f"/api/settings/webhooks/{made['id']}"
    assert "secret" not in doors("GET", url).json()["webhook"]
    assert [one["id"] for one in doors("GET", "/api/settings/webhooks").json()] == [made["id"]]
    kept = doors("POST", url, json={"watched": [], "url": "https://other.example/"}).json()["webhook"]
    assert (kept["url"], len(kept["watched"])) == ("https://other.example/", 2)
    assert doors("POST", f"{url}/disable").json()["webhook"]["disabled"] is True
    assert doors("POST", f"{url}/enable").json()["webhook"]["disabled"] is False
    assert doors("GET", f"{url}/deliveries").json() == []
    assert doors("POST", f"{url}/replay/{'0' * 24}").status_code == 404
    assert doors("GET", url, "eve").status_code == 404
    assert doors("GET", "/api/settings/webhooks", None).status_code == 401
    assert doors("POST", "/api/settings/webhooks", "reader", json=body).status_code == 403
    assert doors("POST", "/api/settings/webhooks", json={**body, "jobSourceId": "x"}).status_code == 501
    assert doors("DELETE", url).status_code == 200
    assert doors("GET", url).status_code == 404
