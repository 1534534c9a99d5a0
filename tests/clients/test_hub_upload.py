"""The newest client: uploads, commits and everything that a commit can do."""

import io
from pathlib import Path

import pytest
from tests.clients.harness.content import mixed, noise

SMALL = "Grüße,\nein Text.\n".encode()
LARGE = noise(2_000_000, 1)


def content_of(api, hf, repo, name, cache, **where):
    """Return a file's bytes as a user with an empty cache gets them."""
    return Path(api.hf_hub_download(repo, name, cache_dir=cache, force_download=True, **where)).read_bytes()


@pytest.mark.parametrize("kind", ["model", "dataset", "space", "kernel"])
@pytest.mark.parametrize("given", ["bytes", "path", "BytesIO", "open file"])
def test_a_file_arrives_bit_for_bit_however_it_is_given(ada, repo, kind, given):
    def story(hf, api, tmp):
        api.create_repo(repo, repo_type=kind, **({"space_sdk": "static"} if kind == "space" else {}))
        for name, content in {"small.txt": SMALL, "deep/er/large.bin": LARGE, "empty.txt": b""}.items():
            (tmp / "it").write_bytes(content)
            source = {"bytes": content, "path": tmp / "it", "BytesIO": io.BytesIO(content)}.get(given)
            with (tmp / "it").open("rb") as opened:
                done = api.upload_file(
                    path_or_fileobj=source if source is not None else opened,
                    path_in_repo=name,
                    repo_id=repo,
                    repo_type=kind,
                )
            assert done.commit_message == f"Upload {name} with huggingface_hub"
            assert api.repo_info(repo, repo_type=kind).sha == done.oid
            assert content_of(api, hf, repo, name, tmp / "cache", repo_type=kind) == content
        [info] = api.get_paths_info(repo, "deep/er/large.bin", repo_type=kind)
        assert info.size == info.lfs.size == len(LARGE)

    ada.run(story)


@pytest.mark.parametrize(
    "name",
    [
        "a b.txt",
        "ü/ß.txt",
        "100%.txt",
        "a#b?c=d&e.txt",
        "a+b.txt",
        "[x](y).txt",
        "日本語.md",
        "..x",
        "a..b/c",
    ],
)
def test_any_name_of_a_file_survives_the_journey(ada, repo, name):
    def story(hf, api, tmp):
        api.create_repo(repo)
        api.upload_file(path_or_fileobj=SMALL, path_in_repo=name, repo_id=repo)
        assert name in api.list_repo_files(repo)
        assert api.file_exists(repo, name)
        assert [info.path for info in api.get_paths_info(repo, [name])] == [name]
        assert content_of(api, hf, repo, name, tmp) == SMALL
        if "/" in name:
            folder = name.rpartition("/")[0]
            assert [entry.path for entry in api.list_repo_tree(repo, folder)] == [name]
        api.delete_file(name, repo)
        assert not api.file_exists(repo, name)

    ada.run(story)


def test_a_commit_carries_its_message_description_and_author(ada, bob, hub, repo):
    def story(hf, api):
        api.create_repo(repo)
        done = api.create_commit(
            repo,
            [hf.CommitOperationAdd("a.txt", b"a")],
            commit_message="Add Ä",
            commit_description="Line one.\n\nLine two: ü.",
        )
        assert done.commit_url == f"{api.endpoint}/{repo}/commit/{done.oid}"
        newest = api.list_repo_commits(repo)[0]
        assert (newest.commit_id, newest.title, newest.authors) == (done.oid, "Add Ä", ["ada"])
        assert newest.message == "Line one.\n\nLine two: ü."
        assert abs((api.model_info(repo).last_modified - newest.created_at).total_seconds()) < 5

    ada.run(story)


def test_one_commit_does_every_operation_at_once(ada, repo):
    def story(hf, api, tmp):
        api.create_repo(repo)
        first = {
            "keep.txt": b"keep",
            "change.txt": b"old",
            "go.txt": b"go",
            "dir/a.txt": b"a",
            "dir/b/c.bin": LARGE,
            "big.bin": LARGE[:100_000],
        }
        api.create_commit(
            repo, [hf.CommitOperationAdd(name, data) for name, data in first.items()], commit_message="first"
        )
        done = api.create_commit(
            repo,
            [
                hf.CommitOperationAdd("change.txt", b"new"),
                hf.CommitOperationAdd("made/here.bin", noise(50_000, 2)),
                hf.CommitOperationDelete("go.txt"),
                hf.CommitOperationDelete("dir/"),
                hf.CommitOperationCopy("big.bin", "copied/big.bin"),
                hf.CommitOperationCopy("keep.txt", "copied/keep.txt"),
            ],
            commit_message="everything",
        )
        assert len(api.list_repo_commits(repo)) == 3
        expected = {
            "keep.txt": b"keep",
            "change.txt": b"new",
            "made/here.bin": noise(50_000, 2),
            "big.bin": LARGE[:100_000],
            "copied/big.bin": LARGE[:100_000],
            "copied/keep.txt": b"keep",
        }
        assert set(api.list_repo_files(repo)) == {".gitattributes", *expected}
        for name, data in expected.items():
            assert content_of(api, hf, repo, name, tmp, revision=done.oid) == data
        # The past is as it was.
        assert (
            content_of(api, hf, repo, "change.txt", tmp, revision=api.list_repo_commits(repo)[1].commit_id)
            == b"old"
        )

    ada.run(story)


@pytest.mark.parametrize("kinds", [("model", "dataset"), ("dataset", "model"), ("model", "kernel")])
def test_files_are_copied_across_repositories(ada, eve, repo, kinds):
    source_kind, kind = kinds
    there = f"eve/{repo.partition('/')[2]}"

    def source(hf, api):
        api.create_repo(repo, repo_type=source_kind)
        adds = [hf.CommitOperationAdd("large.bin", LARGE), hf.CommitOperationAdd("small.txt", SMALL)]
        api.create_commit(repo, adds, commit_message="source", repo_type=source_kind)

    def copy(hf, api, tmp):
        api.create_repo(there, repo_type=kind)
        wanted = {"in/large.bin": "large.bin", "in/small.txt": "small.txt"}
        copies = [
            hf.CommitOperationCopy(src, dst, src_repo_id=repo, src_repo_type=source_kind)
            for dst, src in wanted.items()
        ]
        api.create_commit(there, copies, commit_message="copies", repo_type=kind)
        assert content_of(api, hf, there, "in/large.bin", tmp, repo_type=kind) == LARGE
        assert content_of(api, hf, there, "in/small.txt", tmp, repo_type=kind) == SMALL
        if kind != "kernel":
            prefix = {"model": "", "dataset": "datasets/"}
            api.copy_files(f"hf://{prefix[source_kind]}{repo}/", f"hf://{prefix[kind]}{there}/whole/")
            assert content_of(api, hf, there, "whole/large.bin", tmp, repo_type=kind) == LARGE

    ada.run(source)
    eve.run(copy)


def test_a_copy_from_a_repository_that_one_may_not_read_is_refused(ada, eve, repo):
    def source(hf, api):
        api.create_repo(repo, private=True)
        api.upload_file(path_or_fileobj=LARGE, path_in_repo="large.bin", repo_id=repo)
        return api.get_paths_info(repo, "large.bin")[0].lfs.sha256

    def copy(hf, api):
        mine = api.create_repo("eve/mine", exist_ok=True).repo_id
        with pytest.raises(hf.errors.RepositoryNotFoundError):
            api.create_commit(
                mine,
                [hf.CommitOperationCopy("large.bin", "x.bin", src_repo_id=repo, src_repo_type="model")],
                commit_message="theft",
            )
        assert not api.file_exists(mine, "x.bin")

    ada.run(source)
    eve.run(copy)


def test_a_commit_onto_a_tip_that_moved_is_refused(ada, repo):
    def story(hf, api):
        api.create_repo(repo)
        old = api.model_info(repo).sha
        done = api.upload_file(path_or_fileobj=b"1", path_in_repo="a.txt", repo_id=repo, parent_commit=old)
        with pytest.raises(hf.errors.HfHubHTTPError, match="Please refresh and try again") as refused:
            api.upload_file(path_or_fileobj=b"2", path_in_repo="a.txt", repo_id=repo, parent_commit=old)
        assert refused.value.response.status_code == 412
        assert api.model_info(repo).sha == done.oid
        # A short id of the tip is enough.
        api.upload_file(path_or_fileobj=b"3", path_in_repo="a.txt", repo_id=repo, parent_commit=done.oid[:7])
        assert len(api.list_repo_commits(repo)) == 3

    ada.run(story)


def test_a_file_that_did_not_change_makes_no_commit(ada, repo):
    def story(hf, api):
        api.create_repo(repo)
        contents = {"small.txt": SMALL, "large.bin": LARGE}
        adds = [hf.CommitOperationAdd(name, data) for name, data in contents.items()]
        done = api.create_commit(repo, adds, commit_message="once")
        again = api.create_commit(
            repo,
            [hf.CommitOperationAdd(name, data) for name, data in contents.items()],
            commit_message="twice",
        )
        assert again.oid == done.oid
        assert [commit.title for commit in api.list_repo_commits(repo)] == ["once", "initial commit"]
        # One that changed and one that did not: a commit, and both are right.
        api.create_commit(
            repo,
            [hf.CommitOperationAdd("small.txt", b"new"), hf.CommitOperationAdd("large.bin", LARGE)],
            commit_message="thrice",
        )
        assert len(api.list_repo_commits(repo)) == 3

    ada.run(story)


def test_deleting_what_is_not_there_is_refused_and_changes_nothing(ada, repo):
    def story(hf, api):
        api.create_repo(repo)
        sha = api.model_info(repo).sha
        with pytest.raises(hf.errors.EntryNotFoundError, match="A file with this name doesn't exist"):
            api.create_commit(
                repo,
                [hf.CommitOperationAdd("a.txt", b"a"), hf.CommitOperationDelete("b.txt")],
                commit_message="x",
            )
        with pytest.raises(hf.errors.EntryNotFoundError):
            api.delete_folder("no/such", repo)
        assert api.model_info(repo).sha == sha

    ada.run(story)


def test_files_and_folders_are_deleted_by_name_and_by_pattern(ada, repo):
    def story(hf, api):
        api.create_repo(repo)
        names = ["a.txt", "b.txt", "b.json", "dir/a.txt", "dir/deep/b.txt", "other/a.txt"]
        api.create_commit(
            repo, [hf.CommitOperationAdd(name, name.encode()) for name in names], commit_message="six"
        )
        api.delete_file("a.txt", repo)
        api.delete_folder("dir", repo)
        done = api.delete_files(repo, ["*.txt"])
        assert done.commit_message.startswith("Delete files *.txt")
        assert api.list_repo_files(repo) == [".gitattributes", "b.json"]
        assert [c.title for c in api.list_repo_commits(repo)][1:3] == [
            "Delete folder dir with huggingface_hub",
            "Delete a.txt with huggingface_hub",
        ]

    ada.run(story)


def test_a_commit_to_a_branch_leaves_main_alone(ada, repo):
    def story(hf, api, tmp):
        api.create_repo(repo)
        api.create_branch(repo, branch="dev/ü-x")
        done = api.upload_file(path_or_fileobj=LARGE, path_in_repo="l.bin", repo_id=repo, revision="dev/ü-x")
        assert api.list_repo_files(repo) == [".gitattributes"]
        assert content_of(api, hf, repo, "l.bin", tmp, revision="dev/ü-x") == LARGE
        assert content_of(api, hf, repo, "l.bin", tmp, revision=done.oid) == LARGE
        with pytest.raises(hf.errors.RevisionNotFoundError):
            api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id=repo, revision="missing")

    ada.run(story)


@pytest.mark.parametrize("path", ["../x.txt", "a/../../x", ".git/config", "a/.git/hooks/x"])
def test_paths_that_leave_the_repository_are_refused(ada, repo, path):
    def story(hf, api):
        api.create_repo(repo)
        operation = hf.CommitOperationAdd("fine.txt", b"x")
        operation.path_in_repo = path  # past the client's own check
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.create_commit(repo, [operation], commit_message="x")
        assert refused.value.response.status_code in (400, 422)
        assert api.list_repo_files(repo) == [".gitattributes"]

    ada.run(story)


def test_a_folder_goes_up_with_its_readme_its_gitignore_and_in_several_commits(ada, repo):
    def story(hf, api, tmp):
        folder = tmp / "folder"
        files = {f"part{n % 7}/file-{n:03}.txt": f"number {n}\n".encode() for n in range(300)}
        files |= {
            "README.md": b"---\nlicense: mit\ntags:\n- folder\n---\n\n# It\n",
            ".gitignore": b"*.log\nskipped/\n",
            "weights.safetensors": noise(300_000, 5),
        }
        for name, data in (files | {"x.log": b"log", "skipped/y.txt": b"y"}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        api.create_repo(repo)
        api.upload_folder(repo_id=repo, folder_path=folder)
        titles = [commit.title for commit in api.list_repo_commits(repo)]
        assert len(titles) == 3
        assert titles[0].startswith("Upload folder using huggingface_hub")
        assert set(api.list_repo_files(repo)) == {".gitattributes", *files}
        path = api.snapshot_download(repo, cache_dir=tmp / "cache")
        for name, data in files.items():
            assert (Path(path) / name).read_bytes() == data
        info = api.model_info(repo)
        assert info.card_data.license == "mit"
        assert {"license:mit", "folder"} <= set(info.tags)
        # The same again: nothing to do.
        api.upload_folder(repo_id=repo, folder_path=folder)
        assert len(api.list_repo_commits(repo)) == 3

    ada.run(story)


def test_a_folder_replaces_what_delete_patterns_name(ada, repo):
    def story(hf, api, tmp):
        api.create_repo(repo)
        old = {"logs/1.txt": b"1", "logs/2.txt": b"2", "logs/keep.md": b"k", "other.txt": b"o"}
        api.create_commit(
            repo, [hf.CommitOperationAdd(name, data) for name, data in old.items()], commit_message="old"
        )
        (tmp / "new").mkdir()
        (tmp / "new/2.txt").write_bytes(b"two")
        (tmp / "new/3.txt").write_bytes(b"three")
        (tmp / "new/no.bin").write_bytes(b"no")
        api.upload_folder(
            repo_id=repo,
            folder_path=tmp / "new",
            path_in_repo="logs",
            delete_patterns="*.txt",
            allow_patterns="*.txt",
        )
        assert set(api.list_repo_files(repo)) == {
            ".gitattributes",
            "logs/2.txt",
            "logs/3.txt",
            "logs/keep.md",
            "other.txt",
        }
        assert content_of(api, hf, repo, "logs/2.txt", tmp / "cache") == b"two"
        assert len(api.list_repo_commits(repo)) == 3

    ada.run(story)


def test_a_file_of_100_megabytes_goes_up_in_a_folder_and_comes_back(ada, fresh, repo):
    content = mixed(100_000_000, 8)

    def up(api, tmp):
        (tmp / "big").mkdir()
        (tmp / "big/model.bin").write_bytes(content)
        (tmp / "big/config.json").write_bytes(b"{}")
        api.create_repo(repo)
        api.upload_folder(repo_id=repo, folder_path=tmp / "big")
        return api.get_paths_info(repo, "model.bin")[0].size

    def down(api):
        return Path(api.snapshot_download(repo), "model.bin").read_bytes() == content

    assert ada.run(up) == len(content)
    assert fresh("eve").run(down)


def test_large_files_are_preuploaded_one_by_one_and_committed_together(ada, repo):
    def story(hf, api, tmp):
        api.create_repo(repo)
        adds = []
        for n in range(3):
            add = hf.CommitOperationAdd(f"shard-{n}.bin", noise(200_000, 20 + n))
            api.preupload_lfs_files(repo, [add])
            adds.append(add)
        assert api.list_repo_files(repo) == [".gitattributes"]
        api.create_commit(repo, adds, commit_message="three shards")
        for n in range(3):
            assert content_of(api, hf, repo, f"shard-{n}.bin", tmp) == noise(200_000, 20 + n)

    ada.run(story)


def test_a_scheduler_pushes_what_is_appended(ada, repo):
    def story(hf, api, tmp):
        (tmp / "logs").mkdir()
        with hf.CommitScheduler(
            repo_id=repo, folder_path=tmp / "logs", every=10, path_in_repo="logs"
        ) as scheduler:
            with scheduler.lock, (tmp / "logs/a.jsonl").open("a") as log:
                log.write('{"n": 1}\n')
            scheduler.trigger().result()
            with scheduler.lock, (tmp / "logs/a.jsonl").open("a") as log:
                log.write('{"n": 2}\n')
        assert content_of(api, hf, repo, "logs/a.jsonl", tmp / "cache") == b'{"n": 1}\n{"n": 2}\n'

    ada.run(story)


def test_a_large_file_in_a_text_costume_still_becomes_a_large_file(ada, repo):
    """More than 10 MiB of text matches no pattern: it travels as a large file and .gitattributes learns its path."""
    content = b"0123456789abcde\n" * 700_000

    def story(hf, api, tmp):
        api.create_repo(repo)
        api.upload_file(path_or_fileobj=content, path_in_repo="data/long name.txt", repo_id=repo)
        [info] = api.get_paths_info(repo, "data/long name.txt")
        assert info.lfs.size == len(content)
        assert content_of(api, hf, repo, "data/long name.txt", tmp) == content
        tracked = content_of(api, hf, repo, ".gitattributes", tmp).decode()
        assert "data/long" in tracked
        # Uploaded again, smaller: the path stays tracked.
        api.upload_file(path_or_fileobj=b"short now", path_in_repo="data/long name.txt", repo_id=repo)
        assert content_of(api, hf, repo, "data/long name.txt", tmp) == b"short now"

    ada.run(story)


def test_a_bad_card_is_refused_before_anything_is_uploaded(ada, repo):
    def story(hf, api):
        api.create_repo(repo)
        with pytest.raises(ValueError, match=r"YAML|yaml|metadata"):
            api.upload_file(
                path_or_fileobj=b"---\nlicense: [mit\n---\n# x\n", path_in_repo="README.md", repo_id=repo
            )
        assert api.list_repo_files(repo) == [".gitattributes"]

    ada.run(story)


def test_a_large_file_that_was_never_uploaded_cannot_be_committed(ada, eve, repo):
    """Knowing a sha256 grants nothing: not even when somebody else's file has it."""

    def secret(api):
        api.create_repo(repo, private=True)
        api.upload_file(path_or_fileobj=noise(100_000, 99), path_in_repo="secret.bin", repo_id=repo)

    def claim(hf, api):
        mine = api.create_repo("eve/claims", exist_ok=True).repo_id
        add = hf.CommitOperationAdd("stolen.bin", noise(100_000, 99))
        add._upload_mode, add._is_uploaded, add._should_ignore = (
            "lfs",
            True,
            False,
        )  # as if it had been uploaded
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.create_commit(mine, [add], commit_message="claim")
        assert refused.value.response.status_code in (400, 404, 422)
        assert not api.file_exists(mine, "stolen.bin")

    ada.run(secret)
    eve.run(claim)
