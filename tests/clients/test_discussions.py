"""The newest client: discussions and pull requests."""

from pathlib import Path

import pytest
from tests.clients.harness.content import noise

LARGE = noise(300_000, 121)


@pytest.fixture
def made(ada, repo):
    """A public model of ada's with one file."""

    def create(api):
        api.create_repo(repo)
        api.upload_file(path_or_fileobj=b"one\ntwo\n", path_in_repo="a.txt", repo_id=repo)

    ada.run(create)
    return repo


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_people_discuss(ada, eve, repo, kind):
    here = {"repo_id": repo, "repo_type": kind}

    def create(api):
        api.create_repo(**here, **({"space_sdk": "static"} if kind == "space" else {}))

    def ask(api):
        opened = api.create_discussion(title="A question", description="Why *so*?", **here)
        assert (opened.num, opened.title, opened.status, opened.author) == (1, "A question", "open", "eve")
        assert (opened.is_pull_request, opened.git_reference) == (False, None)
        said = api.comment_discussion(discussion_num=1, comment="Anybody?", **here)
        assert said.content == "Anybody?"
        edited = api.edit_discussion_comment(
            discussion_num=1, comment_id=said.id, new_content="Anybody here?", **here
        )
        assert (edited.content, edited.edited) == ("Anybody here?", True)
        api.rename_discussion(discussion_num=1, new_title="A better question", **here)

    def answer(hf, api):
        api.comment_discussion(discussion_num=1, comment="Because.", **here)
        api.change_discussion_status(discussion_num=1, new_status="closed", comment="Solved", **here)
        told = api.get_discussion_details(discussion_num=1, **here)
        assert (told.title, told.status) == ("A better question", "closed")
        comments = [(event.author, event.content) for event in told.events if event.type == "comment"]
        assert comments == [
            ("eve", "Why *so*?"),
            ("eve", "Anybody here?"),
            ("ada", "Because."),
            ("ada", "Solved"),
        ]
        assert [event.new_status for event in told.events if event.type == "status-change"] == ["closed"]
        assert [(e.old_title, e.new_title) for e in told.events if event_is_title(e)] == [
            ("A question", "A better question")
        ]
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.get_discussion_details(discussion_num=7, **here)
        assert refused.value.response.status_code == 404

    def hide(api):
        told = api.get_discussion_details(discussion_num=1, **here)
        mine = [event for event in told.events if event.type == "comment" and event.author == "eve"][-1]
        assert api.hide_discussion_comment(discussion_num=1, comment_id=mine.id, **here).hidden
        assert "Anybody here?" not in str(api.get_discussion_details(discussion_num=1, **here))

    def event_is_title(event):
        return event.type == "title-change"

    ada.run(create)
    eve.run(ask)
    ada.run(answer)
    eve.run(hide)


def test_discussions_are_listed_by_kind_status_and_author(ada, eve, nobody, made):
    def fill(api):
        for n in range(60):
            api.create_discussion(made, f"number {n}")
        api.change_discussion_status(made, 3, "closed")
        api.create_pull_request(made, "a change")

    def look(api):
        found = list(api.get_repo_discussions(made))
        assert len({discussion.num for discussion in found}) == 61
        assert [d.num for d in api.get_repo_discussions(made, discussion_status="closed")] == [3]
        assert [d.title for d in api.get_repo_discussions(made, discussion_type="pull_request")] == [
            "a change"
        ]
        assert len(list(api.get_repo_discussions(made, discussion_type="discussion", author="eve"))) == 60
        assert list(api.get_repo_discussions(made, author="ada")) == []

    eve.run(fill)
    nobody.run(look)


def test_a_stranger_proposes_a_change_and_the_owner_merges_it(ada, eve, fresh, made):
    def propose(hf, api):
        operations = [hf.CommitOperationAdd("a.txt", b"one\n2\n"), hf.CommitOperationAdd("l.bin", LARGE)]
        done = api.create_commit(
            made, operations, commit_message="Improve it", commit_description="Much.", create_pr=True
        )
        assert (done.pr_num, done.pr_revision) == (1, "refs/pr/1")
        assert done.pr_url == f"{api.endpoint}/{made}/discussions/1"
        told = api.get_discussion_details(made, 1)
        assert (told.title, told.status, told.is_pull_request) == ("Improve it", "open", True)
        assert (told.target_branch, told.conflicting_files, told.merge_commit_oid) == (
            "refs/heads/main",
            [],
            None,
        )
        assert "+2" in told.diff
        # More work on the same pull request.
        api.upload_file(path_or_fileobj=b"more", path_in_repo="more.txt", repo_id=made, revision="refs/pr/1")
        assert "more.txt" in api.list_repo_files(made, revision="refs/pr/1")
        assert "more.txt" not in api.list_repo_files(made)
        assert [ref.ref for ref in api.list_repo_refs(made, include_pull_requests=True).pull_requests] == [
            "refs/pr/1"
        ]
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.merge_pull_request(made, 1)
        assert refused.value.response.status_code == 403

    def merge(api):
        api.merge_pull_request(made, 1, comment="Thank you")
        told = api.get_discussion_details(made, 1)
        assert told.status == "merged"
        assert told.merge_commit_oid == api.model_info(made).sha

    def read(api):
        names = {"a.txt": b"one\n2\n", "l.bin": LARGE, "more.txt": b"more"}
        return {name: Path(api.hf_hub_download(made, name)).read_bytes() for name in names} == names

    eve.run(propose)
    ada.run(merge)
    assert fresh(None).run(read)


def test_a_folder_is_proposed_in_several_commits(ada, eve, made):
    def propose(api, tmp):
        folder = tmp / "f"
        folder.mkdir()
        (folder / "README.md").write_text("---\nlicense: mit\n---\n# x\n")
        (folder / "l.bin").write_bytes(LARGE)
        for n in range(280):
            (folder / f"{n}.txt").write_bytes(b"%d" % n)
        done = api.upload_folder(repo_id=made, folder_path=folder, create_pr=True)
        assert done.pr_num == 1
        assert len(api.list_repo_files(made, revision="refs/pr/1")) == 284
        assert len(api.list_repo_commits(made, revision="refs/pr/1")) == 4
        assert len(api.list_repo_commits(made)) == 2

    def merge(api):
        api.change_discussion_status(made, 1, "open")
        api.merge_pull_request(made, 1)
        return len(api.list_repo_files(made))

    eve.run(propose)
    assert ada.run(merge) == 284


def test_a_proposal_without_xet_travels_by_lfs(ada, fresh, made):
    def propose(api):
        api.upload_file(path_or_fileobj=LARGE, path_in_repo="l.bin", repo_id=made, create_pr=True)

    def merge(api):
        api.merge_pull_request(made, 1)

    def read(api):
        return Path(api.hf_hub_download(made, "l.bin")).read_bytes() == LARGE

    fresh("eve", HF_HUB_DISABLE_XET="1").run(propose)
    ada.run(merge)
    assert fresh(None).run(read)


def test_a_conflict_is_named_and_not_merged(ada, eve, made):
    def propose(api):
        api.upload_file(path_or_fileobj=b"hers\n", path_in_repo="a.txt", repo_id=made, create_pr=True)

    def merge(hf, api):
        api.upload_file(path_or_fileobj=b"mine\n", path_in_repo="a.txt", repo_id=made)
        assert api.get_discussion_details(made, 1).conflicting_files == ["a.txt"]
        sha = api.model_info(made).sha
        with pytest.raises(hf.errors.HfHubHTTPError, match="onflict"):
            api.merge_pull_request(made, 1)
        assert api.model_info(made).sha == sha
        api.change_discussion_status(made, 1, "closed")
        assert api.get_discussion_details(made, 1).status == "closed"

    eve.run(propose)
    ada.run(merge)


def test_a_draft_is_filled_by_git_and_merged(ada, git, eve, made):
    def draft(api):
        opened = api.create_pull_request(made, "By git")
        return opened.status, opened.git_reference

    assert eve.run(draft) == ("draft", "refs/pr/1")
    hers = git("eve")
    clone = hers.clone(made)
    hers("fetch", "origin", "refs/pr/1:pr", cwd=clone)
    hers("checkout", "-q", "pr", cwd=clone)
    (clone / "g.bin").write_bytes(LARGE)
    hers.commit_all(clone, "From git")
    hers("push", "origin", "pr:refs/pr/1", cwd=clone)

    def merge(api):
        told = api.get_discussion_details(made, 1)
        assert any(event.type == "commit" and event.summary == "From git" for event in told.events)
        api.change_discussion_status(made, 1, "open")
        api.merge_pull_request(made, 1)
        return api.get_paths_info(made, "g.bin")[0].size

    assert ada.run(merge) == len(LARGE)


def test_a_private_repository_has_no_discussions_for_strangers(ada, eve, nobody, repo):
    def create(api):
        api.create_repo(repo, private=True)
        api.create_discussion(repo, "Hidden")

    def look(hf, api):
        calls = [
            lambda: list(api.get_repo_discussions(repo)),
            lambda: api.get_discussion_details(repo, 1),
            lambda: api.create_discussion(repo, "x", description="y"),
            lambda: api.comment_discussion(repo, 1, "x"),
            lambda: api.create_pull_request(repo, "x"),
        ]
        for call in calls:
            with pytest.raises(hf.errors.RepositoryNotFoundError):
                call()

    ada.run(create)
    eve.run(look)
    nobody.run(look)


@pytest.mark.parametrize("venv", ["hub-1.33.0", "hub-0.36.2"])
def test_older_clients_propose_too(ada, fresh, made, venv):
    def propose(api):
        done = api.upload_file(path_or_fileobj=LARGE, path_in_repo="old.bin", repo_id=made, create_pr=True)
        assert api.get_discussion_details(made, 1).title == "Upload old.bin with huggingface_hub"
        return done.pr_num

    def merge(api):
        api.merge_pull_request(made, 1)
        return sorted(api.list_repo_files(made))

    assert fresh("eve", venv).run(propose) == 1
    assert ada.run(merge) == [".gitattributes", "a.txt", "old.bin"]
