"""Letting programs in, in a browser: the consent, the code of a device, the list of what was let in."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from tests.unit.web.conftest import form_token

from hubkeep import accounts
from hubkeep.accounts import oauth
from hubkeep.accounts.oauth import CLI_APP, Issued, Scope

BACK = "https://app.example/back?keep=1"
BODY = 'name="form_token" value="'


@pytest.fixture
def app(site):
    with site.stores.db.write() as tx:
        eve = accounts.actor_of(tx, accounts.user_named(tx, "eve").id, can_write=True)
        name = "<script>alert(1)</script>"
        return oauth.register_app(tx, eve, name, [BACK], frozenset(Scope), confidential=False)[0]


def address(app, **over):
    asked = {
        "client_id": app.client_id,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid write-repos",
        "state": "st",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    } | over
    return "/oauth/authorize?" + urlencode(asked)


def test_a_stranger_signs_in_first_and_comes_back(site, app):
    answer = site.browser().get(address(app))
    assert answer.status_code == 302
    (back,) = parse_qs(urlsplit(answer.headers["location"]).query)["next"]
    assert back == address(app)


def test_who_agrees_is_sent_back_with_a_code_and_not_asked_again(site, app):
    browser = site.browser("ada")
    page = browser.get(address(app))
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert(1)" not in page.text
    assert "read and change the files of your repositories" in page.text
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' https://app.example;" in policy
    answer = browser.post(address(app), data={"form_token": form_token(page.text), "do": "allow"})
    to = urlsplit(answer.headers["location"])
    found = parse_qs(to.query)
    assert (answer.status_code, to.netloc, found["keep"], found["state"]) == (
        303,
        "app.example",
        ["1"],
        ["st"],
    )
    again = browser.get(address(app))
    assert (again.status_code, "code=" in again.headers["location"]) == (302, True)
    assert browser.get(address(app, scope="openid manage-repos")).status_code == 200, "more is asked"


def test_who_refuses_is_sent_back_without_one(site, app):
    browser = site.browser("ada")
    page = browser.page(address(app))
    answer = browser.post(address(app), data={"form_token": form_token(page), "do": "refuse"})
    assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == ["access_denied"]
    assert browser.get(address(app)).status_code == 200


def test_another_site_cannot_agree_in_one_s_name(site, app):
    browser = site.browser("ada")
    token = form_token(browser.page(address(app)))
    answer = browser.post(
        address(app),
        data={"form_token": token, "do": "allow"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert browser.post(address(app), data={"do": "allow"}).status_code == 403


@pytest.mark.parametrize(
    ("over", "status"),
    [({"client_id": "none"}, 401), ({"redirect_uri": "https://evil.example/"}, 400)],
)
def test_a_request_with_a_strange_address_goes_nowhere(site, app, over, status):
    answer = site.browser("ada").get(address(app, **over))
    assert (answer.status_code, "location" in answer.headers) == (status, False)


def test_a_silent_request_is_answered_without_a_page(site, app):
    stranger = site.browser().get(address(app, prompt="none"))
    assert parse_qs(urlsplit(stranger.headers["location"]).query)["error"] == ["login_required"]
    known = site.browser("ada").get(address(app, prompt="none"))
    assert parse_qs(urlsplit(known.headers["location"]).query)["error"] == ["consent_required"]


@pytest.mark.parametrize("over", [{"response_type": "none"}, {"prompt": "none"}])
def test_an_app_that_nobody_answers_for_leads_nobody_away(site, over):
    with site.stores.db.write() as tx:
        about = ("app", [BACK], frozenset(Scope))
        made, _ = oauth.register_app(tx, accounts.STRANGER, *about, confidential=False, by_itself=True)
    for browser in (site.browser(), site.browser("ada")):
        answer = browser.get(address(made, **over))
        assert not answer.headers.get("location", "/").startswith(BACK[:19])
    page = browser.page(address(made))
    browser.post(address(made), data={"form_token": form_token(page), "do": "allow"})
    assert browser.get(address(made, **over)).headers["location"].startswith(BACK[:19]), "who agreed knows it"


def test_codes_of_devices_cannot_be_guessed_even_by_who_knows_one(site):
    with site.stores.db.write() as tx:
        mine, other = (oauth.begin_device(tx, CLI_APP.client_id, "") for _ in range(2))
    eve = site.browser("eve")
    for guess in range(10):
        assert "Nobody waits for this code" in eve.page("/oauth/device?code=BBBB-BBBB")
        if guess < 9:
            assert mine.user_code in eve.page(f"/oauth/device?code={mine.user_code}")
    assert "Too many attempts" in eve.page(f"/oauth/device?code={other.user_code}")
    assert other.user_code in site.browser("ada").page(f"/oauth/device?code={other.user_code}")


def test_a_device_is_let_in_by_its_code(site):
    with site.stores.db.write() as tx:
        made = oauth.begin_device(tx, CLI_APP.client_id, "")
    browser = site.browser("ada")
    assert "Nobody waits for this code" in browser.page("/oauth/device?code=AAAA-AAAA")
    page = browser.page(f"/oauth/device?code={made.user_code}")
    assert made.user_code in page
    fields = {"form_token": form_token(page), "code": made.user_code, "do": "allow"}
    answer = browser.post("/oauth/device/decide", data=fields)
    assert answer.headers["location"] == "/oauth/device?did=allowed"
    with site.stores.db.write() as tx:
        given = oauth.poll_device(tx, CLI_APP, made.device_code)
    assert isinstance(given, Issued)
    assert given.access_token.startswith("hf_")
    listed = browser.page("/settings/applications")
    assert "the hf command line" in listed
    gone = browser.send("/settings/applications", {"do": "disconnect", "client_id": CLI_APP.client_id})
    assert gone.status_code == 303
    assert "the hf command line" not in browser.page("/settings/applications")


def test_an_app_is_registered_its_secret_shown_once_and_deleted(site):
    browser = site.browser("ada")
    fields = {"do": "register", "name": "Lab notebook", "redirect_uris": "https://lab.example/back"}
    page = browser.send("/settings/applications", fields | {"type": "confidential", "scope-openid": "1"})
    assert page.status_code == 200
    assert "is ready" in page.text
    listed = browser.page("/settings/applications")
    (client_id,) = set(re.findall(r"<code>([0-9a-f]{32})</code>", listed))
    assert "is ready" not in listed
    bad = browser.send("/settings/applications", fields | {"redirect_uris": "http://evil.example"})
    assert (bad.status_code, 'role="alert"' in bad.text) == (400, True)
    browser.send("/settings/applications", {"do": "delete", "client_id": client_id})
    assert client_id not in browser.page("/settings/applications")
