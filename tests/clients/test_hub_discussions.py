"""The newest client: discussions and pull requests. Ada owns the repository, Eve can only read it."""

import io
import os
from pathlib import Path

import pytest

BIG = 11_000_000  # bytes: over the limit of ordinary git files, so these travel as large ones


@pytest.fixture
def shared(ada, repo):
    """A public model of Ada's."""
    ada.run(lambda api: api.create_repo(repo) and None)
    return repo


def test_a_discussion_from_its_opening_to_its_end(ada, eve, shared):
    def ask(api):
        made = api.create_discussion(shared, "  How big is it? ", description="In bytes")
        assert (made.num, made.title, made.author, made.status) == (1, "How big is it?", "eve", "open")
        assert made.url == f"{api.endpoint}/{shared}/discussions/1"
        assert made.git_reference is None
        assert made.conflicting_files is None
        assert made.events[0].content == "In bytes"
        assert "In bytes" in made.events[0].rendered

    def answer(hf, api):
        comment = api.comment_discussion(shared, 1, "Very")
        edited = api.edit_discussion_comment(shared, 1, comment.id.upper(), "Very big")
        assert (edited.content, edited.edited, edited.number_of_edits) == ("Very big", True, 1)
        assert edited.last_edited_by == "ada"
        assert edited.last_edited_at >= comment.created_at
        assert edited.edit_history[0]["raw"] == "Very"
        with pytest.warns(UserWarning, match="irreversible"):
            hidden = api.hide_discussion_comment(shared, 1, comment.id)
        assert (hidden.hidden, hidden.content) == (True, "")
        renamed = api.rename_discussion(shared, 1, "How large is it?")
        assert (renamed.old_title, renamed.new_title) == ("How big is it?", "How large is it?")
        closed = api.change_discussion_status(shared, 1, "closed", comment="Enough")
        assert closed.new_status == "closed"
        kinds = [event.type for event in api.get_discussion_details(shared, 1).events]
        assert kinds == ["comment", "comment", "title-change", "comment", "status-change"]
        with pytest.raises(hf.errors.HfHubHTTPError):
            api.get_discussion_details(shared, 2)

    eve.run(ask)
    ada.run(answer)


def test_lists_are_filtered_and_followed_over_pages(ada, eve, shared):
    def open_many(api):
        for number in range(55):
            api.create_discussion(shared, f"Topic {number}")
        api.create_pull_request(shared, "A proposal")
        api.change_discussion_status(shared, 1, "closed")

    def story(api):
        def nums(**query):
            return [found.num for found in api.get_repo_discussions(shared, **query)]

        assert nums() == list(range(56, 0, -1))
        assert nums(discussion_type="pull_request") == [56]
        assert nums(discussion_status="closed") == [1]
        assert len(nums(discussion_type="discussion", discussion_status="open")) == 54
        assert nums(author="ada") == []
        assert len(nums(author="eve")) == 56
        found = next(api.get_repo_discussions(shared))
        assert (found.author, found.is_pull_request, found.status) == ("eve", True, "draft")
        assert (found.repo_id, found.repo_type) == (shared, "model")

    eve.run(open_many)
    ada.run(story)


def test_a_draft_is_filled_published_and_merged(ada, eve, shared):
    def propose(hf, api):
        made = api.create_pull_request(shared, "Add a file", description="Please")
        assert (made.status, made.git_reference, made.target_branch) == (
            "draft",
            "refs/pr/1",
            "refs/heads/main",
        )
        assert (made.conflicting_files, made.merge_commit_oid) == ([], None)
        done = api.create_commit(
            shared,
            [hf.CommitOperationAdd("a.txt", b"hello\n")],
            commit_message="Add a",
            revision="refs/pr/1",
        )
        assert "a.txt" in api.list_repo_files(shared, revision="refs/pr/1")
        assert "a.txt" not in api.list_repo_files(shared)
        details = api.get_discussion_details(shared, 1)
        assert (details.events[-1].type, details.events[-1].summary) == ("commit", "Add a")
        assert details.events[-1].oid == done.oid
        assert "+hello" in details.diff
        with pytest.raises(hf.errors.HfHubHTTPError):
            api.merge_pull_request(shared, 1)
        api.change_discussion_status(shared, 1, "open")

    def merge(api):
        api.merge_pull_request(shared, 1, comment="Thank you")
        details = api.get_discussion_details(shared, 1)
        assert details.status == "merged"
        assert details.merge_commit_oid == api.model_info(shared).sha
        assert "a.txt" in api.list_repo_files(shared)
        assert api.list_repo_commits(shared)[0].title == "Add a file (#1)"

    eve.run(propose)
    ada.run(merge)


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_a_reader_proposes_with_an_upload(ada, eve, repo, kind):
    def create(api):
        api.create_repo(repo, repo_type=kind, space_sdk="static" if kind == "space" else None)

    def propose(hf, api):
        done = api.upload_file(
            path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo, repo_type=kind, create_pr=True
        )
        assert (done.pr_num, done.pr_revision) == (1, "refs/pr/1")
        assert api.get_discussion_details(repo, 1, repo_type=kind).status == "open"
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo, repo_type=kind)
        assert refused.value.response.status_code == 403

    def merge(api):
        api.merge_pull_request(repo, 1, repo_type=kind)
        assert "x.txt" in api.list_repo_files(repo, repo_type=kind)

    ada.run(create)
    eve.run(propose)
    ada.run(merge)


def test_large_files_travel_by_xet_and_by_lfs_into_a_proposal(ada, eve, shared):
    def propose(hf, api):
        by_xet, by_lfs, later = (os.urandom(BIG) for _ in range(3))
        done = api.create_commit(
            shared, [hf.CommitOperationAdd("xet.bin", by_xet)], commit_message="One", create_pr=True
        )
        api.create_commit(
            shared,
            [hf.CommitOperationAdd("lfs.bin", io.BytesIO(by_lfs))],
            commit_message="Two",
            revision=done.pr_revision,
        )
        api.create_commit(
            shared,
            [hf.CommitOperationAdd("later.bin", later)],
            commit_message="Three",
            revision=done.pr_revision,
        )
        for name, content in (("xet.bin", by_xet), ("lfs.bin", by_lfs), ("later.bin", later)):
            path = api.hf_hub_download(shared, name, revision=done.pr_revision)
            assert Path(path).read_bytes() == content

    def merge(api):
        api.merge_pull_request(shared, 1)
        assert {"xet.bin", "lfs.bin", "later.bin"} <= set(api.list_repo_files(shared))
        api.hf_hub_download(shared, "xet.bin")

    eve.run(propose)
    ada.run(merge)


def test_a_folder_becomes_one_proposal_however_many_commits_it_takes(ada, eve, shared):
    def propose(api, tmp):
        (tmp / "sub").mkdir()
        for number in range(300):
            (tmp / "sub" / f"{number}.txt").write_text(str(number))
        (tmp / "README.md").write_text("---\nlicense: mit\n---\n# A model\n")
        done = api.upload_folder(folder_path=tmp, repo_id=shared, create_pr=True, commit_message="A folder")
        return done.pr_num, api.get_discussion_details(shared, done.pr_num).status

    def merge(api, num):
        if api.get_discussion_details(shared, num).status == "draft":
            api.change_discussion_status(shared, num, "open")
        api.merge_pull_request(shared, num)
        assert len(api.list_repo_files(shared)) == 302
        assert "license:mit" in api.model_info(shared).tags

    num, _ = eve.run(propose)
    assert num == 1
    ada.run(merge, num=num)


def test_cards_are_proposed(ada, eve, shared):
    def propose(hf):
        hf.ModelCard("---\nlicense: apache-2.0\n---\n# Card\n").push_to_hub(shared, create_pr=True)
        hf.metadata_update(shared, {"tags": ["proposed"]}, create_pr=True)

    def story(api):
        refs = api.list_repo_refs(shared, include_pull_requests=True)
        assert [ref.ref for ref in refs.pull_requests] == ["refs/pr/1", "refs/pr/2"]
        assert api.list_repo_refs(shared).pull_requests is None
        assert "proposed" in api.model_info(shared, revision="refs/pr/2").tags
        api.merge_pull_request(shared, 1)
        assert "license:apache-2.0" in api.model_info(shared).tags

    eve.run(propose)
    ada.run(story)


def test_a_conflict_is_named_and_refused(ada, eve, shared):
    def propose(api):
        api.upload_file(path_or_fileobj=b"hers\n", path_in_repo="a", repo_id=shared, create_pr=True)

    def story(hf, api):
        api.upload_file(path_or_fileobj=b"mine\n", path_in_repo="a", repo_id=shared)
        assert api.get_discussion_details(shared, 1).conflicting_files == ["a"]
        with pytest.raises(hf.errors.HfHubHTTPError, match="conflicts with main: a"):
            api.merge_pull_request(shared, 1)

    eve.run(propose)
    ada.run(story)


def test_discussions_of_a_private_repository_look_missing(ada, eve, nobody, repo):
    def create(api):
        api.create_repo(repo, private=True)
        api.create_discussion(repo, "A secret")

    def look(hf, api):
        for ask in (
            lambda: list(api.get_repo_discussions(repo)),
            lambda: api.get_discussion_details(repo, 1),
            lambda: api.create_discussion(repo, "Hello?"),
            lambda: api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id=repo, create_pr=True),
        ):
            with pytest.raises(hf.errors.RepositoryNotFoundError):
                ask()

    ada.run(create)
    eve.run(look)
    nobody.run(look)


def test_git_pushes_to_a_proposal(ada, eve, git, shared):
    def propose(api):
        api.upload_file(path_or_fileobj=b"1\n", path_in_repo="a", repo_id=shared, create_pr=True)

    def last_event(api):
        event = api.get_discussion_details(shared, 1).events[-1]
        return event.type, event.summary, event.author

    eve.run(propose)
    hers = git("eve")
    clone = hers.clone(shared)
    hers("fetch", "origin", "refs/pr/1:proposal", cwd=clone)
    hers("checkout", "proposal", cwd=clone)
    (clone / "b").write_text("2\n")
    hers.commit_all(clone, "By git")
    hers("push", "origin", "HEAD:refs/pr/1", cwd=clone)
    assert ada.run(last_event) == ("commit", "By git", "eve")
    hers("push", "origin", "HEAD:refs/heads/mine", cwd=clone, ok=False)
    hers("push", "origin", "HEAD:refs/pr/2", cwd=clone, ok=False)


def test_every_call_about_a_repository_that_is_not_there_is_the_documented_error(ada):
    def story(hf, api):
        gone, comment = "ada/there-is-none", "0" * 24
        for ask in (
            lambda: list(api.get_repo_discussions(gone)),
            lambda: api.get_discussion_details(gone, 1),
            lambda: api.create_discussion(gone, "Hello?"),
            lambda: api.create_pull_request(gone, "Hello?"),
            lambda: api.comment_discussion(gone, 1, "Hello?"),
            lambda: api.rename_discussion(gone, 1, "Hello?"),
            lambda: api.change_discussion_status(gone, 1, "closed"),
            lambda: api.merge_pull_request(gone, 1),
            lambda: api.edit_discussion_comment(gone, 1, comment, "Hello?"),
            lambda: api.hide_discussion_comment(gone, 1, comment),
            lambda: api.unlike(gone),
            lambda: list(api.list_repo_likers(gone)),
        ):
            with pytest.raises(hf.errors.RepositoryNotFoundError):
                ask()

    ada.run(story)


def test_what_is_missing_or_not_ones_own_is_refused_with_its_status(ada, eve, shared):
    def open_one(api):
        made = api.create_discussion(shared, "A question", description="Why?")
        assert made.created_at.tzinfo is not None
        assert made.events[0].created_at.tzinfo is not None
        return made.events[0].id

    def look(hf, api, comment):
        for ask, status in (
            (lambda: api.get_discussion_details(shared, 9), 404),
            (lambda: api.comment_discussion(shared, 9, "Hello?"), 404),
            (lambda: api.edit_discussion_comment(shared, 1, "0" * 24, "Hello?"), 404),
            (lambda: api.edit_discussion_comment(shared, 1, comment, "Mine"), 403),
            (lambda: api.hide_discussion_comment(shared, 1, comment), 403),
            (lambda: api.rename_discussion(shared, 1, "Mine"), 403),
            (lambda: api.change_discussion_status(shared, 1, "closed"), 403),
            (lambda: api.merge_pull_request(shared, 1), 400),
            (lambda: api.create_discussion(shared, "x"), 400),
            (lambda: api.create_discussion(shared, "x" * 201), 400),
            (lambda: api.comment_discussion(shared, 1, "x" * 65_537), 400),
        ):
            with pytest.raises(hf.errors.HfHubHTTPError) as refused:
                ask()
            assert not isinstance(refused.value, hf.errors.RepositoryNotFoundError)
            assert refused.value.response.status_code == status, refused.value
            assert refused.value.server_message, refused.value

    eve.run(look, comment=ada.run(open_one))
