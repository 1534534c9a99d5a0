"""What operators set, as the official client meets it."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.clients.harness.content import noise
from tests.clients.harness.server import Server


@pytest.fixture
def strict(tmp_path):
    """A hub with windows so short that a test can wait for them."""
    rates: dict[str, Any] = {
        "HUBKEEP_RATES__WINDOW_SECONDS": "2",
        "HUBKEEP_RATES__API": "8",
        "HUBKEEP_RATES__RESOLVERS": "5",
    }
    with Server(tmp_path / "hub", **rates) as server:
        server.add_users("ada")
        yield server


def test_the_client_waits_when_it_was_too_fast_and_then_succeeds(strict, clients):
    token = strict.make_tokens(ada="ada:write")["ada"]
    ada = clients.fresh("hub-2.4.0", strict.url, token)
    files = {f"{number}.txt": str(number) for number in range(8)}

    def upload(api):
        api.create_repo("ada/many")
        operations = [
            __import__("huggingface_hub").CommitOperationAdd(name, text.encode())
            for name, text in files.items()
        ]
        api.create_commit("ada/many", operations, commit_message="all")

    def download(hf, api, tmp):
        for _ in range(20):
            assert [model.id for model in api.list_models(author="ada")] == ["ada/many"]
        found = hf.snapshot_download("ada/many", cache_dir=tmp, max_workers=8)
        return {path.name: path.read_text() for path in Path(found).glob("*.txt")}

    ada.run(upload)
    assert ada.run(download) == files
    refused = re.findall(r"hubkeep\.access: \S+ (\S+) (\S+?)(?:\?\S*)? 429 ", strict.tail(lines=100_000))
    assert any(path.startswith("/api/") for _, path in refused), refused
    assert any("/resolve/" in path for _, path in refused), refused


LARGE, SMALL = noise(6_000_000, 301), noise(40_000, 302)


def fill(hf, api):
    """Make a model of an organization with history, branches, tags, a large file and talk, and a private dataset."""
    api.create_repo("lab/net")
    api.upload_file(path_or_fileobj=LARGE, path_in_repo="net.safetensors", repo_id="lab/net")
    api.upload_file(path_or_fileobj=b"one", path_in_repo="notes/a.txt", repo_id="lab/net")
    api.create_tag("lab/net", tag="v1", tag_message="the first")
    api.create_branch("lab/net", branch="side")
    api.upload_file(path_or_fileobj=b"two", path_in_repo="notes/a.txt", repo_id="lab/net", revision="side")
    api.upload_file(path_or_fileobj=LARGE[::-1], path_in_repo="net.safetensors", repo_id="lab/net")
    api.create_discussion("lab/net", title="Does it float?", description="Like a **cork**.")
    change = hf.CommitOperationAdd("README.md", b"---\nlicense: mit\n---\n# Net\n")
    api.create_commit("lab/net", [change], commit_message="Write a card", create_pr=True)
    api.create_repo("ada/rows", repo_type="dataset", private=True)
    api.upload_file(path_or_fileobj=SMALL, path_in_repo="rows.bin", repo_id="ada/rows", repo_type="dataset")


def told(api, names):
    """Tell everything that a client can see of repositories."""
    found = {}
    for kind, name in names:
        info = api.repo_info(name, repo_type=kind, files_metadata=True)
        refs = api.list_repo_refs(name, repo_type=kind, include_pull_requests=True)
        commits = [
            [commit.commit_id for commit in api.list_repo_commits(name, repo_type=kind, revision=ref.ref)]
            for ref in [*refs.branches, *refs.tags, *(refs.pull_requests or [])]
        ]
        files = sorted((one.rfilename, one.size, one.lfs and one.lfs.sha256) for one in info.siblings)
        talks = [
            (talk.num, talk.title, talk.author, talk.status, talk.is_pull_request)
            for talk in api.get_repo_discussions(name, repo_type=kind)
        ]
        shown = [
            sorted((ref.ref, ref.target_commit) for ref in refs.branches + refs.tags),
            commits,
            files,
            talks,
        ]
        found[name] = [info.private, info.sha, str(info.created_at), *shown]
    return found


def bytes_of(api, name, tmp, revision="main", kind="model"):
    folder = api.snapshot_download(name, repo_type=kind, revision=revision, cache_dir=tmp)
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()
    }


def test_an_exported_bundle_makes_the_same_repositories_on_an_empty_hub(tmp_path, clients):
    names = [("model", "lab/net"), ("dataset", "ada/rows")]
    with Server(tmp_path / "one") as one, Server(tmp_path / "two") as two:
        one.add_users("ada", "bob")
        one.add_org("lab", "ada:admin", "bob:write")
        ada = clients.fresh("hub-2.4.0", one.url, one.make_tokens(ada="ada:write")["ada"])
        ada.run(fill)
        one.command("export", "lab", "ada", "--to", str(tmp_path / "bundle"))
        two.command("import", str(tmp_path / "bundle"))
        there = ada.run(told, names=names)
        token = two.make_tokens(ada="ada:write")["ada"]
        copy = clients.fresh("hub-2.4.0", two.url, token)
        assert copy.run(told, names=names) == there
        assert len(there["lab/net"][-1]) == 2
        for kind, name in names:
            assert copy.run(bytes_of, name=name, kind=kind) == ada.run(bytes_of, name=name, kind=kind)
        assert copy.run(bytes_of, name="lab/net", revision="side")["notes/a.txt"] == b"two"
        assert copy.run(bytes_of, name="lab/net", revision="v1")["net.safetensors"] == LARGE
        two.command("fsck", "--deep")
        subprocess.run(
            ["git", "clone", "-q", "--mirror", f"{two.url}/lab/net", str(tmp_path / "mirror")], check=True
        )
        subprocess.run(["git", "-C", str(tmp_path / "mirror"), "fsck", "--full", "--strict"], check=True)

        def goes_on(api):
            """What was carried over lives: it is pushed to, talked about, merged."""
            api.upload_file(path_or_fileobj=b"three", path_in_repo="notes/b.txt", repo_id="lab/net")
            api.comment_discussion("lab/net", 1, comment="It does, here too.")
            api.merge_pull_request("lab/net", 2)
            assert api.create_discussion("lab/net", title="And now?").num == 3
            return api.model_info("lab/net").card_data.license

        assert copy.run(goes_on) == "mit"
        assert two.surprises() == []


def test_repositories_are_carried_over_from_a_hub_that_answers(tmp_path, clients):
    with Server(tmp_path / "one") as one, Server(tmp_path / "two") as two:
        one.add_users("ada", "bob")
        one.add_org("lab", "ada:admin", "bob:write")
        token = one.make_tokens(ada="ada:write")["ada"]
        ada = clients.fresh("hub-2.4.0", one.url, token)
        ada.run(fill)
        with pytest.raises(RuntimeError, match=r"refused datasets/ada/rows: .*401"):
            two.command("import", "--from", one.url, "datasets/ada/rows")
        two.command("import", "--from", one.url, "lab", "datasets/ada/rows", env={"IMPORT_TOKEN": token})
        two.command("import", "--from", one.url, "lab/net", "--to", "lab")  # again: it is there
        copy = clients.fresh("hub-2.4.0", two.url, two.make_tokens(ada="ada:write")["ada"])
        for name, kind in (("lab/net", "model"), ("ada/rows", "dataset")):
            assert copy.run(bytes_of, name=name, kind=kind) == ada.run(bytes_of, name=name, kind=kind)
        assert copy.run(bytes_of, name="lab/net", revision="v1")["net.safetensors"] == LARGE
        two.command("fsck", "--deep")
        assert two.surprises() == []


def refused(hf, act):
    """Return the client's own words about what the hub refuses."""
    try:
        act()
    except (hf.errors.HfHubHTTPError, RuntimeError) as error:
        return str(error)
    raise AssertionError("it was not refused")


def test_the_client_tells_which_limit_was_reached(tmp_path, clients):
    with Server(tmp_path / "hub", HUBKEEP_QUOTAS__USER_REPOS="2") as hub:
        hub.add_users("ada")
        hub.command("user", "quota", "ada", "--bytes", "3MB")
        ada = clients.fresh("hub-2.4.0", hub.url, hub.make_tokens(ada="ada:write")["ada"])
        fits, over = noise(2_000_000, 401), noise(2_000_000, 402)

        def fill_up(hf, api):
            api.create_repo("ada/one")
            api.create_repo("ada/two")
            api.upload_file(path_or_fileobj=fits, path_in_repo="fits.bin", repo_id="ada/one")

            def too_much():
                api.upload_file(path_or_fileobj=over, path_in_repo="over.bin", repo_id="ada/one")

            return [
                refused(hf, lambda: api.create_repo("ada/three")),
                refused(hf, too_much),
                sorted(api.list_repo_files("ada/one")),
            ]

        one_more, too_large, files = ada.run(fill_up)
        assert "ada may have 2 repositories" in one_more
        assert "ada may store 3,000,000 bytes" in too_large
        assert "over.bin" not in files
        hub.command("user", "quota", "ada", "--bytes", "any")

        def goes_on(api):
            api.upload_file(path_or_fileobj=over, path_in_repo="over.bin", repo_id="ada/one")
            return [(one.id, one.storage) for one in api.list_user_repos()]

        stored = dict(ada.run(goes_on))
        assert stored["ada/one"] > 4_000_000
        assert hub.surprises() == []
