"""The audit log as a file."""

import pytest

from hubkeep import accounts, repos
from hubkeep.accounts import Role
from hubkeep.wire import audit as door

EXPORT = "/api/organizations/tidewater/audit-log/export"


@pytest.fixture
def full(house):
    """An organization of ada's in which something happened."""
    with house.stores.db.write() as tx:
        accounts.add_org(tx, "tidewater", {"ada": Role.ADMIN, "eve": Role.WRITE})
    answer = house.client.post(
        "/api/repos/create",
        headers=house.auth() | {"User-Agent": "hf_hub/2.4.0"},
        json={"name": "harbour", "organization": "tidewater", "type": "model"},
    )
    assert answer.status_code == 200, answer.text
    return house


def test_administrators_get_the_hub_s_own_shape(full):
    answer = full.client.get(EXPORT, headers=full.auth())
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-log-tidewater.json"'
    assert answer.headers["content-type"] == "application/json"
    (entry,) = answer.json()
    assert entry["type"] == "repo.create"
    assert entry["message"] == "ada made tidewater/harbour"
    assert entry["data"]["repo"] == "tidewater/harbour"
    assert entry["userAgent"] == "hf_hub/2.4.0"
    assert entry["ip"] == "127.0.0.1"
    assert (entry["author"]["user"], entry["author"]["type"]) == ("ada", "user")
    assert entry["token"] == {
        "type": "access_token",
        "id": entry["token"]["id"],
        "role": "write",
        "last4": full.people["ada"][1][-4:],
        "deleted": False,
    }
    assert len(entry["_id"]) == 24


@pytest.mark.parametrize(("who", "status"), [("eve", 403), (None, 401)])
def test_nobody_else_gets_it(full, who, status):
    headers = full.auth(who) if who else {}
    assert full.client.get(EXPORT, headers=headers).status_code == status
    assert full.client.get("/api/audit-log/export", headers=headers).status_code == status


def test_an_organization_that_is_not_there_has_none(full):
    answer = full.client.get("/api/organizations/nobody/audit-log/export", headers=full.auth())
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", 1),
        ("type:repo.create", 1),
        ("repo", 1),
        ("type:org", 0),
        ("author:ada repo", 1),
        ("author:eve", 0),
        ("ip:127.0.0.1", 1),
        ("since:2999-01-01", 0),
        ("until:2999-01-01", 1),
    ],
)
def test_it_is_narrowed_by_words(full, q, found):
    answer = full.client.get(EXPORT, headers=full.auth(), params={"q": q})
    assert len(answer.json()) == found


@pytest.mark.parametrize(
    "q", ["what:ever", "type:a type:b", "since:yesterday", "x" * 2000, "until:9999-12-31"]
)
def test_words_that_mean_nothing_are_refused(full, q):
    answer = full.client.get(EXPORT, headers=full.auth(), params={"q": q})
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_long_log_is_sent_page_by_page_up_to_the_most(full, monkeypatch):
    monkeypatch.setattr(door, "PAGE", 2)
    monkeypatch.setattr(door, "MOST", 5)
    with full.stores.db.write() as tx:
        org = accounts.owner_named(tx, "tidewater")
        for number in range(4):
            accounts.audit(tx, accounts.COMMAND_LINE, f"org.act{number}", owner_id=org.id)
    answer = full.client.get(EXPORT, headers=full.auth())
    assert [entry["type"] for entry in answer.json()] == [
        "org.act3",
        "org.act2",
        "org.act1",
        "org.act0",
        "repo.create",
    ]
    assert answer.json()[0]["author"]["type"] == "system"
    with full.stores.db.write() as tx:
        accounts.audit(tx, accounts.COMMAND_LINE, "org.act4", owner_id=org.id)
    assert len(full.client.get(EXPORT, headers=full.auth()).json()) == 5


def test_who_and_what_is_gone_is_still_told_of(full):
    with full.stores.db.write() as tx:
        accounts.set_operator(tx, "eve", operator=True)
        actor = accounts.actor_of(tx, full.actor("ada").user_id, True)
        repos.delete(tx, actor, repos.Kind.MODEL, "tidewater/harbour")
    entries = full.client.get("/api/audit-log/export", headers=full.auth("eve")).json()
    assert [entry["type"] for entry in entries] == ["repo.delete", "user.operator", "repo.create"]
