import base64

import pytest

from hubkeep import accounts


@pytest.fixture
def cookie(house):
    password = "long enough a password"
    hashed = accounts.hash_password(password)
    with house.stores.db.write() as tx:
        accounts.set_password(tx, house.actor().user_id, hashed)
    session = accounts.sign_in(house.stores.db, "ada", password)
    return {"Cookie": f"hubkeep_session={session.secret}"}


def create(house, headers):
    return house.client.post("/api/repos/create", json={"name": "new"}, headers=headers).status_code


def test_a_token_comes_as_bearer_or_as_password_of_anybody(house):
    token = house.people["ada"][1]
    basic = base64.b64encode(f"whoever:{token}".encode()).decode()
    for header in (f"Bearer {token}", f"bearer {token}", f"Basic {basic}"):
        assert house.client.get("/api/whoami-v2", headers={"Authorization": header}).json()["name"] == "ada"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic", "Basic ====", "Basic /w==", "Token x", "x"]
)
def test_a_header_that_cannot_be_read_is_never_a_stranger(house, header):
    assert house.client.get("/api/whoami-v2", headers={"Authorization": header}).status_code == 401


def test_a_session_reads(house, cookie):
    assert house.client.get("/api/whoami-v2", headers=cookie).json()["auth"] == {"type": "cookie"}


@pytest.mark.parametrize(
    ("browser", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 401),  # a Space beside us
        ({"Sec-Fetch-Site": "cross-site"}, 401),
        ({"Origin": "http://hub.test"}, 200),
        ({"Origin": "https://evil.example"}, 401),
        ({"Origin": "null"}, 401),
        ({}, 401),
    ],
)
def test_a_session_changes_things_only_from_our_own_pages(house, cookie, browser, status):
    assert create(house, cookie | browser) == status


def test_a_token_counts_wherever_it_comes_from(house):
    assert create(house, house.auth() | {"Origin": "https://elsewhere.example"}) == 200
