"""Pages of organizations: what forms refuse, whom pages are for, and the card."""

import re

import pytest

from hubkeep import accounts
from hubkeep.accounts import Role, orgs
from hubkeep.accounts.orgs import OrgChanges
from hubkeep.repos import Kind

SETTINGS = "/organizations/tidewater/settings"
PAGES = ["profile", "members", "resource-groups", "service-accounts", "tokens"]


@pytest.fixture
def ada(site):
    return site.browser("ada")


@pytest.mark.parametrize("page", PAGES)
def test_settings_are_for_administrators(site, ada, page):
    ada.page(f"{SETTINGS}/{page}")
    site.browser("eve").page(f"{SETTINGS}/{page}", 403)
    assert site.browser().get(f"{SETTINGS}/{page}").headers["location"].startswith("/login")
    ada.page(f"/organizations/nobody/settings/{page}", 404)
    ada.page(f"/organizations/eve/settings/{page}", 404)  # a person


@pytest.mark.parametrize("page", PAGES)
def test_forms_need_a_token_of_their_page(ada, page):
    assert ada.post(f"{SETTINGS}/{page}", data={"do": "delete", "confirm": "tidewater"}).status_code == 403


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("profile", {"do": "nothing"}),
        ("profile", {"do": "delete", "confirm": "tide"}),
        ("profile", {"do": "profile", "website": "javascript:alert(1)"}),
        ("profile", {"do": "profile", "details": "x" * 501}),
        ("members", {"do": "invite", "who": "eve2", "role": "god"}),
        ("members", {"do": "invite", "who": "a b@", "role": "read"}),
        ("members", {"do": "invite", "who": "ada", "role": "read", "days": "x"}),
        ("members", {"do": "link", "role": "admin"}),
        ("members", {"do": "link", "role": "read", "uses": "-1"}),
        ("members", {"do": "role", "user": "eve", "role": ""}),
        ("members", {"do": "revoke", "id": "one"}),
        ("members", {"do": "take-back", "id": ""}),
        ("members", {"do": "nothing", "id": "1"}),
        ("resource-groups", {"name": " "}),
        ("service-accounts", {"do": "create", "name": ""}),
        ("service-accounts", {"do": "token", "account": "1", "may": "everything", "name": "x"}),
        ("service-accounts", {"do": "nothing"}),
        ("tokens", {"do": "nothing", "id": "1"}),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_shown_again_with_a_sentence(ada, page, fields):
    answer = ada.send(f"{SETTINGS}/{page}", fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("page", "fields", "status"),
    [
        ("members", {"do": "role", "user": "ada", "role": "read"}, 409),
        ("members", {"do": "remove", "user": "ada"}, 409),
        ("members", {"do": "remove", "user": "nobody"}, 404),
        ("members", {"do": "revoke", "id": "77"}, 404),
        ("members", {"do": "invite", "who": "eve", "role": "read"}, 409),
        ("service-accounts", {"do": "delete", "account": "1"}, 404),
        ("tokens", {"do": "out", "id": "77"}, 404),
    ],
    ids=str,
)
def test_what_cannot_be_is_told(ada, page, fields, status):
    answer = ada.send(f"{SETTINGS}/{page}", fields)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text


def test_a_group_is_furnished_by_form(site, ada):
    there = ada.send(f"{SETTINGS}/resource-groups", {"name": "Vision"}).headers["location"]
    site.repo("tidewater/eyes", private=True)
    steps: list[tuple[dict[str, str], int]] = [
        ({"do": "add", "user": "eve", "role": "read"}, 303),
        ({"do": "role", "user": "eve", "role": "admin"}, 303),
        ({"do": "put", "repo": "eyes"}, 303),
        ({"do": "put", "repo": "ada/none"}, 404),
        ({"do": "put", "repo": "a/b/c/d"}, 400),
        ({"do": "auto", "role": "read", "scope": "read_plus"}, 303),
        ({"do": "auto", "role": "read", "scope": "some"}, 400),
        ({"do": "rename", "name": "Sight", "description": "what is seen"}, 303),
        ({"do": "delete", "confirm": "Vision"}, 400),
    ]
    for fields, status in steps:
        assert ada.send(there, fields).status_code == status, fields
    page = ada.page(there)
    assert "tidewater/eyes" in page
    assert "Sight" in page
    eve = site.browser("eve")
    assert "tidewater/eyes" in eve.page(there)  # she administers the group, and nothing else
    assert eve.send(there, {"do": "delete", "confirm": "Sight"}).status_code == 403
    assert eve.send(there, {"do": "take", "repo": "tidewater/eyes"}).status_code == 403
    eve.page(f"{SETTINGS}/resource-groups", 403)
    assert ada.send(there, {"do": "delete", "confirm": "Sight"}).status_code == 303
    ada.page(there, 404)


def test_a_value_of_a_token_is_shown_once(site, ada):
    page = f"{SETTINGS}/service-accounts"
    ada.send(page, {"do": "create", "name": "Nightly build"})
    number = re.search(r'name="account" value="(\d+)"', ada.page(page))
    assert number
    made = ada.send(page, {"do": "token", "account": number[1], "name": "trainer", "may": "read"})
    value = re.search(r"hf_\w{37}", made.text)
    assert value
    assert value[0] not in ada.page(page)
    assert "tidewater-nightly-build-sa" in ada.page(page)


def test_the_card_of_an_organization_is_that_of_its_space_called_readme(site):
    site.repo("tidewater/README", Kind.SPACE, {"README.md": b"# We <script>alert(1)</script> keep *tides*\n"})
    page = site.browser().page("/tidewater")
    assert "<em>tides</em>" in page
    assert "alert(1)</script>" not in page


def test_a_private_card_is_for_members(site):
    card = {"README.md": b"# Only us\n"}
    site.repo("tidewater/README", Kind.SPACE, card, private=True)
    assert "Only us" not in site.browser().page("/tidewater")
    assert "Only us" in site.browser("eve").page("/tidewater")


def test_a_hidden_list_of_members_is_hidden_on_every_page(site):
    with site.stores.db.write() as tx:
        orgs.update_org(tx, site.ada, "tidewater", OrgChanges(members_hidden=True))
    stranger = site.browser()
    for path in ("/tidewater", "/tidewater/members"):
        assert 'href="/eve"' not in stranger.page(path)
    assert "Tidewater" not in stranger.page("/eve")
    assert 'href="/eve"' in site.browser("eve").page("/tidewater/members")


def test_an_invitation_is_seen_on_the_page_of_the_organization_by_the_invited_alone(site):
    with site.stores.db.write() as tx:
        orgs.create_org(tx, site.ada, "keep")
        ada = accounts.actor_of(tx, accounts.user_named(tx, "ada").id, can_write=True)
        orgs.invite(tx, ada, "keep", "eve", Role.READ)
    assert "invites you to join keep" in " ".join(site.browser("eve").page("/keep").split())
    assert "invites you" not in site.browser().page("/keep")
