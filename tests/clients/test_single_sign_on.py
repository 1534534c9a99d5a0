"""Sign in through an identity provider: a real one (oidc-provider), a hub that trusts it, and a browser between them."""

import http.cookiejar
import json
import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from tests.clients.harness import venvs
from tests.clients.harness.server import Server
from tests.tools.ports import free_port

IDENTITY = Path(__file__).with_name("js") / "identity.mjs"
SECRET = "the hub's secret at the provider"
PEOPLE = {
    "ann": {
        "preferred_username": "ann",
        "name": "Ann Arbor",
        "email": "ann@example.org",
        "email_verified": True,
        "groups": ["ml-team", "hub-operators"],
    },
    "bea": {"preferred_username": "taken", "name": "Bea", "email": "bea@example.org", "groups": []},
    "cyd": {"preferred_username": "../<b>admin</b>", "name": "Cyd", "groups": ["ml-team"]},
}


class Browser:
    """A browser that follows every redirect, between both sites, and fills forms."""

    def __init__(self) -> None:
        jar = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar)).open
        self.at = ""

    def page(self, url: str, **fields: str) -> str:
        body = urllib.parse.urlencode(fields).encode() if fields else None
        try:
            with self._open(url, body) as answer:
                self.at = answer.url
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            self.at = error.url
            return str(error.read().decode())

    def sign_in(self, hub: str, login: str, to: str = "/settings/tokens") -> str:
        """Go to the hub, be sent to the provider, sign in and agree there, come back."""
        page = self.page(f"{hub}/login/sso?next={to}")
        if 'name="login"' in page:
            page = self.page(self._action(page), prompt="login", login=login, password="x")
        if "consent" in page and "/interaction/" in self.at:
            page = self.page(self._action(page), prompt="consent")
        return page

    def _action(self, page: str) -> str:
        found = re.search(r'action="([^"]+)"', page)
        assert found, page
        return str(urllib.parse.urljoin(self.at, found[1]))


@pytest.fixture(scope="module")
def identity():
    """The provider's address; its process runs as long as these tests."""
    port, hub_port = free_port(), free_port()
    home = venvs.node_home()
    script = home / f"identity-{port}.mjs"  # beside node_modules, where the import is found
    script.write_bytes(IDENTITY.read_bytes())
    client = {
        "client_id": "hub",
        "client_secret": SECRET,
        "redirect_uris": [f"http://127.0.0.1:{hub_port}/login/callback"],
        "application_type": "web",
    }
    asked = json.dumps({"port": port, "client": client, "people": PEOPLE})
    process = subprocess.Popen(
        [venvs.tool("node"), script, asked],
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "ready":
                break
        else:
            pytest.fail("the identity provider did not start")
        yield f"http://127.0.0.1:{port}", hub_port
    finally:
        process.terminate()
        process.wait(60)
        script.unlink()


@pytest.fixture(scope="module")
def trusting(identity, tmp_path_factory):
    """A hub that trusts the provider, with an organization and a user called `taken`."""
    issuer, port = identity
    server = Server(
        tmp_path_factory.mktemp("trusting"),
        port=port,
        HUBKEEP_OIDC__ISSUER=issuer,
        HUBKEEP_OIDC__CLIENT_ID="hub",
        HUBKEEP_OIDC__CLIENT_SECRET=SECRET,
        HUBKEEP_OIDC__LABEL="Harbour ID",
        HUBKEEP_OIDC__ADMIN_GROUPS='["hub-operators"]',
        HUBKEEP_OIDC__ORG_ROLES='{"ml-team": "acme:write"}',
    )
    with server:
        server.add_users("taken")
        server.add_org("acme", "taken:admin")
        yield server
    assert server.surprises() == []


def members(hub: Server) -> str:
    return hub.command("user", "list")


def test_a_person_signs_in_and_has_the_roles_of_their_groups(trusting):
    browser = Browser()
    assert "Sign in with Harbour ID" in browser.page(f"{trusting.url}/login")
    page = browser.sign_in(trusting.url, "ann")
    assert browser.at == f"{trusting.url}/settings/tokens"
    assert "Access tokens" in page
    listed = next(line for line in members(trusting).splitlines() if "ann" in line)
    assert "admin" in listed
    assert "ann" in Browser().page(f"{trusting.url}/acme")
    again = Browser()
    again.sign_in(trusting.url, "ann")
    assert members(trusting).count("ann@example.org") == 1, "the second time is the same person"


def test_a_name_that_is_taken_gets_a_number_and_nobody_else_s_account(trusting):
    browser = Browser()
    browser.sign_in(trusting.url, "bea")
    assert "taken-2" in browser.page(f"{trusting.url}/")
    assert "admin" not in next(line for line in members(trusting).splitlines() if "bea@example.org" in line)


def test_a_hostile_name_becomes_a_harmless_one(trusting):
    browser = Browser()
    browser.sign_in(trusting.url, "cyd")
    page = browser.page(f"{trusting.url}/")
    assert "b-admin-b" in page
    assert "<b>admin" not in page


def test_signing_in_leads_to_no_other_site(trusting):
    browser = Browser()
    browser.sign_in(trusting.url, "ann", to="https://evil.example/")
    assert browser.at.startswith(trusting.url)


def test_a_browser_that_was_not_sent_gets_no_session(trusting):
    """Otherwise a link could sign somebody in as somebody else."""
    victim = Browser()
    page = victim.page(f"{trusting.url}/login/callback?code=stolen&state=made-up")
    assert "Access tokens" not in victim.page(f"{trusting.url}/settings/tokens")
    assert "invalid or has expired" in page
    victim.page(f"{trusting.url}/login/sso")
    assert "invalid or has expired" in victim.page(f"{trusting.url}/login/callback?code=x&state=other")


def test_a_disabled_person_stays_out(trusting):
    Browser().sign_in(trusting.url, "bea")
    trusting.command("user", "disable", "taken-2")
    browser = Browser()
    assert "your account is disabled" in browser.sign_in(trusting.url, "bea")
    assert "Access tokens" not in browser.page(f"{trusting.url}/settings/tokens")
