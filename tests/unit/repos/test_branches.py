import sys

import pytest
from tests.unit.repos.conftest import add

from hubkeep import repos
from hubkeep.kit import BadInput, now
from hubkeep.repos import RefConflict, RefExists, RefProtected, RevisionNotFound


def refs(house, repo):
    with house.stores.db.read() as tx:
        return {
            r.name: (r.oid, r.commit_oid) for r in repos.list_refs(tx, house.ada, repo.kind, repo.full_name)
        }


def branch(house, repo, name, start=None, **more):
    repos.create_branch(house.stores, house.ada, repo.kind, repo.full_name, name, start, **more)


def tag(house, repo, name, target="main", message=None):
    repos.create_tag(house.stores, house.ada, repo.kind, repo.full_name, name, target, message)


def test_a_branch_starts_anywhere_and_goes_its_own_way(house):
    repo = house.make_repo()
    first = house.commit(repo, add("a")).oid
    second = house.commit(repo, add("b")).oid
    branch(house, repo, "dev", first[:8])
    branch(house, repo, "feat/ü", "dev")
    house.commit(repo, add("c"), rev="dev")
    assert set(house.tree(repo, "dev")) == {".gitattributes", "a", "c"}
    assert refs(house, repo)["refs/heads/feat/ü"] == (first, first)
    assert refs(house, repo)["refs/heads/main"] == (second, second)


def test_a_branch_that_exists_is_told_or_overwritten(house):
    repo = house.make_repo()
    tip = house.commit(repo, add("a")).oid
    branch(house, repo, "dev", tip)
    newer = house.commit(repo, add("b")).oid
    with pytest.raises(RefExists, match="refs/heads/dev already exists"):
        branch(house, repo, "dev")
    branch(house, repo, "dev", overwrite=True)
    assert refs(house, repo)["refs/heads/dev"] == (newer, newer)


@pytest.mark.parametrize(
    "name", ["a..b", "-x", "refs/heads/x", "a b", "x.lock", "", "a//b", "HEAD", "\udcff", "x" * 300]
)
def test_names_that_git_refuses_are_refused(house, name):
    repo = house.make_repo()
    with pytest.raises(BadInput):
        branch(house, repo, name)
    if name not in ("HEAD", "-x"):
        with pytest.raises(BadInput):
            tag(house, repo, name)


def test_names_that_no_clone_could_hold_together_are_refused(house):
    repo = house.make_repo()
    branch(house, repo, "a/b/c")
    branch(house, repo, "A")
    for name in ("a", "a/b", "a/b/c/d", "main/x"):
        with pytest.raises(RefConflict):
            branch(house, repo, name)
    branch(house, repo, "a/b/d")
    branch(house, repo, "a%")
    tag(house, repo, "a")
    repos.delete_branch(house.stores, house.ada, repo.kind, repo.full_name, "a/b/c")
    branch(house, repo, "a/b/c/d")


def test_the_default_branch_stays_and_what_is_not_there_cannot_go(house):
    repo = house.make_repo()
    with pytest.raises(RefProtected):
        repos.delete_branch(house.stores, house.ada, repo.kind, repo.full_name, "main")
    for delete in (repos.delete_branch, repos.delete_tag):
        with pytest.raises(RevisionNotFound):
            delete(house.stores, house.ada, repo.kind, repo.full_name, "nope")


def test_tags_are_light_or_tell_a_message(house):
    repo = house.make_repo()
    tip = house.commit(repo, add("a")).oid
    tag(house, repo, "v1")
    tag(house, repo, "v2", tip[:7], "second\n\nrelease")
    tag(house, repo, "v3", "v2")
    found = refs(house, repo)
    assert found["refs/tags/v1"] == found["refs/tags/v3"] == (tip, tip)
    oid, commit = found["refs/tags/v2"]
    assert oid != commit == tip
    assert set(house.tree(repo, "v2")) == {".gitattributes", "a"}
    with pytest.raises(RefExists):
        tag(house, repo, "v2")
    repos.delete_tag(house.stores, house.ada, repo.kind, repo.full_name, "v2")
    assert set(refs(house, repo)) == {"refs/heads/main", "refs/tags/v1", "refs/tags/v3"}


def test_the_same_change_to_two_branches_within_a_second(house, monkeypatch):
    repo = house.make_repo()
    branch(house, repo, "one")
    branch(house, repo, "two")
    moment = now()
    monkeypatch.setattr(sys.modules["hubkeep.repos.commit"], "now", lambda: moment)
    first, second = (house.commit(repo, add("a"), rev=name).oid for name in ("one", "two"))
    assert first == second
    assert set(house.tree(repo, "two")) == {".gitattributes", "a"}
