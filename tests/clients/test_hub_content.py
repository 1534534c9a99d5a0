"""The newest client: trees, histories, refs, and the large files of a repository."""

from pathlib import Path

import pytest
from tests.clients.harness.content import noise

KINDS = ["model", "dataset", "space", "kernel"]


def create(api, repo, kind="model"):
    api.create_repo(repo, repo_type=kind, **({"space_sdk": "static"} if kind == "space" else {}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_tree_tells_files_and_folders_with_sizes_and_last_commits(ada, repo, kind):
    large = noise(100_000, 1)

    def story(hf, api):
        create(api, repo, kind)
        here = {"repo_id": repo, "repo_type": kind}
        first = api.create_commit(
            operations=[
                hf.CommitOperationAdd("dir/a.txt", b"a"),
                hf.CommitOperationAdd("dir/sub/b.bin", large),
            ],
            commit_message="first",
            **here,
        )
        second = api.upload_file(path_or_fileobj=b"cc", path_in_repo="c.txt", commit_message="second", **here)
        top = {entry.path: entry for entry in api.list_repo_tree(**here)}
        assert {"dir", "c.txt", ".gitattributes"} <= set(top)
        assert "dir/a.txt" not in top
        assert type(top["dir"]).__name__ == "RepoFolder"
        everything = {entry.path: entry for entry in api.list_repo_tree(recursive=True, expand=True, **here)}
        assert {"dir", "dir/a.txt", "dir/sub", "dir/sub/b.bin", "c.txt"} <= set(everything)
        assert everything["dir/a.txt"].last_commit.oid == first.oid
        assert everything["dir"].last_commit.oid == first.oid
        assert (everything["c.txt"].last_commit.oid, everything["c.txt"].last_commit.title) == (
            second.oid,
            "second",
        )
        assert everything["c.txt"].size == 2
        assert everything["c.txt"].lfs is None
        big = everything["dir/sub/b.bin"]
        assert (big.size, big.lfs.size) == (len(large), len(large))
        assert 120 < big.lfs.pointer_size < 140
        assert len(big.xet_hash) == 64
        assert [entry.path for entry in api.list_repo_tree(path_in_repo="dir/sub", **here)] == [
            "dir/sub/b.bin"
        ]
        assert [
            entry.path for entry in api.list_repo_tree(path_in_repo="dir", revision=first.oid, **here)
        ] == ["dir/a.txt", "dir/sub"]
        with pytest.raises(hf.errors.RemoteEntryNotFoundError):
            list(api.list_repo_tree(path_in_repo="missing", **here))
        with pytest.raises(hf.errors.RevisionNotFoundError):
            list(api.list_repo_tree(revision="missing", **here))

    ada.run(story)


def test_a_tree_of_more_than_a_thousand_entries_comes_page_by_page(ada, repo):
    count = 2345

    def story(hf, api):
        create(api, repo)
        files = [hf.CommitOperationAdd(f"data/{n % 3}/{n:04}.txt", b"%d" % n) for n in range(count)]
        api.create_commit(repo, files, commit_message="many")
        expected = {f"data/{n % 3}/{n:04}.txt" for n in range(count)}
        listed = [entry.path for entry in api.list_repo_tree(repo, recursive=True)]
        assert len(listed) == len(set(listed))
        assert set(listed) == expected | {"data", "data/0", "data/1", "data/2", ".gitattributes"}
        expanded = list(api.list_repo_tree(repo, "data/1", expand=True))
        assert len(expanded) == len([name for name in expected if name.startswith("data/1/")])
        assert {entry.last_commit.title for entry in expanded} == {"many"}
        infos = api.get_paths_info(repo, sorted(expected)[:1200])
        assert [info.path for info in infos] == sorted(expected)[:1200]

    ada.run(story)


def test_paths_info_answers_in_order_and_leaves_out_what_is_not_there(ada, repo):
    def story(hf, api):
        create(api, repo)
        api.create_commit(
            repo,
            [hf.CommitOperationAdd(name, b"x") for name in ("b.txt", "a.txt", "dir/ü&=.txt")],
            commit_message="x",
        )
        found = api.get_paths_info(repo, ["dir/ü&=.txt", "missing", "b.txt", "dir", "a.txt"], expand=True)
        assert [info.path for info in found] == ["dir/ü&=.txt", "b.txt", "dir", "a.txt"]
        assert {info.last_commit.title for info in found} == {"x"}
        assert api.get_paths_info(repo, ["missing"]) == []

    ada.run(story)


def test_a_history_is_walked_to_its_end(ada, repo):
    count = 120

    def story(hf, api):
        create(api, repo)
        for n in range(count):
            api.create_commit(
                repo,
                [hf.CommitOperationAdd("n.txt", b"%d" % n)],
                commit_message=f"commit {n} <b>&",
                commit_description=f"body {n}",
            )
        commits = api.list_repo_commits(repo, formatted=True)
        assert [commit.title for commit in commits] == [
            f"commit {n} <b>&" for n in reversed(range(count))
        ] + ["initial commit"]
        assert commits[0].message == "body 119"
        assert commits[0].formatted_title
        assert len({commit.commit_id for commit in commits}) == count + 1
        older = api.list_repo_commits(repo, revision=commits[100].commit_id)
        assert [commit.commit_id for commit in older] == [commit.commit_id for commit in commits[100:]]

    ada.run(story)


@pytest.mark.parametrize("kind", KINDS)
def test_branches_and_tags_are_made_listed_and_deleted(ada, repo, kind):
    def story(hf, api):
        create(api, repo, kind)
        here = {"repo_id": repo, "repo_type": kind}
        start = api.repo_info(**here).sha
        done = api.upload_file(path_or_fileobj=b"1", path_in_repo="1.txt", **here)
        api.create_branch(branch="old", revision=start, **here)
        api.create_branch(branch="feat/x-ü", **here)
        api.create_tag(tag="v1.0", tag_message="The first", **here)
        api.create_tag(tag="from/start", revision=start[:8], **here)
        refs = api.list_repo_refs(**here)
        assert {b.name: b.target_commit for b in refs.branches} == {
            "main": done.oid,
            "old": start,
            "feat/x-ü": done.oid,
        }
        assert {t.name: t.target_commit for t in refs.tags} == {"v1.0": done.oid, "from/start": start}
        assert {t.ref for t in refs.tags} == {"refs/tags/v1.0", "refs/tags/from/start"}
        assert refs.converts == []
        assert api.list_repo_refs(include_pull_requests=True, **here).pull_requests == []
        assert "1.txt" not in api.list_repo_files(revision="from/start", **here)
        assert "1.txt" in api.list_repo_files(revision="v1.0", **here)
        assert api.repo_info(revision="feat/x-ü", **here).sha == done.oid
        for again in (
            lambda **more: api.create_branch(branch="old", **more),
            lambda **more: api.create_tag(tag="v1.0", **more),
        ):
            with pytest.raises(hf.errors.HfHubHTTPError) as refused:
                again(**here)
            assert refused.value.response.status_code == 409
            again(exist_ok=True, **here)
        api.delete_branch(branch="feat/x-ü", **here)
        api.delete_tag(tag="v1.0", **here)
        api.delete_tag(tag="from/start", **here)
        refs = api.list_repo_refs(**here)
        assert ({b.name for b in refs.branches}, refs.tags) == ({"main", "old"}, [])
        with pytest.raises(hf.errors.RevisionNotFoundError):
            api.repo_info(revision="v1.0", **here)

    ada.run(story)


def test_refs_that_cannot_be_made_or_deleted_are_refused(ada, repo):
    def story(hf, api):
        create(api, repo)
        errors = hf.errors
        with pytest.raises(errors.RevisionNotFoundError):
            api.create_branch(repo, branch="x", revision="missing")
        with pytest.raises(errors.RevisionNotFoundError):
            api.create_tag(repo, tag="x", revision="missing")
        with pytest.raises(errors.RevisionNotFoundError):
            api.delete_branch(repo, branch="missing")
        with pytest.raises(errors.RevisionNotFoundError):
            api.delete_tag(repo, tag="missing")
        for name in ("refs/heads/x", "refs/pr/1", "a..b", "x.lock"):
            with pytest.raises(errors.BadRequestError):
                api.create_branch(repo, branch=name)
        with pytest.raises(errors.HfHubHTTPError, match="Cannot delete refs/heads/main"):
            api.delete_branch(repo, branch="main")
        # A branch and a tag may share a name; deleting one leaves the other.
        api.create_branch(repo, branch="same")
        api.create_tag(repo, tag="same")
        api.delete_tag(repo, tag="same")
        with pytest.raises(errors.RevisionNotFoundError):
            api.delete_tag(repo, tag="same")
        assert "same" in {branch.name for branch in api.list_repo_refs(repo).branches}

    ada.run(story)


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_a_squash_leaves_one_commit_with_the_same_files(ada, repo, kind):
    large = noise(50_000, 3)

    def story(hf, api, tmp):
        create(api, repo, kind)
        here = {"repo_id": repo, "repo_type": kind}
        for n in range(3):
            api.upload_file(path_or_fileobj=large[n:], path_in_repo=f"{n}.bin", **here)
        before = sorted(api.list_repo_files(**here))
        old = api.repo_info(**here).sha
        api.create_branch(branch="kept", **here)
        api.super_squash_history(commit_message="One for all", **here)
        [only] = api.list_repo_commits(**here)
        assert only.title == "One for all"
        assert sorted(api.list_repo_files(**here)) == before
        assert Path(api.hf_hub_download(filename="2.bin", cache_dir=tmp, **here)).read_bytes() == large[2:]
        assert api.list_repo_commits(revision="kept", **here)[0].commit_id == old
        api.create_tag(tag="t", **here)
        with pytest.raises(hf.errors.HfHubHTTPError):
            api.super_squash_history(branch="t", **here)

    ada.run(story)


def test_large_files_are_listed_and_deleted_for_good(ada, repo):
    keep, drop = noise(60_000, 4), noise(70_000, 5)

    def story(hf, api, tmp):
        create(api, repo)
        api.create_commit(
            repo,
            [
                hf.CommitOperationAdd("keep.bin", keep),
                hf.CommitOperationAdd("drop.bin", drop),
                hf.CommitOperationAdd("a.txt", b"a"),
            ],
            commit_message="three",
        )
        api.upload_file(path_or_fileobj=b"b", path_in_repo="b.txt", repo_id=repo)
        listed = {file.filename: file for file in api.list_lfs_files(repo)}
        assert set(listed) == {"keep.bin", "drop.bin"}
        assert listed["drop.bin"].size == len(drop)
        api.permanently_delete_lfs_files(repo, [listed["drop.bin"]])
        assert {file.filename for file in api.list_lfs_files(repo)} == {"keep.bin"}
        assert sorted(api.list_repo_files(repo)) == [".gitattributes", "a.txt", "b.txt", "keep.bin"]
        assert Path(api.hf_hub_download(repo, "keep.bin", cache_dir=tmp)).read_bytes() == keep
        for commit in api.list_repo_commits(repo):
            assert "drop.bin" not in api.list_repo_files(repo, revision=commit.commit_id)
        # The same content may come again.
        api.upload_file(path_or_fileobj=drop, path_in_repo="again.bin", repo_id=repo)
        assert Path(api.hf_hub_download(repo, "again.bin", cache_dir=tmp)).read_bytes() == drop

    ada.run(story)


def test_what_one_may_not_write_one_may_not_rewrite(ada, eve, repo):
    def setup(api):
        create(api, repo)
        api.upload_file(path_or_fileobj=noise(10_000, 6), path_in_repo="x.bin", repo_id=repo)

    def attempts(hf, api):
        calls = [
            lambda: api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo),
            lambda: api.upload_file(path_or_fileobj=noise(10_000, 7), path_in_repo="y.bin", repo_id=repo),
            lambda: api.create_branch(repo, branch="x"),
            lambda: api.create_tag(repo, tag="x"),
            lambda: api.delete_branch(repo, branch="main"),
            lambda: api.super_squash_history(repo),
            lambda: api.permanently_delete_lfs_files(repo, list(api.list_lfs_files(repo))),
        ]
        for call in calls:
            with pytest.raises(hf.errors.HfHubHTTPError) as refused:
                call()
            assert refused.value.response.status_code == 403

    def unchanged(api):
        return len(api.list_repo_commits(repo)), len(list(api.list_lfs_files(repo)))

    ada.run(setup)
    eve.run(attempts)
    assert ada.run(unchanged) == (2, 1)
