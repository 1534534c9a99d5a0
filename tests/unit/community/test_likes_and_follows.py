import pytest

from hubkeep import repos
from hubkeep.accounts import STRANGER, NotSignedIn, OwnerNotFound
from hubkeep.community import follows, likes
from hubkeep.kit import BadInput
from hubkeep.repos import Kind, RepoNotFound


def counted(house, repo):
    with house.stores.db.read() as tx:
        return repos.get(tx, house.ada, repo.kind, repo.full_name).likes


def likers(house, repo, **page):
    found = house.ask(likes.likers, STRANGER, repo.kind, repo.full_name, **page)
    return [item.user.name for item in found.items], found.next


def test_a_like_counts_once_however_often_it_is_given(house):
    repo = house.make_repo()
    for _ in range(2):
        house.on(likes.like, house.eve, repo, on=True)
    house.on(likes.like, house.rob, repo, on=True)
    assert counted(house, repo) == 2
    assert likers(house, repo) == (["rob", "eve"], None)
    for _ in range(2):
        house.on(likes.like, house.eve, repo, on=False)
    assert counted(house, repo) == 1
    with pytest.raises(NotSignedIn):
        house.on(likes.like, STRANGER, repo, on=True)


def test_what_cannot_be_seen_cannot_be_liked_nor_found_among_somebodys_likes(house):
    open_repo, hidden = house.make_repo(), house.make_repo(private=True)
    with pytest.raises(RepoNotFound):
        house.on(likes.like, house.eve, hidden, on=True)
    for repo in (open_repo, hidden):
        house.on(likes.like, house.ada, repo, on=True)

    def seen_by(actor):
        return [item.info.repo.id for item in house.ask(likes.liked, actor, "ADA").items]

    assert seen_by(house.ada) == [hidden.id, open_repo.id]
    assert seen_by(house.eve) == seen_by(STRANGER) == [open_repo.id]
    with pytest.raises(OwnerNotFound):
        house.ask(likes.liked, house.eve, "nobody")
    assert house.ask(likes.liked_among, house.ada, [hidden.id, 99]) == {hidden.id}


def test_pages_of_likes_cover_everything_once(house):
    made = [house.make_repo() for _ in range(5)]
    for repo in made:
        house.on(likes.like, house.eve, repo, on=True)
    seen, after = [], None
    while True:
        page = house.ask(likes.liked, STRANGER, "eve", after=after, limit=2)
        seen += [item.info.repo.id for item in page.items]
        after = page.next
        if after is None:
            break
    assert seen == [repo.id for repo in reversed(made)]


def test_following_is_counted_on_both_sides(house):
    for who, name in (
        (house.eve, "ada"),
        (house.rob, "Ada"),
        (house.ada, "eve"),
        (house.eve, "acme"),
        (house.eve, "ada"),
    ):
        house.do(follows.follow, who, name, on=True)
    names = [owner.name for owner in house.ask(follows.followers, STRANGER, "ada").items]
    assert names == ["rob", "eve"]
    assert [owner.name for owner in house.ask(follows.following, STRANGER, "eve").items] == ["acme", "ada"]
    found = house.ask(follows.totals, house.rob, house.ada.user_id)
    assert (found.followers, found.following, found.mine) == (2, 1, True)
    house.do(follows.follow, house.rob, "ada", on=False)
    house.do(follows.follow, house.rob, "ada", on=False)
    found = house.ask(follows.totals, house.rob, house.ada.user_id)
    assert (found.followers, found.following, found.mine) == (1, 1, False)
    with pytest.raises(BadInput, match="yourself"):
        house.do(follows.follow, house.ada, "ada", on=True)
    with pytest.raises(OwnerNotFound):
        house.do(follows.follow, house.ada, "nobody", on=True)


def test_the_doors_of_likes(doors):
    repo = doors.house.make_repo()
    url = f"/api/models/{repo.full_name}"
    assert doors("POST", f"{url}/like", "eve").status_code == 200
    assert doors("POST", f"{url}/like", None).status_code == 401
    (liker,) = doors("GET", f"{url}/likers", None).json()
    assert {"user": "eve", "fullname": "eve", "type": "user"}.items() <= liker.items()
    assert liker["avatarUrl"].startswith("http://hub.test/")
    (liked,) = doors("GET", "/api/users/eve/likes", None).json()
    assert liked["repo"] == {"name": repo.full_name, "type": "model"}
    assert liked["createdAt"].endswith("Z")
    assert doors("DELETE", f"{url}/like", "eve").status_code == 200
    assert doors("GET", f"{url}/likers", None).json() == []
    missing = doors("DELETE", "/api/models/ada/nope/like", "eve")
    assert (missing.status_code, missing.headers["X-Error-Code"]) == (404, "RepoNotFound")
    assert doors("GET", f"{url}/likers?cursor=WyJ4Il0", None).status_code == 400


def test_a_list_of_likers_links_to_its_next_page(doors):
    repo = doors.house.make_repo()
    for who in ("eve", "rob", "wim"):
        doors("POST", f"/api/models/{repo.full_name}/like", who)
    first = doors("GET", f"/api/models/{repo.full_name}/likers?limit=2", None)
    link = first.headers["Link"].partition(">")[0].removeprefix("<")
    assert link.startswith("http://hub.test/")
    second = doors("GET", link.removeprefix("http://hub.test"), None)
    assert [one["user"] for one in [*first.json(), *second.json()]] == ["wim", "rob", "eve"]
    assert "Link" not in second.headers


def test_the_doors_of_people(doors):
    house = doors.house
    house.make_repo(private=True)
    repo = house.make_repo()
    house.make_repo(kind=Kind.DATASET)
    house.discuss(repo)
    doors("POST", "/api/users/ada/follow", "eve")
    doors("POST", "/api/organizations/acme/follow", "eve")
    doors("POST", f"/api/models/{repo.full_name}/like", "ada")
    shown = doors("GET", "/api/users/ADA/overview", "eve").json()
    assert {
        "user": "ada",
        "type": "user",
        "isFollowing": True,
        "numModels": 1,
        "numDatasets": 1,
        "numSpaces": 0,
        "numLikes": 1,
        "numDiscussions": 1,
        "numFollowers": 1,
        "numFollowing": 0,
    }.items() <= shown.items()
    assert [org["name"] for org in shown["orgs"]] == ["acme"]
    assert doors("GET", f"/api/users/{shown['_id']}/overview", None).json()["user"] == "ada"
    assert doors("GET", "/api/users/ada/overview", "ada").json()["numModels"] == 2
    org = doors("GET", "/api/organizations/acme/overview", None).json()
    assert {"name": "acme", "numUsers": 3, "numFollowers": 1, "isFollowing": False}.items() <= org.items()
    members = doors("GET", "/api/organizations/acme/members?limit=2", None)
    assert [one["user"] for one in members.json()] == ["ada", "rob"]
    assert "Link" in members.headers
    assert [
        one["user"] for one in doors("GET", "/api/organizations/acme/members?search=WI", None).json()
    ] == ["wim"]
    kinds = [(one["user"], one["type"]) for one in doors("GET", "/api/users/eve/following", None).json()]
    assert kinds == [("acme", "org"), ("ada", "user")]
    assert [one["user"] for one in doors("GET", "/api/users/ada/followers", None).json()] == ["eve"]
    assert [one["user"] for one in doors("GET", "/api/organizations/acme/followers", None).json()] == ["eve"]
    for path in ("users/acme", "organizations/ada", "users/nobody", "organizations/nobody"):
        assert doors("GET", f"/api/{path}/overview", None).status_code == 404
        assert doors("GET", f"/api/{path}/followers", None).status_code == 404
    assert doors("DELETE", "/api/users/ada/follow", "eve").status_code == 200
    assert doors("POST", "/api/users/ada/follow", None).status_code == 401
