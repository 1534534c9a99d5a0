"""The OAuth and OpenID Connect provider: codes, devices, refreshes, and everything that must be refused."""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.unit.wire.client import URL

from hubkeep import accounts
from hubkeep.accounts import oauth
from hubkeep.accounts.oauth import CLI_APP, Returned, Scope
from hubkeep.accounts.oauth.errors import InvalidClient, InvalidRedirect
from hubkeep.accounts.oauth.tables import oauth_codes, oauth_devices, oauth_refreshes
from hubkeep.accounts.tables import users
from hubkeep.kit import now

VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "https://app.example/back"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def write(house, verb, name="ada", *args, **options):
    with house.stores.db.write() as tx:
        return verb(tx, house.actor(name), *args, **options)


@pytest.fixture
def app(house):
    """A public app of eve's that may ask for everything."""
    return write(house, oauth.register_app, "eve", "Notebook", [BACK], frozenset(Scope), confidential=False)[
        0
    ]


def request_of(app, **over):
    asked = {
        "client_id": app.client_id,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid profile email",
        "state": "s t&te",
        "nonce": "n0",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | over
    return {name: value for name, value in asked.items() if value}


def code_for(house, app, name="ada", orgs=frozenset(), **over):
    """Let `name` agree; return what the app finds in its address."""
    with house.stores.db.write() as tx:
        wanted = oauth.read_request(tx, request_of(app, **over))
        to = oauth.give_code(tx, house.actor(name), wanted, orgs)
    return {key: values[0] for key, values in parse_qs(urlsplit(to).query).items()}


def redeem(house, app, code, /, **over):
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app.client_id,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    } | over
    return house.client.post("/oauth/token", data=fields)


def refresh(house, app, token, **over):
    fields = {"grant_type": "refresh_token", "refresh_token": token, "client_id": app.client_id} | over
    return house.client.post("/oauth/token", data=fields)


def whoami(house, token):
    return house.client.get("/api/whoami-v2", headers={"Authorization": f"Bearer {token}"})


def test_a_code_becomes_a_token_that_says_who_signed_in(house, app):
    found = code_for(house, app)
    assert found["state"] == "s t&te"
    answer = redeem(house, app, found["code"])
    given = answer.json()
    assert answer.status_code == 200, given
    assert answer.headers["cache-control"] == "no-store"
    assert (given["token_type"], given["scope"]) == ("bearer", "email openid profile")
    assert given["access_token"].startswith("hf_")
    info = house.client.get(
        "/oauth/userinfo", headers={"Authorization": f"Bearer {given['access_token']}"}
    ).json()
    assert (info["preferred_username"], info["name"], info["email"]) == ("ada", "Ada", "ada@example.org")
    keys = KeySet.import_key_set(house.client.get("/oauth/jwks").json())
    claims = jwt.decode(given["id_token"], keys).claims
    assert (claims["iss"], claims["aud"], claims["nonce"], claims["sub"]) == (
        URL,
        app.client_id,
        "n0",
        info["sub"],
    )
    assert claims["exp"] > claims["iat"]


def test_an_address_is_called_verified_only_when_it_was_confirmed(house, app):
    def told():
        given = redeem(house, app, code_for(house, app)["code"]).json()
        auth = {"Authorization": f"Bearer {given['access_token']}"}
        return house.client.get("/oauth/userinfo", headers=auth).json()["email_verified"]

    assert told() is False
    with house.stores.db.write() as tx:
        tx.sql.execute(
            sa.update(users).where(users.c.id == house.actor().user_id).values(email_confirmed=True)
        )
    assert told() is True


def test_an_app_is_told_only_what_was_agreed(house, app):
    given = redeem(house, app, code_for(house, app, scope="openid")["code"]).json()
    info = house.client.get("/oauth/userinfo", headers={"Authorization": f"Bearer {given['access_token']}"})
    assert set(info.json()) == {"sub"}
    assert (
        redeem(house, app, code_for(house, app, scope="profile")["code"])
        .json()
        .keys()
        .isdisjoint({"id_token"})
    )


def test_scopes_are_what_the_token_may_do(house, app):
    repo = house.make_repo()
    house.make_private(repo)
    blind = redeem(house, app, code_for(house, app)["code"]).json()["access_token"]
    seeing = redeem(house, app, code_for(house, app, scope="openid read-repos")["code"]).json()[
        "access_token"
    ]
    writing = redeem(house, app, code_for(house, app, scope="write-repos")["code"]).json()["access_token"]

    def get(token):
        return house.client.get(
            f"/api/models/{repo.full_name}", headers={"Authorization": f"Bearer {token}"}
        ).status_code

    def branch(token):
        return house.client.post(
            f"/api/models/{repo.full_name}/branch/side",
            json={},
            headers={"Authorization": f"Bearer {token}"},
        ).status_code

    assert (get(blind), get(seeing), get(writing)) == (404, 200, 200)
    assert branch(seeing) in (403, 404)
    assert branch(writing) == 200


def test_a_code_is_good_once_and_a_second_try_ends_what_came_of_it(house, app):
    code = code_for(house, app)["code"]
    first = redeem(house, app, code).json()
    assert whoami(house, first["access_token"]).status_code == 200
    again = redeem(house, app, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert whoami(house, first["access_token"]).status_code == 401
    assert refresh(house, app, first["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"code_verifier": "x" * 50}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "https://app.example/other"}, "invalid_grant"),
        ({"client_id": CLI_APP.client_id}, "invalid_grant"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": "x"}, "invalid_grant"),
    ],
)
def test_a_code_is_worth_nothing_to_anybody_else(house, app, over, error):
    code = code_for(house, app)["code"]
    answer = redeem(house, app, code, **over)
    assert (answer.status_code in (400, 401), answer.json()["error"]) == (True, error)
    assert answer.json()["error_description"]


def test_a_code_is_over_after_minutes(house, app):
    code = code_for(house, app)["code"]
    with house.stores.db.write() as tx:
        tx.sql.execute(sa.update(oauth_codes).values(expires_at=now() - timedelta(seconds=1)))
    assert redeem(house, app, code).json()["error"] == "invalid_grant"


def test_a_refresh_token_is_good_once_and_a_thief_ends_the_sign_in(house, app):
    first = redeem(house, app, code_for(house, app)["code"]).json()
    second = refresh(house, app, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == first["scope"]
    assert whoami(house, first["access_token"]).status_code == 200, "others may still be using it"
    with house.stores.db.write() as tx:
        used = oauth_refreshes.c.used_at.is_not(None)
        tx.sql.execute(sa.update(oauth_refreshes).where(used).values(used_at=now() - timedelta(minutes=2)))
    assert refresh(house, app, first["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(house, app, second["refresh_token"]).json()["error"] == "invalid_grant"
    assert whoami(house, second["access_token"]).status_code == 401


def test_two_processes_may_refresh_at_the_same_moment(house, app):
    first = redeem(house, app, code_for(house, app)["code"]).json()
    made = [refresh(house, app, first["refresh_token"]) for _ in range(2)]
    assert [answer.status_code for answer in made] == [200, 200]


def test_a_disabled_person_s_sign_ins_end(house, app):
    given = redeem(house, app, code_for(house, app)["code"]).json()
    with house.stores.db.write() as tx:
        accounts.set_disabled(tx, "ada", disabled=True)
    assert whoami(house, given["access_token"]).status_code == 401
    assert refresh(house, app, given["refresh_token"]).json()["error"] == "invalid_grant"


def test_disconnecting_ends_everything_of_that_app(house, app):
    given = redeem(house, app, code_for(house, app)["code"]).json()
    with house.stores.db.read() as tx:
        (connected,) = oauth.connected_apps(tx, house.actor())
        assert (connected.app.name, connected.consent.words) == ("Notebook", "email openid profile")
    write(house, oauth.disconnect, "ada", app.client_id)
    assert whoami(house, given["access_token"]).status_code == 401
    assert refresh(house, app, given["refresh_token"]).json()["error"] == "invalid_grant"


def test_an_app_ends_a_sign_in_itself(house, app):
    given = redeem(house, app, code_for(house, app)["code"]).json()
    other = redeem(house, app, code_for(house, app)["code"]).json()
    ended = house.client.post(
        "/oauth/revoke", data={"token": given["refresh_token"], "client_id": app.client_id}
    )
    assert ended.status_code == 200
    assert whoami(house, given["access_token"]).status_code == 401
    assert whoami(house, other["access_token"]).status_code == 200


def test_an_app_with_a_secret_must_show_it(house):
    app, secret = write(
        house, oauth.register_app, "eve", "Server", [BACK], frozenset(Scope), confidential=True
    )
    none = {"code_challenge": "", "code_challenge_method": ""}
    code = code_for(house, app, **none)["code"]
    wrong = redeem(house, app, code, client_secret="wrong")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    pair = base64.b64encode(f"{app.client_id}:{secret}".encode()).decode()
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    answer = house.client.post("/oauth/token", data=fields, headers={"Authorization": f"Basic {pair}"})
    assert answer.status_code == 200, answer.text
    _, fresh = write(house, oauth.new_secret, "eve", app.client_id)
    assert refresh(house, app, answer.json()["refresh_token"], client_secret=secret).status_code == 401
    assert refresh(house, app, answer.json()["refresh_token"], client_secret=fresh).status_code == 200


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/back/../evil",
        "https://app.example/back?x=1",
        "https://app.example.evil/back",
        "https://APP.example/back",
        "http://app.example/back",
        "javascript:alert(1)",
        "https://app.example/back#x",
        "//app.example/back",
    ],
)
def test_nobody_is_sent_to_an_address_that_was_not_registered(house, app, uri):
    with pytest.raises(InvalidRedirect), house.stores.db.read() as tx:
        oauth.read_request(tx, request_of(app, redirect_uri=uri))


def test_a_program_on_one_s_own_machine_may_listen_on_any_port(house):
    app, _ = write(
        house,
        oauth.register_app,
        "eve",
        "Desktop",
        ["http://127.0.0.1/back", "com.example.app:/back"],
        frozenset(Scope),
        confidential=False,
    )
    with house.stores.db.read() as tx:
        for uri in ("http://127.0.0.1:5123/back", "com.example.app:/back"):
            assert oauth.read_request(tx, request_of(app, redirect_uri=uri)).redirect_uri == uri
        for uri in ("http://127.0.0.1:5123/other", "http://localhost:1/back", "http://u@127.0.0.1:1/back"):
            with pytest.raises(InvalidRedirect):
                oauth.read_request(tx, request_of(app, redirect_uri=uri))


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"response_type": "token"}, "invalid_request"),
        ({"scope": "openid godmode"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_other_mistakes_are_told_to_the_app_at_its_own_address(house, app, over, error):
    with pytest.raises(Returned) as refused, house.stores.db.read() as tx:
        oauth.read_request(tx, request_of(app, **over))
    told = parse_qs(urlsplit(refused.value.to).query)
    assert refused.value.to.startswith(BACK + "?")
    assert (told["error"], told["state"]) == ([error], ["s t&te"])


def test_an_app_gets_no_scope_that_it_did_not_register(house):
    app, _ = write(
        house, oauth.register_app, "eve", "Small", [BACK], frozenset((Scope.OPENID,)), confidential=False
    )
    with pytest.raises(Returned, match="invalid_scope"), house.stores.db.read() as tx:
        oauth.read_request(tx, request_of(app, scope="openid manage-repos"))


def test_consent_is_remembered_for_no_more_than_was_agreed(house, app):
    code_for(house, app)
    with house.stores.db.read() as tx:
        again = oauth.read_request(tx, request_of(app, scope="openid email"))
        assert oauth.agreed_before(tx, house.actor(), again) is not None
        more = oauth.read_request(tx, request_of(app, scope="openid manage-repos"))
        assert oauth.agreed_before(tx, house.actor(), more) is None
        asking = oauth.read_request(tx, request_of(app, prompt="consent"))
        assert oauth.agreed_before(tx, house.actor(), asking) is None
        assert oauth.agreed_before(tx, house.actor("eve"), again) is None


def test_an_app_registers_itself(house):
    answer = house.client.post(
        "/oauth/register",
        json={"client_name": "Gradio", "redirect_uris": [BACK], "token_endpoint_auth_method": "none"},
    )
    made = answer.json()
    assert answer.status_code == 201, made
    assert "client_secret" not in made
    secretive = house.client.post("/oauth/register", json={"redirect_uris": [BACK]}).json()
    assert secretive["client_secret"]
    with house.stores.db.read() as tx:
        assert oauth.app_of(tx, made["client_id"]).name == "Gradio"
        with pytest.raises(InvalidClient):
            oauth.proven_app(tx, secretive["client_id"], "")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "invalid_client_metadata"),
        ({"redirect_uris": "x"}, "invalid_client_metadata"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://evil.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://x/" + "y" * 2000]}, "invalid_redirect_uri"),
        ({"redirect_uris": [BACK], "client_name": "x" * 101}, "invalid_client_metadata"),
        ({"redirect_uris": [BACK], "scope": "root"}, "invalid_scope"),
        ({"redirect_uris": [BACK], "client_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
        ({"redirect_uris": [BACK], "token_endpoint_auth_method": "tls"}, "invalid_client_metadata"),
    ],
)
def test_an_app_that_describes_itself_badly_is_told_why(house, body, error):
    answer = house.client.post("/oauth/register", json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def begin(house, client_id=CLI_APP.client_id):
    return house.client.post("/oauth/device", data={"client_id": client_id}).json()


def poll(house, made, client_id=CLI_APP.client_id):
    fields = {"grant_type": DEVICE, "device_code": made["device_code"], "client_id": client_id}
    return house.client.post("/oauth/token", data=fields).json()


def test_the_command_line_signs_in_by_a_code_and_may_do_what_its_person_may(house):
    made = begin(house)
    assert made["verification_uri_complete"] == f"{URL}/oauth/device?code={made['user_code']}"
    assert poll(house, made)["error"] == "authorization_pending"
    write(house, oauth.decide_device, "ada", made["user_code"].lower().replace("-", " "), approve=True)
    given = poll(house, made)
    me = whoami(house, given["access_token"]).json()
    assert me["name"] == "ada"
    created = house.client.post(
        "/api/repos/create",
        json={"name": "by-cli"},
        headers={"Authorization": f"Bearer {given['access_token']}"},
    )
    assert created.status_code == 200, created.text
    assert poll(house, made)["error"] == "invalid_grant", "a code is good once"
    renewed = refresh(house, CLI_APP, given["refresh_token"]).json()
    assert whoami(house, renewed["access_token"]).status_code == 200


def test_who_asks_too_often_is_slowed_down(house):
    made = begin(house)
    assert [poll(house, made)["error"] for _ in range(3)] == [
        "authorization_pending",
        "slow_down",
        "slow_down",
    ]


def test_a_device_that_is_refused_or_late_gets_nothing(house):
    made = begin(house)
    write(house, oauth.decide_device, "ada", made["user_code"], approve=False)
    assert poll(house, made)["error"] == "access_denied"
    late = begin(house)
    with house.stores.db.write() as tx:
        tx.sql.execute(sa.update(oauth_devices).values(expires_at=now() - timedelta(seconds=1)))
    assert poll(house, late)["error"] == "expired_token"
    with pytest.raises(oauth.CodeNotFound):
        write(house, oauth.decide_device, "ada", late["user_code"], approve=True)


def test_a_device_code_belongs_to_its_program(house, app):
    made = begin(house)
    write(house, oauth.decide_device, "ada", made["user_code"], approve=True)
    assert poll(house, made, app.client_id)["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"grant_type=a&grant_type=b", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b"\xff\xfe", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b"[]", {"Content-Type": "application/json"}),
        (b"{", {"Content-Type": "application/json"}),
        (b"x", {"Content-Type": "text/plain"}),
        (b"a=" + b"x" * 70_000, {"Content-Type": "application/x-www-form-urlencoded"}),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_oauth_s_words(house, body, headers):
    answer = house.client.post("/oauth/token", content=body, headers=headers)
    assert answer.status_code in (400, 413)
    assert answer.json()["error"] == "invalid_request"


def test_discovery_names_addresses_that_are_there(house):
    told = house.client.get("/.well-known/openid-configuration").json()
    assert told["issuer"] == URL
    for name in ("token_endpoint", "registration_endpoint", "device_authorization_endpoint"):
        answer = house.client.post(told[name].removeprefix(URL), data={"client_id": "x"})
        assert answer.json()["error"], name
    assert house.client.get(told["jwks_uri"].removeprefix(URL)).json()["keys"][0]["kty"] == "RSA"
    assert "d" not in house.client.get("/oauth/jwks").json()["keys"][0], "the private part stays here"
