"""The command line of the newest client, `hf`, as people type it."""

import json
from pathlib import Path

import pytest
from tests.clients.harness.content import noise

LARGE = noise(400_000, 41)


@pytest.fixture
def hf(fresh):
    """Run `hf …` as ada, in an empty home; return what it printed."""
    user = fresh("ada")

    def hf(*arguments: str | Path, ok: bool = True, cwd: Path | None = None) -> str:
        said: str = user.program("hf", *arguments, ok=ok, cwd=cwd)
        return said

    return hf


@pytest.fixture
def folder(tmp_path):
    """A small model on disk."""
    here = tmp_path / "my-model"
    (here / "deep").mkdir(parents=True)
    (here / "config.json").write_bytes(b"{}")
    (here / "weights.safetensors").write_bytes(LARGE)
    (here / "deep/notes.txt").write_bytes(b"notes")
    return here


def test_who_am_i(hf):
    told = json.loads(hf("auth", "whoami", "--json"))
    assert told["user"] == "ada"
    assert "lab" in json.dumps(told)


def test_a_sign_in_with_a_token_is_kept(fresh, tokens):
    user = fresh(None)
    user.program("hf", "auth", "login", "--token", tokens["eve"])
    assert json.loads(user.program("hf", "auth", "whoami", "--json"))["user"] == "eve"
    user.program("hf", "auth", "logout")
    assert "Not logged in" in user.program("hf", "auth", "whoami", ok=False)


def test_a_bad_token_is_refused_at_sign_in(fresh):
    said = fresh(None).program("hf", "auth", "login", "--token", "hf_" + "z" * 34, ok=False)
    assert "Invalid" in said or "invalid" in said


def test_repositories_are_created_hidden_renamed_copied_and_deleted(hf, ada, repo):
    hf("repos", "create", repo, "--private")
    hf("repos", "create", repo, "--private", "--exist-ok")
    assert "already exists" in hf("repos", "create", repo, ok=False)
    hf("repos", "settings", repo, "--public")
    hf("repos", "duplicate", repo, f"{repo}-copy")
    hf("repos", "move", repo, f"{repo}-moved")
    hf("repos", "create", repo, "--type", "dataset")

    def state(api):
        return (
            api.model_info(f"{repo}-moved").private,
            api.repo_exists(f"{repo}-copy"),
            api.repo_exists(repo, repo_type="dataset"),
        )

    assert ada.run(state) == (False, True, True)
    hf("repos", "delete", f"{repo}-copy", "--yes")
    assert (
        "404" in hf("models", "info", f"{repo}-copy", ok=False)
        or "not found" in hf("models", "info", f"{repo}-copy", ok=False).lower()
    )


def test_a_folder_goes_up_and_comes_back(hf, fresh, folder, repo, tmp_path):
    assert repo in hf("upload", repo, folder)
    back = tmp_path / "back"
    fresh(None).program("hf", "download", repo, "--local-dir", back)
    for name in ("config.json", "weights.safetensors", "deep/notes.txt"):
        assert (back / name).read_bytes() == (folder / name).read_bytes()
    only = tmp_path / "only"
    fresh(None).program("hf", "download", repo, "--include", "*.json", "--local-dir", only)
    assert not (only / "weights.safetensors").exists()
    assert (only / "config.json").exists()


def test_a_file_goes_up_to_a_new_branch_which_is_made_on_the_way(hf, folder, repo, tmp_path):
    hf(
        "upload",
        repo,
        folder / "config.json",
        "conf/model.json",
        "--revision",
        "dev/new",
        "--commit-message",
        "From the shell",
    )
    path = hf("download", repo, "conf/model.json", "--revision", "dev/new", "--quiet").strip()
    assert Path(path).read_bytes() == b"{}"
    assert (
        "404" in (said := hf("download", repo, "conf/model.json", ok=False))
        or "Entry" in said
        or "not found" in said.lower()
    )


def test_a_dataset_goes_up_with_patterns(hf, ada, folder, repo):
    hf(
        "upload",
        repo,
        folder,
        "data",
        "--type",
        "dataset",
        "--include",
        "*.txt",
        "--include",
        "*.json",
        "--exclude",
        "config*",
    )

    def files(api):
        return api.list_repo_files(repo, repo_type="dataset")

    assert sorted(ada.run(files)) == [".gitattributes", "data/deep/notes.txt"]


def test_branches_and_tags_are_made_and_listed(hf, ada, repo):
    hf("repos", "create", repo)
    hf("repos", "branch", "create", repo, "dev")
    hf("repos", "tag", "create", repo, "v1", "-m", "The first", "--revision", "dev")
    assert "v1" in hf("repos", "tag", "ls", repo)

    def refs(api):
        found = api.list_repo_refs(repo)
        return sorted(branch.name for branch in found.branches), [tag.name for tag in found.tags]

    assert ada.run(refs) == (["dev", "main"], ["v1"])
    hf("repos", "branch", "delete", repo, "dev")
    hf("repos", "tag", "delete", repo, "v1", "--yes")
    assert ada.run(refs) == (["main"], [])


def test_models_are_listed_and_described(hf, folder, repo):
    hf("upload", repo, folder)
    listed = json.loads(hf("models", "ls", "--author", "ada", "--search", repo.partition("/")[2], "--json"))
    assert [model["id"] for model in listed] == [repo]
    assert json.loads(hf("models", "info", repo, "--json"))["id"] == repo
    files = hf("models", "ls", repo, "--recursive")
    assert "weights.safetensors" in files
    assert "notes.txt" in files


def test_files_are_deleted_by_pattern(hf, ada, folder, repo):
    hf("upload", repo, folder)
    hf("repos", "delete-files", repo, "*.txt")

    def files(api):
        return sorted(api.list_repo_files(repo))

    assert ada.run(files) == [".gitattributes", "config.json", "weights.safetensors"]


def test_a_cache_is_verified(hf, folder, repo):
    hf("upload", repo, folder)
    hf("download", repo)
    hf("cache", "verify", repo)
    path = Path(hf("download", repo, "config.json", "--quiet").strip()).resolve()
    path.write_bytes(b"tampered")
    assert "config.json" in hf("cache", "verify", repo, ok=False)


def test_single_files_are_copied_to_and_from_the_hub(hf, folder, repo, tmp_path):
    hf("repos", "create", repo)
    hf("cp", folder / "weights.safetensors", f"hf://{repo}/w.safetensors")
    hf("cp", f"hf://{repo}/w.safetensors", tmp_path / "w")
    assert (tmp_path / "w").read_bytes() == LARGE
    hf("repos", "create", f"{repo}-2")
    hf("cp", f"hf://{repo}/w.safetensors", f"hf://{repo}-2/again.safetensors")
    hf("cp", f"hf://{repo}-2/again.safetensors", tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == LARGE
