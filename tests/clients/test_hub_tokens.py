"""The newest client with tokens that may little, or not for long."""

import itertools
import time
from pathlib import Path

import pytest
from tests.clients.harness.git import Git

_numbers = itertools.count(1)


@pytest.fixture
def token(hub):
    """`token("org:lab=repo.write", days=1)`: a fine-grained token of Ada's."""

    def token(*allowed, gated=False, days=None, role="fineGrained"):
        arguments = [part for one in allowed for part in ("--allow", one)]
        arguments += ["--gated"] if gated else []
        arguments += ["--days", str(days)] if days is not None else []
        name = f"fine-{next(_numbers)}"
        return hub.command("token", "add", "ada", "--name", name, "--role", role, *arguments).strip()

    return token


@pytest.fixture
def private(ada, repo):
    """A private model of Ada's with a file."""

    def story(api):
        api.create_repo(repo, private=True)
        api.upload_file(path_or_fileobj=b"hidden", path_in_repo="a.txt", repo_id=repo)

    ada.run(story)
    return repo


def test_whoami_tells_what_a_fine_grained_token_may(ada, token, private):
    value = token(f"model:{private}=repo.content.read", "org:lab=repo.write", gated=True, days=3)

    def story(api, value):
        return api.whoami(token=value)["auth"]

    auth = ada.run(story, value=value)
    made = auth["accessToken"]
    assert made["role"] == "fineGrained"
    assert made["fineGrained"]["canReadGatedRepos"] is True
    told = {
        (one["entity"]["type"], one["entity"]["name"]): one["permissions"]
        for one in made["fineGrained"]["scoped"]
    }
    assert told == {("model", private): ["repo.content.read"], ("org", "lab"): ["repo.write"]}
    assert auth["expiresAt"].endswith("Z")


def test_a_token_reads_what_it_names_and_nothing_else_private_is_there(ada, token, private):
    other = f"{private}-other"
    value = token(f"model:{private}=repo.content.read")

    def story(hf, api, repo, other, value):
        api.create_repo(other, private=True)
        fine = hf.HfApi(token=value)
        assert fine.model_info(repo).private
        assert Path(fine.hf_hub_download(repo, "a.txt", force_download=True)).read_bytes() == b"hidden"
        with pytest.raises(hf.errors.RepositoryNotFoundError) as missing:
            fine.model_info(other)
        assert missing.value.response.status_code == 404
        listed = {model.id for model in fine.list_models(author="ada")}
        assert other not in listed
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            fine.upload_file(path_or_fileobj=b"x", path_in_repo="b.txt", repo_id=repo)
        assert refused.value.response.status_code == 403

    ada.run(story, repo=private, other=other, value=value)


def test_a_token_to_commit_writes_but_changes_no_setting(ada, token, private):
    value = token(f"model:{private}=repo.content.write")

    def story(hf, repo, value):
        fine = hf.HfApi(token=value)
        fine.upload_file(path_or_fileobj=b"x" * 12_000_000, path_in_repo="large.bin", repo_id=repo)
        for refused in (
            lambda: fine.update_repo_settings(repo, private=False),
            lambda: fine.delete_repo(repo),
            lambda: fine.create_repo("ada/made-by-a-small-token"),
            lambda: fine.create_discussion(repo, title="May I talk?"),
            fine.list_webhooks,
        ):
            with pytest.raises(hf.errors.HfHubHTTPError) as error:
                refused()
            assert error.value.response.status_code == 403, error.value

    ada.run(story, repo=private, value=value)


def test_public_repositories_stay_readable_with_any_token(ada, token, repo):
    def story(hf, api, repo, value):
        api.create_repo(repo)
        assert hf.HfApi(token=value).model_info(repo).id == repo

    ada.run(story, repo=repo, value=token("org:lab=repo.content.read"))


def test_a_token_that_has_ended_is_the_clients_invalid_token(ada, token, private):
    value = token(role="read", days=2 / 86400)
    deadline = time.monotonic() + 60

    def alive(hf, repo, value):
        try:
            hf.HfApi(token=value).model_info(repo)
        except hf.errors.HfHubHTTPError as ended:
            return str(ended.response.status_code), type(ended).__name__
        return None

    while (ended := ada.run(alive, repo=private, value=value)) is None:
        assert time.monotonic() < deadline, "the token does not end"
        time.sleep(0.2)
    assert ended == ("401", "HfHubHTTPError")

    def story(hf, value):
        with pytest.raises(hf.errors.HfHubHTTPError, match="Invalid user token"):
            hf.HfApi(token=value).whoami()

    ada.run(story, value=value)


def test_a_head_that_was_answered_before_ends_with_the_token(ada, token, private):
    def story(hf, repo, value):
        url = hf.hf_hub_url(repo, "a.txt")
        try:
            return hf.get_hf_file_metadata(url, token=value).size
        except hf.errors.HfHubHTTPError as ended:
            return -ended.response.status_code

    for seconds in (3, 15, 60):  # a busy machine may need longer to ask for the first time
        value = token(role="read", days=seconds / 86400)
        if (size := ada.run(story, repo=private, value=value)) == 6:
            break
    assert size == 6
    deadline = time.monotonic() + 120
    while (size := ada.run(story, repo=private, value=value)) == 6:
        assert time.monotonic() < deadline, "the answer outlives the token"
        time.sleep(0.2)
    assert size == -401


def test_git_takes_a_fine_grained_token_as_far_as_it_goes(hub, token, private, tmp_path):
    reader = Git(hub.url, token(f"model:{private}=repo.content.read"), tmp_path / "reader")
    clone = reader.clone(private)
    (clone / "b.txt").write_text("b")
    reader.commit_all(clone)
    assert "403" in reader("push", cwd=clone, ok=False)
    stranger = Git(hub.url, token("org:lab=repo.write"), tmp_path / "stranger")
    stranger.clone(private, ok=False)


def test_whoever_finds_a_token_may_end_it(ada, token):
    value = token(role="write")

    def story(hf, api, value):
        answer = hf.utils.get_session().post(
            f"{api.endpoint}/api/credentials/revoke", json={"credentials": [value, "hf_unknown"]}
        )
        assert answer.status_code == 202
        with pytest.raises(hf.errors.HfHubHTTPError):
            hf.HfApi(token=value).whoami()

    ada.run(story, value=value)
