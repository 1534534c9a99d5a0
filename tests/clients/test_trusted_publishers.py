"""A CI job publishes without a stored token: the real client, with an ID token of a provider that really serves its keys."""

import http.server
import json
import threading
import time

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from tests.clients.harness.server import Server
from tests.clients.test_hub_login import PASSWORD, Browser
from tests.tools.ports import free_port

JOB = {"repository": "team/train", "ref": "refs/heads/main", "sub": "repo:team/train:ref:refs/heads/main"}


class Issuer:
    """A CI provider: discovery, keys, and tokens for jobs."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "ci-1"})
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        answers = {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [self.key.as_dict(private=False)]},
        }

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(answers[self.path]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def token(self, audience: str, key: RSAKey | None = None, **over: object) -> str:
        moment = int(time.time())
        claims = {"iss": self.url, "aud": audience, "iat": moment, "exp": moment + 300, **JOB, **over}
        return jwt.encode({"alg": "RS256", "kid": "ci-1"}, claims, key or self.key)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def issuer():
    made = Issuer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def trusting(issuer, tmp_path_factory, clients):
    """A hub on which carol's model trusts the main branch of team/train."""
    server = Server(
        tmp_path_factory.mktemp("publishers"), HUBKEEP_PUBLISHERS__ISSUERS=json.dumps([issuer.url])
    )
    with server:
        add = ("user", "add", "carol", "--email", "carol@example.org", "--password-stdin")
        server.command(*add, stdin=PASSWORD + "\n")
        token = server.make_tokens(carol="carol:write")["carol"]
        client = clients.fresh("hub-2.4.0", server.url, token)

        def create(api):
            api.create_repo("carol/out", private=True)
            api.create_repo("carol/other", private=True)

        client.run(create)
        client.close()
        carol = Browser(server.url)
        carol.send("/login", "/login", login="carol", password=PASSWORD, next="/")
        page = "/carol/out/settings/publishers"
        shown = carol.send(page, page, issuer=issuer.url, repository="team/train", branch="")
        assert "team/train" in shown
        page = "/settings/publishers"
        shown = carol.send(page, page, issuer=issuer.url, repository="team/eval", branch="")
        assert "team/eval" in shown
        yield server
    assert server.surprises() == []


@pytest.fixture
def job(trusting, issuer, clients):
    """`job(token, resource)`: a client as it runs in CI."""
    made = []

    def job(token: str, resource: str = "carol/out"):
        env = {"HF_OIDC_RESOURCE": resource, "HF_OIDC_ID_TOKEN": token}
        made.append(clients.fresh("hub-2.4.0", trusting.url, None, **env))
        return made[-1]

    yield job
    for one in made:
        one.close()


def publish(api, where):
    from huggingface_hub.errors import HfHubHTTPError

    try:
        api.upload_file(path_or_fileobj=b"made by CI", path_in_repo="out.txt", repo_id=where)
        return api.list_repo_files(where)
    except (HfHubHTTPError, ValueError, OSError) as error:
        return f"{type(error).__name__}: {error}"


def test_a_job_publishes_to_the_repository_that_trusts_it_and_to_no_other(job, trusting, issuer):
    client = job(issuer.token(trusting.url, project_path="team/train"))
    assert "out.txt" in client.run(publish, where="carol/out")
    refused = client.run(publish, where="carol/other")
    assert "RepositoryNotFoundError" in refused


@pytest.mark.parametrize(
    "over",
    [
        {"project_path": "team/else"},
        {"project_path": "team/train", "aud": "https://another.hub"},
        {"project_path": "team/train", "exp": 1},
        {"project_path": "team/train", "iss": "https://evil.example"},
        {"project_path": ["team/train"]},
    ],
)
def test_another_job_gets_nothing(job, trusting, issuer, over):
    said = job(issuer.token(trusting.url, **over)).run(publish, where="carol/out")
    assert isinstance(said, str), said


def test_a_token_that_the_provider_did_not_sign_gets_nothing(job, trusting, issuer):
    forged = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "ci-1"})
    said = job(issuer.token(trusting.url, forged, project_path="team/train")).run(publish, where="carol/out")
    assert isinstance(said, str), said


def test_a_repository_that_trusts_nobody_and_one_that_is_missing_look_the_same(job, trusting, issuer):
    token = issuer.token(trusting.url, project_path="team/train")
    told = [
        job(token, resource).run(publish, where="carol/out").replace(resource, "?")
        for resource in ("carol/other", "carol/none")
    ]
    assert told[0].split("Request ID")[0] == told[1].split("Request ID")[0]


def look(api):
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        seen = api.list_repo_files("carol/out")
    except RepositoryNotFoundError:
        seen = "nothing"
    return api.whoami()["name"], seen


def test_a_job_reads_in_the_name_of_a_person_who_trusts_it_and_neither_writes_nor_sees_what_is_private(
    job, trusting, issuer
):
    client = job(issuer.token(trusting.url, project_path="team/eval"), "carol")
    assert tuple(client.run(look)) == ("carol", "nothing")
    assert "RepositoryNotFoundError" in client.run(publish, where="carol/out")
    other = job(
        issuer.token(trusting.url, project_path="team/train"), "carol"
    )  # trusted by the repository only
    assert isinstance(other.run(publish, where="carol/out"), str)
