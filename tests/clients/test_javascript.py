"""@huggingface/hub under Node; the stories are in js/stories.mjs."""

import hashlib
from pathlib import Path

import pytest
from tests.clients.harness.content import mixed


def test_a_repository_is_created_found_and_deleted(node, repo):
    node("lifeOfARepository", repo=repo)


@pytest.mark.parametrize("use_xet", [True, False], ids=["by xet", "by LFS"])
def test_files_make_the_journey_and_python_reads_them(node, fresh, repo, use_xet):
    written = node("filesMakeTheJourney", repo=repo, useXet=use_xet)

    def read(api):
        return {
            name: hashlib.sha256(Path(api.hf_hub_download(repo, name)).read_bytes()).hexdigest()
            for name in written
        }

    assert fresh(None).run(read) == written


def test_files_are_downloaded_in_parallel_pieces(node, repo):
    node("filesMakeTheJourney", repo=repo, parallel=True)


def test_what_python_wrote_is_read(node, ada, repo):
    contents = {"large.bin": mixed(12_000_000, 91), "config.json": b"{}"}

    def write(hf, api):
        api.create_repo(repo)
        adds = [hf.CommitOperationAdd(name, data) for name, data in contents.items()]
        api.create_commit(repo, adds, commit_message="by Python")

    ada.run(write)
    read = node("whatPythonWroteIsRead", None, repo=repo, paths=list(contents))
    expected = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    assert read == {f"{name} {xet}": digest for name, digest in expected.items() for xet in ("true", "false")}


def test_a_commit_does_every_operation(node, repo):
    told = node("commitsDoEveryOperation", repo=repo)
    assert told["titles"][-3:] == ["second", "first", "initial commit"]
    assert told["message"] == "with a body"
    assert sorted(told["files"]) == [".gitattributes", "a.txt", "x", "x/y.txt"]


def test_an_edit_of_a_large_file_arrives(node, repo):
    node("editsSendOnlyWhatChanged", repo=repo)


def test_lists_and_people_are_understood(node, repo):
    told = node("listsAndPeople", repo=repo)
    assert told["me"] == "ada"
    assert told["orgs"] == ["lab"]
    assert told["models"] == [[repo, "fill-mask", "ada"]]
    assert "from-js" in told["tags"]
    assert told["sha"] == 40


def test_a_stranger_sees_nothing_of_a_private_repository(node, ada, repo):
    def create(api):
        api.create_repo(repo, private=True)
        api.upload_file(path_or_fileobj=b"# x\n", path_in_repo="README.md", repo_id=repo)

    ada.run(create)
    node("strangersSeeNothing", "eve", repo=repo)
    node("strangersSeeNothing", None, repo=repo)
