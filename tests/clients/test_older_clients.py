"""The last clients of the 1.x and 0.x lines: the same hub serves them all."""

import hashlib
from pathlib import Path

import pytest
from tests.clients.harness.content import mixed, noise

OLD = ["hub-1.33.0", "hub-0.36.2"]
CONTENTS = {
    "config.json": b'{"old": true}',
    "deep/a b.txt": "ü".encode(),
    "large.bin": mixed(12_000_000, 51),
    "empty.txt": b"",
}
VERSIONS = pytest.mark.parametrize("venv", OLD)
XET = pytest.mark.parametrize("without_xet", ["", "1"], ids=["with xet", "without xet"])


def fetch(api, repo):
    """Return every file of CONTENTS that comes back exactly."""
    return [
        name for name, data in CONTENTS.items() if Path(api.hf_hub_download(repo, name)).read_bytes() == data
    ]


@VERSIONS
@XET
def test_files_go_up_and_come_back(fresh, repo, venv, without_xet):
    def up(api, tmp):
        assert api.create_repo(repo, private=True).repo_id == repo
        assert api.create_repo(repo, private=True, exist_ok=True).repo_id == repo
        for name, data in CONTENTS.items():
            (tmp / "it").write_bytes(data)
            api.upload_file(path_or_fileobj=tmp / "it", path_in_repo=name, repo_id=repo)
        assert api.model_info(repo).private is True
        [info] = api.get_paths_info(repo, "large.bin")
        assert info.lfs.sha256 == hashlib.sha256(CONTENTS["large.bin"]).hexdigest()

    def down(api):
        return fetch(api, repo)

    fresh("ada", venv, HF_HUB_DISABLE_XET=without_xet).run(up)
    assert fresh("ada", venv, HF_HUB_DISABLE_XET=without_xet).run(down) == list(CONTENTS)
    assert fresh("ada").run(down) == list(CONTENTS)


@VERSIONS
@XET
def test_an_old_client_reads_what_the_newest_wrote(ada, fresh, repo, venv, without_xet):
    def up(hf, api):
        api.create_repo(repo)
        adds = [hf.CommitOperationAdd(name, data) for name, data in CONTENTS.items()]
        api.create_commit(repo, adds, commit_message="by the newest")

    def down(hf, api):
        folder = Path(api.snapshot_download(repo))
        assert {name: (folder / name).read_bytes() for name in CONTENTS} == CONTENTS
        fs = hf.HfFileSystem()
        assert (
            fs.cat_file(f"{repo}/large.bin", 1_000_000, 1_000_100)
            == CONTENTS["large.bin"][1_000_000:1_000_100]
        )
        return fetch(api, repo)

    ada.run(up)
    assert fresh(None, venv, HF_HUB_DISABLE_XET=without_xet).run(down) == list(CONTENTS)


@VERSIONS
def test_a_commit_does_every_operation(fresh, repo, venv):
    def story(hf, api, tmp):
        api.create_repo(repo)
        first = {"keep.txt": b"keep", "go.txt": b"go", "dir/a.txt": b"a", "big.bin": noise(300_000, 52)}
        adds = [hf.CommitOperationAdd(name, data) for name, data in first.items()]
        start = api.create_commit(repo, adds, commit_message="first", commit_description="with\n\nwords")
        operations = [
            hf.CommitOperationAdd("new.txt", b"new"),
            hf.CommitOperationDelete("go.txt"),
            hf.CommitOperationDelete("dir/"),
            hf.CommitOperationCopy("big.bin", "copy/big.bin"),
        ]
        api.create_commit(repo, operations, commit_message="second", parent_commit=start.oid)
        assert set(api.list_repo_files(repo)) == {
            ".gitattributes",
            "keep.txt",
            "new.txt",
            "big.bin",
            "copy/big.bin",
        }
        assert Path(api.hf_hub_download(repo, "copy/big.bin", cache_dir=tmp)).read_bytes() == first["big.bin"]
        commits = api.list_repo_commits(repo)
        assert [(commit.title, commit.message) for commit in commits] == [
            ("second", ""),
            ("first", "with\n\nwords"),
            ("initial commit", ""),
        ]
        with pytest.raises(Exception, match="Please refresh and try again"):
            api.upload_file(
                path_or_fileobj=b"late", path_in_repo="late.txt", repo_id=repo, parent_commit=start.oid
            )
        api.upload_file(path_or_fileobj=first["big.bin"], path_in_repo="big.bin", repo_id=repo)
        assert len(api.list_repo_commits(repo)) == 3

    fresh("ada", venv).run(story)


@VERSIONS
def test_a_folder_goes_up(fresh, repo, venv):
    def story(api, tmp):
        folder = tmp / "folder"
        (folder / "sub").mkdir(parents=True)
        for n in range(40):
            (folder / f"sub/{n}.txt").write_bytes(b"%d" % n)
        (folder / "README.md").write_text("---\nlicense: mit\n---\n# f\n")
        (folder / "w.safetensors").write_bytes(noise(200_000, 53))
        api.create_repo(repo, repo_type="dataset")
        api.upload_folder(
            repo_id=repo,
            folder_path=folder,
            repo_type="dataset",
            path_in_repo="in",
            ignore_patterns="*/1?.txt",
        )
        back = Path(api.snapshot_download(repo, repo_type="dataset")) / "in"
        return len(list(back.rglob("*.txt"))), (back / "w.safetensors").read_bytes() == noise(200_000, 53)

    assert fresh("ada", venv).run(story) == (30, True)


@VERSIONS
def test_a_large_folder_goes_up_with_the_resumable_uploader(fresh, repo, venv):
    def story(api, tmp):
        folder = tmp / "folder"
        (folder / "sub").mkdir(parents=True)
        for n in range(30):
            (folder / f"sub/{n}.txt").write_bytes(b"%d" % n)
        for n in range(3):
            (folder / f"{n}.bin").write_bytes(noise(150_000, 60 + n))
        api.upload_large_folder(
            repo_id=repo, folder_path=folder, repo_type="model", num_workers=2, print_report=False
        )
        back = Path(api.snapshot_download(repo))
        assert {p.name: p.read_bytes() for p in back.rglob("*.txt")} == {
            f"{n}.txt": b"%d" % n for n in range(30)
        }
        return [(back / f"{n}.bin").read_bytes() == noise(150_000, 60 + n) for n in range(3)]

    assert fresh("ada", venv).run(story, seconds=200) == [True, True, True]


@VERSIONS
def test_lists_infos_refs_and_trees_are_understood(fresh, repo, venv):
    def story(hf, api):
        api.create_repo(repo)
        api.upload_file(
            path_or_fileobj=b"---\ntags: [antique]\nlicense: mit\n---\n# x\n",
            path_in_repo="README.md",
            repo_id=repo,
        )
        api.create_branch(repo, branch="dev/x")
        api.create_tag(repo, tag="v1", tag_message="one")
        name = repo.partition("/")[2]
        assert [model.id for model in api.list_models(author="ada", search=name, filter="antique")] == [repo]
        assert [
            model.id
            for model in api.list_models(
                search=name,
                sort="lastModified" if venv == "hub-0.36.2" else "last_modified",
                limit=5,
                full=True,
            )
        ] == [repo]
        assert list(api.list_datasets(search=name)) == []
        assert list(api.list_spaces(search=name)) == []
        info = api.model_info(repo, files_metadata=True)
        assert (info.card_data.license, info.author, info.modelId) == ("mit", "ada", repo)
        assert {file.rfilename for file in info.siblings} == {".gitattributes", "README.md"}
        refs = api.list_repo_refs(repo)
        assert ({b.name for b in refs.branches}, [t.name for t in refs.tags]) == ({"main", "dev/x"}, ["v1"])
        assert {entry.path for entry in api.list_repo_tree(repo, recursive=True, expand=True)} == {
            ".gitattributes",
            "README.md",
        }
        assert api.model_info(repo, revision="dev/x").sha == info.sha
        assert (api.repo_exists(repo), api.revision_exists(repo, "v1"), api.file_exists(repo, "x")) == (
            True,
            True,
            False,
        )
        api.update_repo_settings(repo, private=True)
        assert api.model_info(repo).private is True
        api.move_repo(repo, f"{repo}-new")
        assert api.model_info(repo).id == f"{repo}-new"
        api.super_squash_history(f"{repo}-new")
        assert len(api.list_repo_commits(f"{repo}-new")) == 1
        assert api.whoami()["name"] == "ada"
        api.delete_repo(f"{repo}-new")
        assert not api.repo_exists(repo)

    fresh("ada", venv).run(story)


@VERSIONS
def test_refusals_become_the_exceptions_of_that_version(ada, fresh, repo, venv):
    def shut(api):
        api.create_repo(repo, private=True)
        api.create_repo(f"{repo}-open")

    def story(hf, api):
        errors = hf.errors
        for call in (
            lambda: api.model_info(repo),
            lambda: api.hf_hub_download(repo, "x"),
            lambda: api.snapshot_download(repo),
        ):
            with pytest.raises(errors.RepositoryNotFoundError):
                call()
        with pytest.raises(errors.EntryNotFoundError):
            api.hf_hub_download(f"{repo}-open", "missing.txt")
        with pytest.raises(errors.RevisionNotFoundError):
            api.hf_hub_download(f"{repo}-open", "x", revision="missing")
        with pytest.raises(errors.RevisionNotFoundError):
            api.model_info(f"{repo}-open", revision="missing")

    def forbidden(hf, api):
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id=f"{repo}-open")
        assert refused.value.response.status_code == 403

    ada.run(shut)
    fresh(None, venv).run(story)
    eve = fresh("eve", venv)
    eve.run(story)
    eve.run(forbidden)


@VERSIONS
def test_a_second_look_comes_from_the_cache(ada, fresh, repo, venv):
    def up(api):
        api.create_repo(repo)
        api.upload_file(path_or_fileobj=CONTENTS["large.bin"], path_in_repo="large.bin", repo_id=repo)

    def cached(api):
        first = Path(api.hf_hub_download(repo, "large.bin"))
        stamp = first.resolve().stat().st_mtime_ns
        second = Path(api.hf_hub_download(repo, "large.bin"))
        offline = Path(api.hf_hub_download(repo, "large.bin", local_files_only=True))
        return first == second == offline, stamp == second.resolve().stat().st_mtime_ns, first.readlink().name

    ada.run(up)
    sha256 = hashlib.sha256(CONTENTS["large.bin"]).hexdigest()
    assert fresh(None, venv).run(cached) == (True, True, sha256)


def test_a_stopped_download_is_resumed_by_range(ada, fresh, repo):
    """Clients of the 0.x line keep `.incomplete` files and ask for the rest."""
    content = noise(2_000_000, 55)

    def up(api):
        api.create_repo(repo)
        api.upload_file(path_or_fileobj=content, path_in_repo="x.bin", repo_id=repo)

    def resume(api, tmp):
        blobs = tmp / f"models--{repo.replace('/', '--')}" / "blobs"
        blobs.mkdir(parents=True)
        (blobs / f"{hashlib.sha256(content).hexdigest()}.incomplete").write_bytes(content[:1_500_000])
        return Path(api.hf_hub_download(repo, "x.bin", cache_dir=tmp)).read_bytes() == content

    ada.run(up)
    assert fresh(None, "hub-0.36.2", HF_HUB_DISABLE_XET="1").run(resume)


@VERSIONS
def test_the_command_line_of_that_time_works(fresh, repo, venv, tmp_path):
    (tmp_path / "x.safetensors").write_bytes(noise(100_000, 56))
    user = fresh("ada", venv)
    user.program("hf", "upload", repo, tmp_path / "x.safetensors", "x.safetensors")
    path = fresh(None, venv).program(
        "hf", "download", repo, "x.safetensors", "--local-dir", tmp_path / "back"
    )
    assert (tmp_path / "back/x.safetensors").read_bytes() == noise(100_000, 56), path
    assert "ada" in user.program("hf", "auth", "whoami")


@pytest.mark.parametrize("venv", [*OLD, "hub-2.4.0"])
@XET
def test_a_reader_proposes_a_large_file(ada, fresh, repo, venv, without_xet):
    content = noise(300_000, 57)

    def create(api):
        api.create_repo(repo)

    def propose(api):
        done = api.upload_file(path_or_fileobj=content, path_in_repo="x.bin", repo_id=repo, create_pr=True)
        assert api.get_discussion_details(repo, 1).title == "Upload x.bin with huggingface_hub"
        return done.pr_num

    def merge(api):
        api.merge_pull_request(repo, 1)
        return Path(api.hf_hub_download(repo, "x.bin")).read_bytes() == content

    ada.run(create)
    assert fresh("eve", venv, HF_HUB_DISABLE_XET=without_xet).run(propose) == 1
    assert ada.run(merge)
