"""The newest client, git and plain requests at gated repositories: Ada keeps the gate, Eve stands before it."""

import csv
import io
import json
from pathlib import Path

import pytest
from tests.clients.harness.content import noise
from tests.clients.test_hub_privacy import ask

LARGE = noise(600_000, 31)
CARD = b"""---
extra_gated_fields:
  Company: text
  I agree: checkbox
---
# Gated
"""


@pytest.fixture
def gated(ada, repo):
    """A gated model of Ada's with a small and a large file."""

    def story(hf, api):
        api.create_repo(repo)
        adds = [
            hf.CommitOperationAdd("README.md", CARD),
            hf.CommitOperationAdd("secret.txt", b"secret"),
            hf.CommitOperationAdd("big.bin", LARGE),
        ]
        api.create_commit(repo, adds, commit_message="gated")
        api.update_repo_settings(repo, gated="manual")
        [info] = api.get_paths_info(repo, "big.bin")
        return info.lfs.sha256

    ada.run(story)
    return repo


def ask_access(hub, tokens, repo, person="eve", **answers):
    """Ask as the form of the page does."""

    body = json.dumps({"Company": "Tidewater", "I agree": True} | answers).encode()
    return ask(f"{hub.url}/{repo}/ask-access", tokens[person], "POST", body, Content_Type="application/json")


def test_what_is_said_of_a_gated_repository_may_be_read_by_everybody(eve, nobody, gated):
    def story(api):
        info = api.model_info(gated, files_metadata=True)
        assert info.gated == "manual"
        sizes = {sibling.rfilename: sibling.size for sibling in info.siblings}
        assert sizes["big.bin"] == 600_000
        assert {entry.path for entry in api.list_repo_tree(gated)} >= {"secret.txt", "big.bin"}
        assert api.repo_exists(gated)
        assert api.list_repo_commits(gated)[0].title == "gated"
        assert gated in {model.id for model in api.list_models(author="ada", gated=True)}

    eve.run(story)
    nobody.run(story)


@pytest.mark.parametrize("person", ["eve", "nobody"])
def test_every_way_to_a_file_is_closed_and_says_why(request, fresh, gated, person):
    def story(hf, api, signed_in):
        for path in ("secret.txt", "big.bin", "README.md"):
            with pytest.raises(hf.errors.GatedRepoError) as refused:
                api.hf_hub_download(gated, path)
            assert refused.value.response.status_code == (403 if signed_in else 401)
            assert "is restricted" in str(refused.value)
        for call in (
            lambda: api.snapshot_download(gated),
            lambda: api.file_exists(gated, "secret.txt"),
            lambda: api.auth_check(gated),
            lambda: hf.get_hf_file_metadata(hf.hf_hub_url(gated, "big.bin"), token=api.token),
            lambda: hf.HfFileSystem(token=api.token).cat_file(f"{gated}/secret.txt"),
        ):
            with pytest.raises(hf.errors.GatedRepoError):
                call()

    fresh(person if person != "nobody" else None).run(story, signed_in=person == "eve")


def test_a_request_is_listed_accepted_rejected_and_put_back(hub, tokens, ada, eve, fresh, gated):
    assert ask_access(hub, tokens, gated).status == 303

    def lists(api, who):
        return [
            [one.username for one in found(who)]
            for found in (
                api.list_pending_access_requests,
                api.list_accepted_access_requests,
                api.list_rejected_access_requests,
            )
        ]

    def answer(hf, api):
        [request] = api.list_pending_access_requests(gated)
        assert (request.username, request.status) == ("eve", "pending")
        assert request.email == "eve@example.org"
        assert request.fields == {"Company": "Tidewater", "I agree": "true"}
        assert request.timestamp.tzinfo is not None
        api.accept_access_request(gated, request_id=request.request_id)
        assert lists(api, gated) == [[], ["eve"], []]
        with pytest.raises(hf.errors.HfHubHTTPError) as again:
            api.accept_access_request(gated, "eve")
        assert again.value.response.status_code == 404

    def download(api):
        assert Path(api.hf_hub_download(gated, "secret.txt")).read_bytes() == b"secret"
        assert Path(api.hf_hub_download(gated, "big.bin")).read_bytes() == LARGE
        assert len(list(Path(api.snapshot_download(gated)).iterdir())) == 4
        api.auth_check(gated)

    def take_back(hf, api):
        api.cancel_access_request(gated, "eve")
        assert lists(api, gated) == [["eve"], [], []]
        api.reject_access_request(gated, "eve", rejection_reason="no sailors")
        assert lists(api, gated) == [[], [], ["eve"]]
        with pytest.raises(hf.errors.BadRequestError):
            api.reject_access_request(gated, "eve", rejection_reason="x" * 201)
        api.accept_access_request(gated, "eve")
        api.cancel_access_request(gated, "eve")

    def refused(hf, api):
        with pytest.raises(hf.errors.GatedRepoError, match="awaiting a review"):
            api.hf_hub_download(gated, "secret.txt")

    ada.run(answer)
    fresh("eve").run(download)
    ada.run(take_back)
    fresh("eve").run(refused)
    assert ask_access(hub, tokens, gated).status == 409


def test_access_is_granted_to_who_did_not_ask(ada, fresh, gated):
    def grant(hf, api):
        api.grant_access(gated, "eve")
        [request] = api.list_accepted_access_requests(gated)
        assert (request.username, request.email, request.fields) == ("eve", None, None)
        for name, status in (("eve", 400), ("ada", 400), ("nobody-there", 404)):
            with pytest.raises(hf.errors.HfHubHTTPError) as refused:
                api.grant_access(gated, name)
            assert refused.value.response.status_code == status

    ada.run(grant)
    fresh("eve").run(lambda api: api.hf_hub_download(gated, "secret.txt") and None)


def test_every_documented_refusal(hub, tokens, ada, eve, client, gated, repo):
    def as_eve(hf, api):
        for call in (
            lambda: list(api.list_pending_access_requests(gated)),
            lambda: api.accept_access_request(gated, "eve"),
            lambda: api.grant_access(gated, "eve"),
        ):
            with pytest.raises(hf.errors.HfHubHTTPError) as refused:
                call()
            assert refused.value.response.status_code == 403

    def as_ada(hf, api, open_repo):
        api.create_repo(open_repo)
        for call, status in (
            (lambda: list(api.list_pending_access_requests(open_repo)), 400),
            (lambda: api.accept_access_request(open_repo, "eve"), 400),
            (lambda: api.grant_access(open_repo, "eve"), 400),
            (lambda: api.accept_access_request(gated, "nobody-there"), 404),
            (lambda: api.reject_access_request(gated, "eve", rejection_reason=None), 404),
            (lambda: api.cancel_access_request(gated, "bob"), 404),
        ):
            with pytest.raises(hf.errors.HfHubHTTPError) as refused:
                call()
            assert refused.value.response.status_code == status

    eve.run(as_eve)
    client("hub-2.4.0", "ada-reads").run(as_eve)
    ada.run(as_ada, open_repo=f"{repo}-open")


@pytest.mark.parametrize("version", ["hub-0.36.2", "hub-1.33.0"])
def test_older_clients_understand_the_gate_too(hub, tokens, client, gated, version):
    ask_access(hub, tokens, gated)

    def answer(api):
        [request] = api.list_pending_access_requests(gated)
        assert request.username == "eve"
        api.accept_access_request(gated, "eve")
        api.cancel_access_request(gated, "eve")

    def refused(api):
        from huggingface_hub.utils import GatedRepoError

        with pytest.raises(GatedRepoError):
            api.hf_hub_download(gated, "secret.txt")

    client(version, "ada").run(answer)
    client(version, "eve").run(refused)


def test_a_clone_is_refused_with_the_sentence_until_access_is_granted(hub, tokens, ada, git, gated):
    said = git("eve")("clone", f"{hub.url}/{gated}", ok=False)
    assert f"Access to model {gated} is restricted" in said
    assert "403" in said
    assert not (git("eve").home / gated.partition("/")[2]).exists()
    git(None)("clone", f"{hub.url}/{gated}", ok=False)
    ada.run(lambda api: api.grant_access(gated, "eve") and None)
    clone = git("eve").clone(gated)
    assert (clone / "secret.txt").read_bytes() == b"secret"
    assert (clone / "big.bin").read_bytes() == LARGE
    ada.run(lambda api: api.cancel_access_request(gated, "eve"))
    assert "is restricted" in git("eve")("fetch", "--refetch", cwd=clone, ok=False)


def test_an_automatic_gate_opens_at_once(hub, tokens, ada, fresh, gated):
    ada.run(lambda api: api.update_repo_settings(gated, gated="auto") and None)
    assert ask_access(hub, tokens, gated, Company="").status == 400
    assert ask_access(hub, tokens, gated).status == 303
    fresh("eve").run(lambda api: api.hf_hub_download(gated, "secret.txt") and None)


def test_a_request_is_taken_back_by_whoever_made_it(hub, tokens, ada, gated):
    cancel = f"{hub.url}/api/models/{gated}/user-access-request/cancel"
    assert ask(cancel, tokens["eve"], "POST").status == 404
    ask_access(hub, tokens, gated)
    assert ask(cancel, tokens["eve"], "POST").status == 200
    assert ada.run(lambda api: len(list(api.list_pending_access_requests(gated)))) == 0


def test_the_report_tells_of_everybody(hub, tokens, ada, gated):
    ask_access(hub, tokens, gated, Company="=1+1")
    ask_access(hub, tokens, gated, "bob")
    ada.run(lambda api: api.accept_access_request(gated, "bob"))
    url = f"{hub.url}/{gated}/user-access-report"
    rows = json.loads(ask(url, tokens["ada"]).body)
    assert [(row["user"], row["status"], row["email"]) for row in rows] == [
        ("bob", "accepted", "bob@example.org"),
        ("eve", "pending", "eve@example.org"),
    ]
    assert set(rows[0]) >= {"user", "fullname", "status", "email", "time", "reviewedAt"}
    table = list(csv.DictReader(io.StringIO(ask(f"{url}?format=csv", tokens["ada"]).body.decode())))
    assert [row["user"] for row in table] == ["bob", "eve"]
    assert ask(url, tokens["eve"]).status == 403
    assert ask(url).status == 401


def test_many_requests_are_answered_at_once(hub, tokens, ada, gated):
    ask_access(hub, tokens, gated)
    body = {"status": "accepted", "requests": [{"user": "eve"}, {"user": "bob"}, {"user": "nobody-there"}]}
    url = f"{hub.url}/api/models/{gated}/user-access-request/batch"
    told = ask(url, tokens["ada"], "POST", json.dumps(body).encode(), Content_Type="application/json")
    assert json.loads(told.body) == [
        {"user": "eve", "ok": True},
        {"user": "bob", "ok": False, "error": "request_not_found"},
        {"user": "nobody-there", "ok": False, "error": "user_not_found"},
    ]
