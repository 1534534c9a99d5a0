"""The pages of an account: tokens, profile, sign-in, and the way back in."""

import re

import pyotp
import pytest
from tests.unit.web.conftest import PASSWORD, build

from hubkeep import accounts
from hubkeep.accounts import Credentials, Entity, EntityType, Role, Scopes
from hubkeep.kit import now

P = accounts.Permission
TOKENS, ACCOUNT = "/settings/tokens", "/settings/account"
SIGN_IN, APP = "/settings/authentication", "/settings/authentication/app"


def actor(site, value):
    with site.stores.db.read() as tx:
        return accounts.authenticate(tx, Credentials("token", value))


def value_in(html):
    found = re.search(r"<code>(hf_[A-Za-z0-9]+)</code>", html)
    assert found, html
    return found[1]


@pytest.mark.parametrize("path", ["/settings/profile", ACCOUNT, SIGN_IN, APP, TOKENS, f"{TOKENS}/1"])
def test_strangers_are_led_to_the_form_to_sign_in(site, path):
    answer = site.browser().get(path)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/login?next={path}"


def test_a_fine_grained_token_is_made_changed_and_given_another_value(site):
    site.repo("tidewater/secret", private=True)
    browser = site.browser("ada")
    org = site.stores
    with org.db.read() as tx:
        number = accounts.owner_named(tx, "tidewater").id
    box = f"on:org:{number}:repo.content.read"
    asked = {"name": "ci", "role": "fineGrained", box: "on", "expires": "2099-12-31"}
    made = browser.send(TOKENS, asked)
    token = actor(site, value_in(made.text)).token
    assert token is not None
    assert token.scopes is not None
    assert [*token.scopes.on.values()] == [{accounts.Permission.REPO_READ}]
    assert "ends 2099-12-31" in made.text
    page = browser.page(f"{TOKENS}/{token.id}")
    assert f'name="{box}" value="on" checked' in page
    changed = {"do": "save", "role": "fineGrained", "repos": "tidewater/secret", "each:repo.write": "on"}
    assert browser.send(f"{TOKENS}/{token.id}", changed).status_code == 303
    assert "tidewater/secret" in browser.page(f"{TOKENS}/{token.id}")
    rotated = browser.send(f"{TOKENS}/{token.id}", {"do": "rotate"})
    fresh = actor(site, value_in(rotated.text)).token
    assert fresh is not None
    assert (fresh.id, fresh.expires_at) == (token.id, None)
    with pytest.raises(accounts.BadCredentials):
        actor(site, value_in(made.text))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"role": "god"}, "role"),
        ({"role": "fineGrained", "on:org:99:repo.write": "on"}, "on:org:99"),
        ({"role": "fineGrained", "on:user:x": "on"}, "is no permission"),
        ({"role": "fineGrained", "each:repo.fly": "on"}, "is no permission"),
        ({"role": "fineGrained", "each:repo.write": "on", "repos": "ada/none"}, "repos"),
        ({"role": "fineGrained", "repos": "ada/bert"}, "repos"),
        ({"role": "read", "expires": "yesterday"}, "expires"),
        ({"role": "read", "expires": "2001-01-01"}, "expires_at"),
    ],
)
def test_a_form_that_makes_no_sense_makes_no_token_and_keeps_what_was_typed(site, fields, named):
    site.repo("ada/bert")
    browser = site.browser("ada")
    answer = browser.send(TOKENS, {"name": "my token"} | fields)
    assert answer.status_code == 400
    assert named in answer.text
    assert 'value="my token"' in answer.text
    assert "You have none yet" in answer.text


def test_a_private_repository_of_somebody_else_cannot_be_named(site):
    site.repo("ada/secret", private=True)
    answer = site.browser("eve").send(
        TOKENS, {"name": "x", "role": "fineGrained", "repos": "ada/secret", "each:repo.content.read": "on"}
    )
    assert answer.status_code == 400


def test_nobody_sees_or_changes_the_token_of_somebody_else(site):
    with site.stores.db.write() as tx:
        token = accounts.add_token(tx, site.ada.user_id, "hers", accounts.TokenRole.READ)[0]
    browser = site.browser("eve")
    browser.page(f"{TOKENS}/{token.id}", 404)
    assert browser.send(f"{TOKENS}/{token.id}", {"do": "rotate"}, at=TOKENS).status_code == 404
    assert browser.send(TOKENS, {"do": "revoke", "id": str(token.id)}).status_code == 404


def test_what_clients_print_leads_to_the_form(site):
    answer = site.browser("ada").get(f"{TOKENS}/new?tokenType=write")
    assert answer.headers["location"] == f"{TOKENS}?tokenType=write#hk-new"
    answer = site.browser("ada").get(f"{TOKENS}/new?tokenType=//evil.example")
    assert answer.headers["location"] == f"{TOKENS}#hk-new"


def test_a_profile_is_said_and_escaped(site):
    browser = site.browser("ada")
    said = {"fullname": "Ada <b>", "details": "<script>alert(1)</script>", "website": "https://example.org"}
    assert browser.send("/settings/profile", said).status_code == 303
    page = browser.page("/settings/profile")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert browser.send("/settings/profile", {"website": "javascript:1"}).status_code == 400


def start_app(browser):
    html = browser.page(APP)
    secret = re.search(r'id="hk-secret">([A-Z2-7 ]+)<', html)
    setup = re.search(r'name="setup" value="([^"]+)"', html)
    assert secret
    assert setup
    assert "<svg" in html
    app = pyotp.TOTP(secret[1].replace(" ", ""))
    fields = {"setup": setup[1], "code": app.at(now()), "password": PASSWORD}
    answer = browser.send(APP, fields)
    codes = list(dict.fromkeys(re.findall(r"\b(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\b", answer.text)))
    assert len(codes) == 10, answer.text
    return codes


def test_signing_in_with_a_second_factor_takes_two_steps(site):
    codes = start_app(site.browser("ada"))
    browser = site.browser()
    first = browser.send("/login", {"login": "ada", "password": PASSWORD, "next": "/ada"})
    half = re.search(r'name="half" value="([^"]+)"', first.text)
    assert first.status_code == 200
    assert half
    assert "hubkeep_session" not in browser.cookies
    fields = {"half": half[1], "next": "/ada", "form_token": form_token_of(first.text)}
    wrong = browser.post("/login/code", data=fields | {"code": "nonsense"})
    assert wrong.status_code == 401
    assert half[1] in wrong.text
    right = browser.post("/login/code", data=fields | {"code": codes[0]})
    assert (right.status_code, right.headers["location"]) == (303, "/ada")
    assert "hubkeep_session" in browser.cookies


def form_token_of(html):
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found
    return found[1]


def test_the_second_step_leads_nowhere_else_and_begins_with_the_first(site):
    assert site.browser().get("/login/code").headers["location"] == "/login"


def test_turning_the_second_factor_off_needs_the_password(site):
    browser = site.browser("ada")
    start_app(browser)
    assert browser.send(SIGN_IN, {"do": "stop", "password": "wrong"}).status_code == 401
    assert browser.send(SIGN_IN, {"do": "stop", "password": PASSWORD}).status_code == 303
    assert "Set up an app" in browser.page(SIGN_IN)


def test_a_new_password_ends_other_sessions(site):
    here, there = site.browser("ada"), site.browser("ada")
    fields = {"do": "password", "old": PASSWORD, "password": "another horse", "again": "another horse"}
    assert here.send(SIGN_IN, fields | {"again": "x"}).status_code == 400
    assert here.send(SIGN_IN, fields).status_code == 303
    here.page(SIGN_IN)
    assert there.get(SIGN_IN).status_code == 302


def test_a_session_is_ended_from_the_list(site):
    here, there = site.browser("ada"), site.browser("ada")
    numbers = re.findall(r'name="id" value="(\d+)"', here.page(SIGN_IN))
    assert here.send(SIGN_IN, {"do": "end", "id": numbers[0]}).status_code == 303
    assert there.get(SIGN_IN).status_code == 302
    assert here.send(SIGN_IN, {"do": "end-others"}).status_code == 303
    assert "Sign out everywhere else" not in here.page(SIGN_IN)


def test_signing_in_always_opens_a_new_session(site):
    browser = site.browser()
    browser.cookies.set("hubkeep_session", "chosen-by-a-stranger")
    answer = browser.send("/login", {"login": "ada", "password": PASSWORD, "next": "/"})
    assert answer.status_code == 303
    assert "chosen-by-a-stranger" not in answer.headers["set-cookie"]


def test_asking_for_a_new_password_tells_nobody_who_is_here(tmp_path):
    site = build(tmp_path, mail={"host": "mail.invalid"})
    answers = []
    for login in ("ada", "ada@example.org", "nobody"):
        browser = site.browser()
        answers.append(browser.send("/login/reset", {"login": login}))
        assert "If somebody here" in browser.page(answers[-1].headers["location"])
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {
        (303, "/login/reset?done=sent")
    }


def test_a_hub_without_mail_says_whom_to_ask(site):
    assert "reset-password" in site.browser().page("/login/reset")


def test_a_link_lets_choose_a_new_password_once(site):
    with site.stores.db.read() as tx:
        path = accounts.reset_link(tx, site.stores.signer, "", site.ada.user_id)
    browser = site.browser()
    key = re.search(r'name="key" value="([^"]+)"', browser.page(path))
    assert key
    fields = {"key": key[1], "password": "another horse", "again": "another horse"}
    assert browser.send("/login/reset", fields, at=path).headers["location"] == "/login?done=reset"
    assert "expired or was used" in site.browser().page(path, 400)
    site.browser().sign_in("ada", "another horse")


def test_leaving_needs_password_and_name_and_no_repositories(site):
    with site.stores.db.write() as tx:
        org = accounts.owner_named(tx, "tidewater")
        accounts.set_member(tx, org.id, site.eve.user_id, Role.ADMIN)
    browser = site.browser("ada")
    fields = {"do": "delete", "password": PASSWORD, "confirm": "ada"}
    assert browser.send(ACCOUNT, fields | {"password": "wrong"}).status_code == 401
    assert browser.send(ACCOUNT, fields | {"confirm": "eve"}).status_code == 400
    assert browser.send(ACCOUNT, fields).headers["location"] == "/login?done=deleted"
    site.browser().page("/ada", 404)


def test_an_address_is_changed_with_the_password_only(site):
    browser = site.browser("ada")
    fields = {"do": "email", "email": "new@example.org", "password": PASSWORD}
    assert browser.send(ACCOUNT, fields | {"password": "x"}).status_code == 401
    assert browser.send(ACCOUNT, fields | {"email": "no address"}).status_code == 400
    assert browser.send(ACCOUNT, fields).status_code == 303
    assert "new@example.org" in browser.page(ACCOUNT)


def test_saving_a_token_keeps_what_the_form_cannot_show(site):
    one, two, three = (site.repo(f"ada/{name}", private=True).entity for name in ("one", "two", "three"))
    read, write = frozenset({P.REPO_READ}), frozenset({P.REPO_READ, P.REPO_WRITE})
    home = Entity(EntityType.USER, site.ada.user_id)
    group = Entity(EntityType.RESOURCE_GROUP, 77)
    on = {one: read, two: read, three: write, group: write, home: frozenset({P.JOB_WRITE, P.REPO_READ})}
    wanted = Scopes(on, frozenset({P.POST_WRITE}), gated=True)
    with site.stores.db.write() as tx:
        new = accounts.NewToken("ci", accounts.TokenRole.FINE_GRAINED, wanted)
        token, value = accounts.issue(tx, site.ada.user_id, new)
    browser, here = site.browser("ada"), f"{TOKENS}/{token.id}"
    page = browser.page(here)
    assert re.search(r"<textarea[^>]*>ada/one\nada/two</textarea>", page), "three has a set of its own"
    assert "ada/three: repo.content.read, repo.write" in page
    boxes = re.findall(r'<input type="(?:checkbox|radio)" name="([^"]+)" value="([^"]+)" checked>', page)
    fields = dict(boxes) | {"do": "save", "repos": "ada/one\nada/two"}
    assert browser.send(here, fields).status_code == 303
    assert actor(site, value).scopes == wanted
    assert browser.send(here, fields | {"drop": "on"}).status_code == 303
    left = actor(site, value).scopes
    assert left is not None
    assert left.on == {one: read, two: read, home: read}
    assert (left.everywhere, left.gated) == (frozenset(), True)


def test_jobs_that_a_person_trusts_are_listed_and_deleted_by_them_alone(site):
    ada, eve = site.browser("ada"), site.browser("eve")
    here = "/settings/publishers"
    given = {"issuer": site.stores.settings.publishers.issuers[0], "repository": "<b>team</b>/eval"}
    assert ada.send(here, given).status_code == 303
    html = ada.page(here)
    assert "&lt;b&gt;team&lt;/b&gt;/eval" in html
    found = re.search(r'name="id" value="(\d+)"', html)
    assert found is not None
    assert "team" not in re.sub(r"placeholder=.*?>", "", eve.page(here))
    assert eve.send(here, {"do": "delete", "id": found[1]}).status_code == 404
    assert ada.send(here, {"issuer": "https://evil.example", "repository": "a/b"}).status_code == 400
    assert ada.send(here, {"do": "delete", "id": found[1]}).status_code == 303
    assert "None yet" in ada.page(here)
