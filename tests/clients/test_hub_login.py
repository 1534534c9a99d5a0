"""Signing in with the real client: by a code that a person enters in a browser, renewed by itself, and ended."""

import http.cookiejar
import json
import re
import subprocess
import urllib.parse
import urllib.request

import pytest
from tests.clients.harness import venvs

PASSWORD = "correct horse battery staple"


class Browser:
    """A person's browser, as far as forms need one."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar)).open

    def page(self, path: str) -> str:
        with self._open(self.url + path) as answer:
            return str(answer.read().decode())

    def send(self, path: str, at: str, **fields: str) -> str:
        (token,) = set(re.findall(r'name="form_token" value="([^"]+)"', self.page(at)))
        body = urllib.parse.urlencode({"form_token": token, **fields}).encode()
        with self._open(self.url + path, body) as answer:
            return str(answer.read().decode())


@pytest.fixture(scope="module")
def person(hub):
    """`carol`, signed in with her browser."""
    hub.command(
        "user", "add", "carol", "--email", "carol@example.org", "--password-stdin", stdin=PASSWORD + "\n"
    )
    browser = Browser(hub.url)
    browser.send("/login", "/login", login="carol", password=PASSWORD, next="/")
    return browser


def let_in(person, code: str, do: str = "allow") -> None:
    person.send("/oauth/device/decide", f"/oauth/device?code={code}", code=code, do=do)


def test_the_command_line_signs_in_by_a_code(fresh, person):
    client = fresh(None)
    command = [
        str(venvs.python_of(client.venv).with_name("hf")),
        "auth",
        "login",
        "--force",
        "--format",
        "agent",
    ]
    with subprocess.Popen(
        command,
        env=client.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as hf:
        assert hf.stdout is not None
        said = ""
        while not (found := re.search(r"\b([B-Z]{4}-[B-Z]{4})\b", said)):
            line = hf.stdout.readline()
            assert line, said
            said += line
        let_in(person, found[1])
        said += hf.stdout.read()
    assert hf.returncode == 0, said
    assert "carol" in client.program("hf", "auth", "whoami")
    upload = client.home / "note.txt"
    upload.write_text("signed in by a code")
    client.program("hf", "upload", "carol/by-code", str(upload), "note.txt")

    def look(hf, api):
        return api.whoami()["name"], api.list_repo_files("carol/by-code")

    name, files = client.run(look)
    assert (name, "note.txt" in files) == ("carol", True)


def test_a_token_is_renewed_and_a_stolen_refresh_token_is_worth_nothing(fresh, person, hub):
    def begin(hf):
        from huggingface_hub.utils._oauth_device import request_device_code

        return dict(request_device_code())

    client = fresh(None)
    made = client.run(begin)
    let_in(person, made["user_code"])

    def story(hf, made):
        from huggingface_hub.utils._oauth_device import poll_device_token, refresh_access_token

        first = poll_device_token(made)
        second = refresh_access_token(first["refresh_token"])
        assert second["access_token"] != first["access_token"]
        return hf.HfApi().whoami(token=second["access_token"])["name"]

    assert client.run(story, made=made) == "carol"

    def wrong(hf):
        from huggingface_hub.errors import DeviceCodeError
        from huggingface_hub.utils._oauth_device import refresh_access_token

        try:
            refresh_access_token("made up")
        except DeviceCodeError as error:
            return str(error.error_code)
        return None

    assert client.run(wrong) == "invalid_grant"


def test_a_refused_code_is_the_client_s_own_error(fresh, person):
    def begin(hf):
        from huggingface_hub.utils._oauth_device import request_device_code

        return dict(request_device_code())

    client = fresh(None)
    made = client.run(begin)
    let_in(person, made["user_code"], "refuse")

    def story(hf, made):
        from huggingface_hub.errors import DeviceCodeError
        from huggingface_hub.utils._oauth_device import poll_device_token

        try:
            poll_device_token(made)
        except DeviceCodeError as error:
            return getattr(error.error_code, "value", error.error_code)
        return None

    assert client.run(story, made=made) == "access_denied"


def test_disconnecting_the_command_line_signs_it_out(person, hub):
    page = person.page("/settings/applications")
    assert "the hf command line" in page
    client_id = re.search(r'name="client_id" value="([^"]+)"', page)
    assert client_id
    person.send("/settings/applications", "/settings/applications", do="disconnect", client_id=client_id[1])
    assert "the hf command line" not in person.page("/settings/applications")


def test_discovery_is_what_openid_connect_libraries_expect(hub):
    with urllib.request.urlopen(hub.url + "/.well-known/openid-configuration") as answer:
        told = json.load(answer)
    assert told["issuer"] == hub.url
    assert all(
        value.startswith(hub.url) for name, value in told.items() if name.endswith(("_endpoint", "_uri"))
    )
