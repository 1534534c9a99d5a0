"""The newest client: life of a repository."""

from pathlib import Path

import pytest

KINDS = ["model", "dataset", "space", "kernel"]
WITH_SETTINGS = ["model", "dataset", "space"]  # the client keeps kernels out of these calls


def sdk(kind: str) -> dict[str, str]:
    return {"space_sdk": "static"} if kind == "space" else {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_created_found_and_deleted(ada, repo, kind):
    def story(hf, api):
        url = api.create_repo(repo, repo_type=kind, **sdk(kind))
        assert (url.repo_id, url.repo_type, url.endpoint) == (repo, kind, api.endpoint)
        assert api.repo_exists(repo, repo_type=kind)
        found = api.repo_info(repo, repo_type=kind)
        assert found.id == repo
        assert found.private is False
        assert len(found.sha) == 40
        [first] = api.list_repo_commits(repo, repo_type=kind)
        assert (first.title, first.commit_id, first.authors) == ("initial commit", found.sha, ["ada"])
        assert ".gitattributes" in api.list_repo_files(repo, repo_type=kind)
        api.delete_repo(repo, repo_type=kind)
        assert not api.repo_exists(repo, repo_type=kind)
        with pytest.raises(hf.errors.RepositoryNotFoundError):
            api.delete_repo(repo, repo_type=kind)
        api.delete_repo(repo, repo_type=kind, missing_ok=True)

    ada.run(story)


def test_the_same_name_may_be_a_model_a_dataset_and_a_space(ada, repo):
    def story(api):
        for kind in KINDS:
            api.create_repo(repo, repo_type=kind, **sdk(kind))
        api.delete_repo(repo, repo_type="dataset")
        return [api.repo_exists(repo, repo_type=kind) for kind in KINDS]

    assert ada.run(story) == [True, False, True, True]


def test_a_name_without_owner_is_created_under_the_caller(ada, repo):
    name = repo.partition("/")[2]

    def story(api):
        return api.create_repo(name).repo_id

    assert ada.run(story) == repo


def test_creating_twice_conflicts_unless_that_is_expected(ada, repo):
    def story(hf, api):
        first = api.create_repo(repo, private=True)
        assert api.create_repo(repo, exist_ok=True) == first
        assert api.create_repo(repo, private=True, exist_ok=True) == first
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.create_repo(repo)
        assert refused.value.response.status_code == 409
        assert "already exists" in str(refused.value)

    ada.run(story)


def test_names_that_differ_in_capitals_are_one_repository(ada, repo):
    shouted = f"ada/{repo.partition('/')[2].upper()}"

    def story(hf, api):
        api.create_repo(shouted)
        assert api.model_info(repo).id == shouted
        assert api.create_repo(repo, exist_ok=True).repo_id == shouted
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.create_repo(repo)
        assert refused.value.response.status_code == 409

    ada.run(story)


@pytest.mark.parametrize("asked", [{"private": True}, {"visibility": "private"}])
def test_a_private_repository_is_for_its_owner_only(ada, eve, nobody, repo, asked):
    def owner(api):
        api.create_repo(repo, **asked)
        assert api.model_info(repo).private is True

    def other(api):
        return (
            api.repo_exists(repo),
            api.file_exists(repo, ".gitattributes"),
            api.revision_exists(repo, "main"),
        )

    ada.run(owner)
    assert ada.run(other) == (True, True, True)
    assert eve.run(other) == (False, False, False)
    assert nobody.run(other) == (False, False, False)


def test_what_exists_is_told_for_repositories_revisions_and_files(ada, nobody, repo):
    def create(api):
        api.create_repo(repo)

    def ask(api):
        return {
            "repo": api.repo_exists(repo),
            "other kind": api.repo_exists(repo, repo_type="dataset"),
            "main": api.revision_exists(repo, "main"),
            "other revision": api.revision_exists(repo, "dev/x"),
            "file": api.file_exists(repo, ".gitattributes"),
            "other file": api.file_exists(repo, "deep/er.txt"),
            "file elsewhere": api.file_exists(f"{repo}-missing", ".gitattributes"),
        }

    ada.run(create)
    told = ada.run(ask)
    assert told == nobody.run(ask)
    assert [name for name, there in told.items() if there] == ["repo", "main", "file"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_moved_repository_answers_to_its_old_name_everywhere(ada, fresh, repo, kind):
    new = f"{repo}-new"

    def story(hf, api, tmp):
        api.create_repo(repo, repo_type=kind, **sdk(kind))
        api.upload_file(path_or_fileobj=b"before", path_in_repo="a b/ü#%.txt", repo_id=repo, repo_type=kind)
        api.move_repo(repo, new, repo_type=kind)
        assert api.repo_info(repo, repo_type=kind).id == new
        # Reading, through every kind of request.
        here = {"repo_id": repo, "repo_type": kind}
        path = api.hf_hub_download(filename="a b/ü#%.txt", cache_dir=tmp, **here)
        assert Path(path).read_bytes() == b"before"
        assert [file.path for file in api.get_paths_info(paths="a b/ü#%.txt", **here)] == ["a b/ü#%.txt"]
        assert "a b/ü#%.txt" in api.list_repo_files(**here)
        assert len(api.list_repo_commits(**here)) == 2
        assert [branch.name for branch in api.list_repo_refs(**here).branches] == ["main"]
        # Writing: a POST must stay a POST, with its body.
        done = api.upload_file(path_or_fileobj=b"after", path_in_repo="b.txt", **here)
        api.create_branch(branch="dev", **here)
        api.create_tag(tag="v1", **here)
        assert api.repo_info(new, repo_type=kind).sha == done.oid
        assert f"/{new}/" in done.commit_url
        api.delete_repo(new, repo_type=kind)
        assert not api.repo_exists(repo, repo_type=kind)

    ada.run(story)


def test_a_move_onto_a_taken_name_is_refused(ada, repo):
    def story(hf, api):
        api.create_repo(repo)
        api.create_repo(f"{repo}-taken")
        with pytest.raises(hf.errors.HfHubHTTPError, match="already exists") as refused:
            api.move_repo(repo, f"{repo}-taken")
        assert refused.value.response.status_code == 409
        assert api.model_info(repo).id == repo

    ada.run(story)


def test_a_repository_moves_into_an_organization(ada, bob, eve, repo):
    new = f"lab/{repo.partition('/')[2]}"

    def move(api):
        api.create_repo(repo, private=True)
        api.move_repo(repo, new)
        return api.model_info(repo).id

    def look(api):
        return api.repo_exists(new), api.repo_exists(repo)

    assert ada.run(move) == new
    assert bob.run(look) == (True, True)
    assert eve.run(look) == (False, False)


def test_a_name_that_was_moved_away_may_be_used_again(ada, repo):
    def story(api):
        api.create_repo(repo)
        api.move_repo(repo, f"{repo}-new")
        api.create_repo(repo)
        return api.model_info(repo).id, api.model_info(f"{repo}-new").id

    assert ada.run(story) == (repo, f"{repo}-new")


@pytest.mark.parametrize("kind", WITH_SETTINGS)
def test_settings_change_visibility_and_back(ada, nobody, repo, kind):
    def hide(api, private):
        api.create_repo(repo, repo_type=kind, exist_ok=True, **sdk(kind))
        api.update_repo_settings(repo, repo_type=kind, private=private)
        return api.repo_info(repo, repo_type=kind).private

    def seen(api):
        return api.repo_exists(repo, repo_type=kind)

    assert ada.run(hide, private=True) is True
    assert nobody.run(seen) is False
    assert ada.run(hide, private=False) is False
    assert nobody.run(seen) is True


@pytest.mark.parametrize("kind", WITH_SETTINGS)
def test_a_duplicate_has_the_same_files_and_its_own_life(ada, eve, fresh, repo, kind):
    large = bytes(range(256)) * 1000
    copy = f"eve/{repo.partition('/')[2]}-copy"

    def original(hf, api):
        api.create_repo(repo, repo_type=kind, **sdk(kind))
        operations = [
            hf.CommitOperationAdd("small.txt", b"small"),
            hf.CommitOperationAdd("large.bin", large),
        ]
        api.create_commit(repo, operations, commit_message="two files", repo_type=kind)

    def duplicate(hf, api, tmp):
        url = api.duplicate_repo(repo, copy, repo_type=kind)
        assert url.repo_id == copy
        assert set(api.list_repo_files(copy, repo_type=kind)) == set(
            api.list_repo_files(repo, repo_type=kind)
        )
        for name, content in {"small.txt": b"small", "large.bin": large}.items():
            path = api.hf_hub_download(copy, name, repo_type=kind, cache_dir=tmp)
            assert Path(path).read_bytes() == content
        api.delete_file("small.txt", copy, repo_type=kind)
        assert api.file_exists(repo, "small.txt", repo_type=kind)
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.duplicate_repo(repo, copy, repo_type=kind)
        assert refused.value.response.status_code == 409
        assert api.duplicate_repo(repo, copy, repo_type=kind, exist_ok=True).repo_id == copy

    def original_deleted(api, tmp):
        api.delete_repo(repo, repo_type=kind)

    def still_there(api, tmp):
        path = api.hf_hub_download(copy, "large.bin", repo_type=kind, cache_dir=tmp, force_download=True)
        return Path(path).read_bytes()

    ada.run(original)
    eve.run(duplicate)
    ada.run(original_deleted)
    assert eve.run(still_there) == large


def test_a_strangers_private_repository_cannot_be_duplicated(ada, eve, repo):
    def create(api):
        api.create_repo(repo, private=True)

    def duplicate(hf, api):
        with pytest.raises(hf.errors.RepositoryNotFoundError):
            api.duplicate_repo(repo, "eve/stolen")
        assert not api.repo_exists("eve/stolen")

    ada.run(create)
    eve.run(duplicate)


@pytest.mark.parametrize("what", ["create", "delete", "move", "settings", "move here"])
def test_nobody_changes_a_repository_of_somebody_else(ada, eve, repo, what):
    def create(api):
        api.create_repo(repo)

    def change(hf, api):
        calls = {
            "create": lambda: api.create_repo(f"{repo}-mine"),
            "delete": lambda: api.delete_repo(repo),
            "move": lambda: api.move_repo(repo, "eve/taken-over"),
            "settings": lambda: api.update_repo_settings(repo, private=True),
            "move here": lambda: (
                api.create_repo("eve/gift", exist_ok=True),
                api.move_repo("eve/gift", f"{repo}-gift"),
            ),
        }
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            calls[what]()
        assert refused.value.response.status_code == 403

    def unchanged(api):
        return api.model_info(repo).private, api.repo_exists(f"{repo}-mine"), api.repo_exists(f"{repo}-gift")

    ada.run(create)
    eve.run(change)
    assert ada.run(unchanged) == (False, False, False)


def test_a_read_token_changes_nothing(client, ada, repo):
    def create(api):
        api.create_repo(repo, private=True)

    def read_only(hf, api):
        assert api.model_info(repo).private
        attempts = [
            lambda: api.create_repo(f"{repo}-2"),
            lambda: api.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id=repo),
            lambda: api.create_branch(repo, branch="dev"),
            lambda: api.delete_repo(repo),
        ]
        for attempt in attempts:
            with pytest.raises(hf.errors.HfHubHTTPError) as refused:
                attempt()
            assert refused.value.response.status_code == 403

    ada.run(create)
    client("hub-2.4.0", "ada-reads").run(read_only)


@pytest.mark.parametrize("name", ["-x", "x-", "a--b", "a..b", "x.git", "x" * 97, "ü"])
def test_names_against_the_rules_are_refused_before_or_by_the_hub(ada, name):
    def story(hf, api):
        with pytest.raises((hf.errors.HFValidationError, hf.errors.BadRequestError)):
            api.create_repo(f"ada/{name}")
        assert not any(model.id == f"ada/{name}" for model in api.list_models(author="ada"))

    ada.run(story)


def test_a_space_comes_with_a_card_and_starter_files(ada, repo):
    def story(hf, api):
        api.create_repo(repo, repo_type="space", space_sdk="static")
        assert set(api.list_repo_files(repo, repo_type="space")) == {
            ".gitattributes",
            "README.md",
            "index.html",
            "style.css",
        }
        assert hf.RepoCard.load(repo, repo_type="space").data.sdk == "static"
        assert api.space_info(repo).sdk == "static"
        with pytest.raises(ValueError, match="sdk"):
            api.create_repo(f"{repo}-2", repo_type="space")

    ada.run(story)


def test_a_members_role_decides_in_an_organization(ada, bob, repo):
    name = f"lab/{repo.partition('/')[2]}"

    def admin(api):
        return api.create_repo(name, private=True).repo_id

    def reader(hf, api):
        assert api.model_info(name).private
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=name)
        assert refused.value.response.status_code == 403
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.create_repo(f"{name}-mine")
        assert refused.value.response.status_code == 403

    assert ada.run(admin) == name
    bob.run(reader)


def test_people_list_what_they_own_with_its_storage(ada, repo):
    def story(api):
        api.create_repo(repo, private=True)
        [mine] = [found for found in api.list_user_repos() if found.id == repo]
        of_lab = [found.id for found in api.list_user_repos(namespace="lab")]
        return [
            mine.type,
            mine.visibility,
            mine.storage >= 0,
            all(name.startswith("lab/") for name in of_lab),
        ]

    assert ada.run(story) == ["model", "private", True, True]
