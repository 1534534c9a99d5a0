import pytest

from hubkeep import repos
from hubkeep.accounts import STRANGER, NotAllowed, NotSignedIn
from hubkeep.kit import BadInput
from hubkeep.repos import Kind, NewRepo, RepoHidden, RepoMoved, RepoNameTaken, RepoNotFound


def test_a_new_repo_has_one_commit_with_git_attributes(house):
    repo = house.make_repo()
    assert list(house.tree(repo)) == [".gitattributes"]
    assert b"*.safetensors filter=lfs" in house.read(repo, ".gitattributes")
    with house.stores.db.read() as tx:
        history = repos.history(
            tx, house.ada, house.stores, repo.kind, repo.full_name, None, skip=0, limit=10
        )
    assert [commit.title for commit in history.commits] == ["initial commit"]
    assert history.commits[0].author == "ada"


def test_a_new_space_has_a_card_that_names_its_sdk(house):
    space = house.make_repo(kind=Kind.SPACE, sdk="static")
    assert {"README.md", "index.html", "style.css"} <= house.tree(space).keys()
    assert b"sdk: static" in house.read(space, "README.md")


def test_a_space_without_a_known_sdk_is_refused(house):
    with pytest.raises(BadInput, match="sdk"):
        house.make_repo(kind=Kind.SPACE, sdk="cobol")


@pytest.mark.parametrize(
    "name", ["", "a" * 97, "-a", "a-", ".a", "a..b", "a--b", "a.git", "a/b", "ä", "a b", "a\n"]
)
def test_names_against_the_rules_are_refused(house, name):
    with pytest.raises(BadInput):
        house.make_repo(name=name)


def test_the_same_name_in_other_capitals_is_taken(house):
    house.make_repo(name="bert")
    with pytest.raises(RepoNameTaken):
        house.make_repo(name="BERT")


def test_the_same_name_of_another_kind_is_free(house):
    house.make_repo(name="bert")
    assert house.make_repo(name="bert", kind=Kind.DATASET).kind is Kind.DATASET


def test_nobody_creates_in_somebody_elses_name(house):
    with pytest.raises(NotAllowed):
        repos.create(house.stores, house.eve, NewRepo(Kind.MODEL, "ada", "mine"))
    with pytest.raises(NotSignedIn):
        repos.create(house.stores, STRANGER, NewRepo(Kind.MODEL, "ada", "mine"))


def test_a_private_repo_looks_missing_to_a_stranger(house):
    repo = house.make_repo(private=True)
    with house.stores.db.read() as tx:
        assert repos.get(tx, house.ada, Kind.MODEL, repo.full_name.upper()) == repo
        with pytest.raises(RepoNotFound) as refused:
            repos.get(tx, house.eve, Kind.MODEL, repo.full_name)
        with pytest.raises(RepoNotFound) as missing:
            repos.get(tx, house.eve, Kind.MODEL, "ada/never-was")
        with pytest.raises(RepoHidden):
            repos.get(tx, STRANGER, Kind.MODEL, repo.full_name)
    assert str(refused.value).replace(repo.full_name, "X") == str(missing.value).replace("ada/never-was", "X")


def test_a_renamed_repo_answers_to_its_old_name_until_somebody_takes_it(house):
    repo = house.make_repo(name="old")
    with house.stores.db.write() as tx:
        repos.move(tx, house.ada, Kind.MODEL, "ada/old", "ada/new")
    with house.stores.db.read() as tx, pytest.raises(RepoMoved) as moved:
        repos.get(tx, house.ada, Kind.MODEL, "ada/old")
    assert moved.value.facts["to"] == "ada/new"
    taken = house.make_repo(name="old")
    with house.stores.db.read() as tx:
        assert repos.get(tx, house.ada, Kind.MODEL, "ada/old").id == taken.id != repo.id


def test_a_private_repo_does_not_tell_its_new_name(house):
    house.make_repo(name="old", private=True)
    with house.stores.db.write() as tx:
        repos.move(tx, house.ada, Kind.MODEL, "ada/old", "ada/new")
    with house.stores.db.read() as tx, pytest.raises(RepoNotFound):
        repos.get(tx, house.eve, Kind.MODEL, "ada/old")


def test_moving_onto_a_taken_name_changes_nothing(house):
    house.make_repo(name="one")
    house.make_repo(name="two")
    with pytest.raises(RepoNameTaken), house.stores.db.write() as tx:
        repos.move(tx, house.ada, Kind.MODEL, "ada/one", "ada/two")
    with house.stores.db.read() as tx:
        assert repos.get(tx, house.ada, Kind.MODEL, "ada/one").name == "one"


def test_a_deleted_repo_is_gone_and_its_packs_are_purged_by_a_job(house):
    repo = house.make_repo()
    assert list(house.stores.blobs.list(f"git/{repo.id}/"))
    with house.stores.db.write() as tx:
        repos.delete(tx, house.ada, repo.kind, repo.full_name)
    with house.stores.db.read() as tx, pytest.raises(RepoNotFound):
        repos.get(tx, house.ada, repo.kind, repo.full_name)
    repos.HANDLERS["repos.purge"](house.stores, {"repo_id": repo.id})
    assert not list(house.stores.blobs.list(f"git/{repo.id}/"))


def test_a_duplicate_has_the_same_commits_and_its_own_name(house):
    source = house.make_repo(name="source")
    copy = repos.duplicate(
        house.stores, house.eve, Kind.MODEL, "ada/source", NewRepo(Kind.MODEL, "eve", "copy")
    )
    with house.stores.db.read() as tx:
        assert repos.refs_of(tx, copy.id) == repos.refs_of(tx, source.id)
    assert house.tree(copy, actor=house.eve) == house.tree(source)
