import pytest
from tests.unit.web.conftest import PASSWORD, build, form_token

from hubkeep import accounts, repos
from hubkeep.repos import Kind


def test_signing_in_opens_a_session_and_goes_back(site):
    browser = site.browser()
    assert 'name="next" value="/settings/tokens"' in browser.page("/login?next=/settings/tokens")
    answer = browser.send(
        "/login", {"login": "ADA@example.org", "password": PASSWORD, "next": "/settings/tokens"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/tokens")
    cookie = answer.headers["set-cookie"]
    for part in ("hubkeep_session=", "HttpOnly", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert "Access tokens" in browser.page("/settings/tokens")
    assert browser.get("/login?next=/new").headers["location"] == "/new"


@pytest.mark.parametrize("url", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(site, url):
    browser = site.browser()
    answer = browser.send("/login", {"login": "ada", "password": PASSWORD, "next": url})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "fields", [{"login": "ada", "password": "wrong"}, {"login": "nobody", "password": "wrong"}, {}]
)
def test_a_wrong_password_and_an_unknown_name_look_the_same(site, fields):
    answer = site.browser().send("/login", fields)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "hubkeep_session" not in answer.headers.get("set-cookie", "")
    assert "wrong" not in answer.text


def test_signing_out_ends_the_session_everywhere(site):
    browser = site.browser("ada")
    secret = browser.cookies["hubkeep_session"]
    answer = browser.send("/logout", {}, at="/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    other = site.browser()
    other.cookies.set("hubkeep_session", secret)
    assert "Sign in" in other.page("/")
    assert other.get("/settings/tokens").headers["location"].startswith("/login")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_sent_from_another_site_changes_nothing(site, headers):
    browser = site.browser("ada")
    answer = browser.send(
        "/new", {"kind": "model", "owner": "ada", "name": "x", "visibility": "public"}, headers=headers
    )
    assert answer.status_code == 403
    assert browser.get("/ada/x").status_code == 404


def test_a_form_without_its_token_or_with_that_of_another_session_changes_nothing(site):
    ada, eve = site.browser("ada"), site.browser("eve")
    fields = {"kind": "model", "owner": "ada", "name": "x", "visibility": "public"}
    for token in ("", "nonsense", form_token(eve.page("/new")), form_token(site.browser().page("/login"))):
        assert ada.post("/new", data=fields | {"form_token": token}).status_code == 403
    assert ada.get("/ada/x").status_code == 404
    assert ada.post("/logout", data={"x": "y"}).status_code == 403
    assert "Sign in" not in ada.page("/")


def test_a_stranger_cannot_sign_a_victim_in_with_a_form_of_their_own(site):
    token = form_token(site.browser().page("/login"))
    victim = site.browser()
    answer = victim.post("/login", data={"form_token": token, "login": "eve", "password": PASSWORD})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 400),
        (b"\xff=1", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(501)), "application/x-www-form-urlencoded", 400),
    ],
)
def test_a_form_that_is_too_large_or_no_form_is_refused(site, body, kind, status):
    assert (
        site.browser("ada").post("/new", content=body, headers={"Content-Type": kind}).status_code == status
    )


def test_a_repository_is_made_and_a_refusal_keeps_what_was_filled_in(site):
    browser = site.browser("ada")
    assert "tidewater" in browser.page("/new?owner=tidewater&kind=dataset")
    made = browser.send(
        "/new", {"kind": "dataset", "owner": "tidewater", "name": "tides", "visibility": "private"}
    )
    assert (made.status_code, made.headers["location"]) == (303, "/datasets/tidewater/tides")
    assert "private" in browser.page("/datasets/tidewater/tides")
    again = browser.send(
        "/new", {"kind": "dataset", "owner": "tidewater", "name": "tides", "visibility": "private"}
    )
    assert again.status_code == 409
    assert 'value="tides"' in again.text
    assert "already exists" in again.text
    bad = browser.send("/new", {"kind": "model", "owner": "ada", "name": "-bad-", "visibility": "public"})
    assert bad.status_code == 400
    assert browser.send("/new", {"kind": "model", "owner": "eve", "name": "x"}).status_code == 403
    assert browser.send("/new", {"kind": "bucket", "owner": "ada", "name": "x"}).status_code == 400
    space = browser.send(
        "/new", {"kind": "space", "owner": "ada", "name": "s", "sdk": "static", "visibility": "public"}
    )
    assert space.headers["location"] == "/spaces/ada/s"


def test_strangers_are_led_to_the_form_to_sign_in_and_back(site):
    site.repo("ada/bert")
    browser = site.browser()
    for path in ("/new?kind=dataset", "/settings/tokens", "/ada/bert/settings"):
        answer = browser.get(path)
        assert answer.status_code == 302
        assert answer.headers["location"] == f"/login?next={path.replace('?', '%3F').replace('=', '%3D')}"
    back = browser.page(browser.get("/new?kind=dataset").headers["location"])
    assert 'name="next" value="/new?kind=dataset"' in back


def test_a_token_is_shown_once_and_works_until_it_is_revoked(site):
    browser = site.browser("ada")
    html = browser.send("/settings/tokens", {"name": "laptop", "role": "write"}).text
    value = html.partition("HF_TOKEN=")[2].partition("<")[0].strip()
    assert value.startswith("hf_")
    assert value not in browser.page("/settings/tokens")
    with site.stores.db.read() as tx:
        actor = accounts.authenticate(tx, accounts.Credentials("token", value))
    assert (actor.name, actor.can_write) == ("ada", True)
    number = browser.page("/settings/tokens").partition('name="id" value="')[2].partition('"')[0]
    assert site.browser("eve").send("/settings/tokens", {"do": "revoke", "id": number}).status_code == 404
    assert browser.send("/settings/tokens", {"do": "revoke", "id": number}).status_code == 303
    with site.stores.db.read() as tx, pytest.raises(accounts.BadCredentials):
        accounts.authenticate(tx, accounts.Credentials("token", value))


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "role": "read"},
        {"name": "x" * 200, "role": "read"},
        {"name": "x", "role": "king"},
        {"do": "revoke", "id": "x"},
    ],
)
def test_a_token_against_the_rules_is_refused_with_a_reason(site, fields):
    answer = site.browser("ada").send("/settings/tokens", fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_settings_change_visibility_name_and_end_of_a_repository(site):
    site.repo("ada/bert")
    browser, stranger = site.browser("ada"), site.browser()
    assert (
        browser.send("/ada/bert/settings", {"do": "visibility", "visibility": "private"}).status_code == 303
    )
    assert stranger.get("/ada/bert").status_code == 401
    moved = browser.send("/ada/bert/settings", {"do": "move", "owner": "tidewater", "name": "roberta"})
    assert moved.headers["location"] == "/tidewater/roberta/settings?done=move"
    assert "It is called tidewater/roberta now" in browser.page(moved.headers["location"])
    wrong = browser.send("/tidewater/roberta/settings", {"do": "delete", "confirm": "roberta"})
    assert wrong.status_code == 400
    assert browser.get("/tidewater/roberta").status_code == 200
    gone = browser.send("/tidewater/roberta/settings", {"do": "delete", "confirm": "tidewater/roberta"})
    assert gone.headers["location"] == "/tidewater"
    assert browser.get("/tidewater/roberta").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "visibility", "visibility": "secret"},
        {"do": "move", "owner": "ada", "name": "--"},
        {"do": "explode"},
    ],
)
def test_settings_against_the_rules_change_nothing(site, fields):
    site.repo("ada/bert")
    browser = site.browser("ada")
    assert browser.send("/ada/bert/settings", fields).status_code == 400
    assert site.browser().get("/ada/bert").status_code == 200


def test_settings_are_closed_to_those_who_may_not_change_them(site):
    site.repo("tidewater/bert")
    site.repo("ada/shut", private=True)
    eve = site.browser("eve")
    assert eve.get("/tidewater/bert/settings").status_code == 403
    assert "/tidewater/bert/settings" not in eve.page("/tidewater/bert")
    assert eve.get("/ada/shut/settings").status_code == 404
    assert site.browser().get("/tidewater/bert/settings").headers["location"].startswith("/login")
    token = form_token(eve.page("/new"))
    answer = eve.post(
        "/tidewater/bert/settings", data={"form_token": token, "do": "delete", "confirm": "tidewater/bert"}
    )
    assert answer.status_code == 403
    with site.stores.db.read() as tx:
        assert repos.get(tx, site.eve, Kind.MODEL, "tidewater/bert").name == "bert"


def test_joining_is_closed_unless_the_hub_takes_everybody(site):
    assert site.browser().get("/join").status_code == 403
    assert "/join" not in site.browser().page("/login")


def test_joining_adds_a_user_and_signs_them_in(tmp_path):
    site = build(tmp_path, join=True)
    browser = site.browser()
    fields = {
        "name": "Grace",
        "email": "grace@example.org",
        "password": "a long enough one",
        "again": "a long enough one",
    }
    assert browser.send("/join", fields | {"again": "another"}).status_code == 400
    assert browser.send("/join", fields | {"name": "ada"}).status_code == 409
    assert browser.send("/join", fields | {"name": "settings"}).status_code == 400
    assert browser.send("/join", fields).headers["location"] == "/"
    assert "Grace" in browser.page("/")
    site.stores.db.close()


def test_cookies_travel_by_https_only_where_the_hub_does(tmp_path):
    site = build(tmp_path, public_url="https://hub.example")
    answer = site.browser().send("/login", {"login": "ada", "password": PASSWORD})
    assert "Secure" in answer.headers["set-cookie"]
    site.stores.db.close()
