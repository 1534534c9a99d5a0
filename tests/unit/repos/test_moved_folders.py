"""Whole folders that get another path in one commit."""

import pytest
from tests.unit.repos.conftest import add, large, remove

from hubkeep import cas
from hubkeep.repos import EntryNotFound, InvalidCommit, InvalidPath, moved_folders


def move(old, new):
    return {"key": "movedFolder", "value": {"path": new, "oldPath": old}}


def paths(house, repo):
    return {path for path, file in house.tree(repo).items() if file.kind == "file"}


def hold(house, repo, content):
    source = house.stores.scratch / "big"
    source.write_bytes(content)
    sha256, size = cas.keep_whole(house.stores.blobs, source)
    with house.stores.db.write() as tx:
        cas.link_whole(tx, house.stores.blobs, repo.id, house.ada.user_id, sha256, size)
    return sha256


def test_a_folder_moves_with_everything_in_it_and_is_the_same_tree(house):
    repo = house.make_repo()
    house.commit(repo, *[add(f"data/{n % 7}/{n}.txt", str(n).encode()) for n in range(300)], add("keep.txt"))
    before = house.tree(repo)
    house.commit(repo, move("data", "deep/er/data"))
    after = house.tree(repo)
    assert after["deep/er/data"].oid == before["data"].oid
    assert paths(house, repo) == {
        ".gitattributes",
        "keep.txt",
        *(f"deep/er/data/{n % 7}/{n}.txt" for n in range(300)),
    }


def test_a_folder_may_take_the_place_of_one_that_it_empties(house):
    repo = house.make_repo()
    house.commit(repo, add("a/b/x"), add("a/b/a/y"))
    house.commit(repo, move("a/b", "a"))
    assert paths(house, repo) == {".gitattributes", "a/x", "a/a/y"}


def test_a_change_of_case_is_another_name(house):
    repo = house.make_repo()
    house.commit(repo, add("Data/x"))
    house.commit(repo, move("Data", "data"))
    assert paths(house, repo) == {".gitattributes", "data/x"}


@pytest.mark.parametrize(
    ("operations", "error", "words"),
    [
        ([move("a", "b")], InvalidPath, "there already"),
        ([move("a", "c.txt")], InvalidPath, "there already"),
        ([move("a", "c.txt/x")], InvalidPath, "a file, not a folder"),
        ([move("a", "a")], InvalidPath, "into itself"),
        ([move("a", "a/b")], InvalidPath, "into itself"),
        ([move("a", "A/.git")], InvalidPath, "git"),
        ([move("a", "../x")], InvalidPath, "segment"),
        ([move("a", "/".join(["x" * 200] * 20))], InvalidPath, "over the limit"),
        ([move("a", "/".join(["x"] * 127))], InvalidPath, "over the limit"),
        ([move("nothing", "x")], EntryNotFound, "nothing"),
        ([move("c.txt", "x")], EntryNotFound, "c.txt"),
        ([move("a", "x"), add("a/new.txt")], InvalidCommit, "nothing else"),
        ([move("a", "x"), remove("a/one.txt")], InvalidCommit, "nothing else"),
        ([move("a", "x"), move("a/deep", "y")], InvalidCommit, "nothing else"),
        ([move("a", "x"), move("b", "x")], InvalidCommit, "two folders"),
        ([{"key": "movedFolder", "value": {"path": "x"}}], InvalidCommit, "oldPath"),
        ([{"key": "movedFolder", "value": {"path": "x", "oldPath": "a", "size": 1}}], InvalidCommit, "size"),
    ],
)
def test_what_cannot_be_moved_is_told_and_nothing_changes(house, operations, error, words):
    repo = house.make_repo()
    house.commit(repo, add("a/one.txt"), add("a/deep/" + "y" * 90), add("b/two.txt"), add("c.txt"))
    before = paths(house, repo)
    with pytest.raises(error, match=words):
        house.commit(repo, *operations)
    assert paths(house, repo) == before


def test_files_can_be_added_to_a_folder_that_moves_in_the_same_commit(house):
    repo = house.make_repo()
    house.commit(repo, add("a/one.txt"))
    house.commit(repo, move("a", "b"), add("b/two.txt"))
    assert paths(house, repo) == {".gitattributes", "b/one.txt", "b/two.txt"}


def test_large_files_stay_large_wherever_the_folder_goes(house):
    repo = house.make_repo()
    oid = hold(house, repo, b"weights")
    house.commit(
        repo,
        large("in/by-path", oid),
        large("in/by-name.bin", oid),
        add("in/own/.gitattributes", b"kept filter=lfs diff=lfs merge=lfs -text\n"),
    )
    house.commit(repo, large("in/own/kept", oid))
    house.commit(repo, move("in", "out/there"))
    tree = house.tree(repo)
    assert all(
        tree[f"out/there/{name}"].pointer.sha256 == oid for name in ("by-path", "by-name.bin", "own/kept")
    )
    added = house.read(repo, ".gitattributes").decode().splitlines()
    assert [line for line in added if "out/there" in line] == [
        "out/there/by-path filter=lfs diff=lfs merge=lfs -text"
    ]


def test_what_one_commit_moves_is_bounded(house, monkeypatch):
    repo = house.make_repo()
    house.commit(repo, *[add(f"{folder}/{n}.txt") for folder in "ab" for n in range(3)], add("c/x"))
    monkeypatch.setattr(moved_folders, "MAX_NAMES", 5)
    with pytest.raises(InvalidPath, match="over 5 files and folders"):
        house.commit(repo, move("a", "d"), move("b", "e"))
    house.commit(repo, move("a", "d"))
    monkeypatch.setattr(moved_folders, "MAX_FOLDERS", 1)
    with pytest.raises(InvalidCommit, match="at most 1 folders"):
        house.commit(repo, move("b", "e"), move("c", "f"))
    assert paths(house, repo) == {".gitattributes", *(f"{f}/{n}.txt" for f in "bd" for n in range(3)), "c/x"}


def test_a_folder_with_rules_in_every_corner_is_not_moved(house, monkeypatch):
    repo = house.make_repo()
    house.commit(repo, *[add(f"a/{n}/.gitattributes", b"*.bin -text\n") for n in range(3)])
    monkeypatch.setattr(moved_folders, "MAX_ATTRIBUTES", 2)
    with pytest.raises(InvalidPath, match="more than 2 "):
        house.commit(repo, move("a", "b"))
