"""Where pictures are told of, and how they are served. Source: hub-platform contract section 2."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from hubkeep import accounts
from hubkeep.accounts import Role


def png():
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (9, 99, 199)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def pictures(house):
    """Give ada and an organization of hers pictures; return their names."""
    with house.stores.db.write() as tx:
        accounts.add_org(tx, "lab", {"ada": Role.ADMIN})
        actor = accounts.actor_of(tx, house.actor().user_id, True)
    actor = replace(actor, token=None)
    stores = house.stores
    return [accounts.keep_avatar(stores.db, stores.blobs, actor, org, png()) for org in (None, "lab")]


def test_every_answer_tells_the_whole_address_of_the_picture(house, pictures):
    mine, labs = (f"{house.hub.url}/avatars/{name}" for name in pictures)
    me = house.client.get("/api/whoami-v2", headers=house.auth()).json()
    assert (me["avatarUrl"], me["orgs"][0]["avatarUrl"]) == (mine, labs)
    for path, want in (
        ("/api/users/ada/overview", mine),
        ("/api/users/ada/avatar", mine),
        ("/api/organizations/lab/overview", labs),
        ("/api/organizations/lab/avatar", labs),
    ):
        assert house.client.get(path).json()["avatarUrl"] == want
    assert house.client.get("/api/users/ada/overview").json()["orgs"][0]["avatarUrl"] == labs
    assert house.client.get("/api/organizations/lab/members").json()[0]["avatarUrl"] == mine
    assert house.client.get("/api/avatars/ada").headers["location"] == mine
    found = house.client.get("/api/quicksearch?q=ada&type=user").json()
    assert [user["avatarUrl"] for user in found["users"]] == [mine]


def test_a_picture_is_served_as_nothing_else_and_may_be_kept_for_ever(house, pictures):
    answer = house.client.get(f"/avatars/{pictures[0]}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "immutable" in answer.headers["cache-control"]
    assert Image.open(io.BytesIO(answer.content)).format == "WEBP"
    again = house.client.get(f"/avatars/{pictures[0]}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_picture_that_was_taken_away_is_gone_and_others_never_were(house, pictures):
    actor = replace(house.actor(), token=None)
    accounts.remove_avatar(house.stores.db, house.stores.blobs, actor, None)
    assert house.client.get(f"/avatars/{pictures[0]}").status_code == 404
    assert house.client.get("/api/users/ada/avatar").json()["avatarUrl"].endswith("/avatars/ada.svg")
    for name in ("0" * 32, "..%2F..%2Fhub", "ada"):
        assert house.client.get(f"/avatars/{name}.webp").status_code == 404
