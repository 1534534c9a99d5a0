"""Likes, follows, feeds and the pages of people."""

import pytest

from hubkeep.community import follows, likes
from hubkeep.repos import Kind

TABS = ("collections", "activity", "likes", "followers", "following")


def test_a_heart_is_given_and_taken_back_without_a_script(site):
    site.repo("ada/bert")
    eve = site.browser("eve")
    assert 'aria-pressed="false"' in eve.page("/ada/bert")
    answer = eve.send("/ada/bert/like", {"on": "1", "next": "/ada/bert/likers"}, at="/ada/bert")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ada/bert/likers")
    assert 'href="/eve"' in eve.page("/ada/bert/likers")
    assert 'href="/ada/bert"' in site.browser().page("/eve/likes")
    eve.send("/ada/bert/like", {"on": "0"}, at="/ada/bert")
    assert "Nobody yet" in eve.page("/ada/bert/likers")


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_heart_leads_nowhere_else(site, away):
    site.repo("ada/bert")
    answer = site.browser("eve").send("/ada/bert/like", {"on": "1", "next": away}, at="/ada/bert")
    assert answer.headers["location"] == "/ada/bert"


def test_a_stranger_is_led_to_the_door_and_a_foreign_form_does_nothing(site):
    site.repo("ada/bert")
    assert "/login?next=/ada/bert" in site.browser().page("/ada/bert")
    eve = site.browser("eve")
    assert eve.post("/ada/bert/like", data={"on": "1"}).status_code == 403
    assert eve.get("/ada/bert/like").status_code == 405
    assert "Nobody yet" in eve.page("/ada/bert/likers")


def test_a_repository_is_watched_muted_and_neither(site):
    site.repo("ada/bert")
    eve = site.browser("eve")
    for choice, said in (("watch", "What you watch"), ("mute", "What you muted")):
        assert eve.send("/ada/bert/watch", {"watch": choice}, at="/ada/bert").status_code == 303
        part = eve.page("/settings/notifications").split(f"<h2>{said}</h2>")[1].split("<section")[0]
        assert 'href="/ada/bert"' in part
    eve.send("/ada/bert/watch", {"watch": "usual"}, at="/ada/bert")
    assert 'href="/ada/bert"' not in eve.page("/settings/notifications")
    assert eve.send("/ada/bert/watch", {"watch": "stare"}, at="/ada/bert").status_code == 400


def test_people_and_organizations_are_followed(site):
    eve = site.browser("eve")
    for name in ("ada", "tidewater"):
        assert eve.send(f"/{name}", {"do": "follow"}).status_code == 303
        assert ">Unfollow<" in eve.page(f"/{name}")
        assert 'href="/eve"' in eve.page(f"/{name}/followers")
    html = eve.page("/eve/following")
    assert 'href="/ada"' in html
    assert 'href="/tidewater"' in html
    eve.send("/ada", {"do": "unfollow"})
    assert "Nobody yet" in eve.page("/ada/followers")
    assert ">Follow<" not in eve.page("/eve")
    answer = eve.send("/ada", {"do": "worship"})
    assert answer.status_code == 400
    assert eve.send("/eve", {"do": "follow"}, at="/ada").status_code == 400


def test_what_those_one_follows_do_is_on_the_front_page(site):
    with site.stores.db.write() as tx:
        follows.follow(tx, site.eve, "ada", on=True)
    site.repo("ada/bert")
    site.repo("ada/secret", private=True)
    html = site.browser("eve").page("/")
    assert "created <a" in html
    assert "ada/secret" not in html
    assert "Follow people" in site.browser("ada").page("/")
    assert "ada/bert" in site.browser("eve").page("/activity")
    assert "ada/bert" in site.browser("ada").page("/activity?of=everybody")
    assert "ada/bert" in site.browser().page("/activity")


@pytest.mark.parametrize("tab", TABS)
def test_a_model_of_that_name_comes_before_a_tab(site, tab):
    assert "Here since" in site.browser().page(f"/ada/{tab}")
    site.repo(f"ada/{tab}", files={"README.md": b"# A model\n"})
    html = site.browser().page(f"/ada/{tab}")
    assert "A model" in html
    assert "Here since" not in html


@pytest.mark.parametrize(
    "path", ["/tidewater/likes", "/tidewater/following", "/ada/members", "/nobody/likes"]
)
def test_a_tab_that_is_not_there_is_not_found(site, path):
    assert site.browser("ada").get(path).status_code == 404


def test_members_have_a_page(site):
    html = site.browser().page("/tidewater/members")
    assert "2 members" in html
    assert "Ada Lovelace" in html


def test_capitals_in_a_name_lead_to_the_one_address(site):
    answer = site.browser().get("/ADA/likes")
    assert (answer.status_code, answer.headers["location"]) == (307, "/ada/likes")


def test_likes_are_paged_and_private_ones_are_ones_own(site):
    for number in range(33):
        name = f"ada/m{number:02}"
        site.repo(name, private=number == 0)
        with site.stores.db.write() as tx:
            likes.like(tx, site.ada, Kind.MODEL, name, on=True)
    first = site.browser().page("/ada/likes")
    assert first.count('class="repo-line ') == 30
    path = first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert site.browser().page(path).count('class="repo-line ') == 2
    assert site.browser("ada").page(path).count('class="repo-line ') == 3
    assert site.browser().get("/ada/likes?after=x").status_code == 400


@pytest.mark.parametrize("name", ["likers", "settings", "discussions", "collect"])
def test_a_dataset_may_be_called_like_a_page(site, name):
    site.repo(f"ada/{name}", Kind.DATASET)
    assert f"datasets/ada/{name}" in site.browser().page(f"/datasets/ada/{name}")
