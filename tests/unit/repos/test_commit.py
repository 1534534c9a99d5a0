import base64

import pytest
from tests.unit.repos.conftest import add, large, remove

from hubkeep import cas, repos
from hubkeep.accounts import NotAllowed
from hubkeep.kit import TooLarge
from hubkeep.repos import (
    EntryNotFound,
    InvalidCommit,
    InvalidPath,
    LfsObjectMissing,
    RefMoved,
    RevisionNotFound,
)

SHA = "a" * 64


def tip(house, repo, ref="refs/heads/main"):
    with house.stores.db.read() as tx:
        return repos.refs_of(tx, repo.id)[ref]


def test_a_commit_adds_changes_and_deletes(house):
    repo = house.make_repo()
    house.commit(repo, add("a.txt"), add("dir/b.txt", b"b"), add("dir/deep/c.txt", b"c"))
    house.commit(repo, add("a.txt", b"changed"), remove("dir/b.txt"))
    assert set(house.tree(repo, recursive=True)) == {
        ".gitattributes",
        "a.txt",
        "dir",
        "dir/deep",
        "dir/deep/c.txt",
    }
    assert house.read(repo, "a.txt") == b"changed"


def test_deleting_a_folder_by_either_operation_takes_everything_below(house):
    repo = house.make_repo()
    house.commit(repo, add("one/a"), add("two/b"))
    house.commit(repo, {"key": "deletedFolder", "value": {"path": "one/"}}, remove("two"))
    assert set(house.tree(repo)) == {".gitattributes"}


def test_the_same_content_again_returns_the_same_commit(house):
    repo = house.make_repo()
    first = house.commit(repo, add("a.txt"))
    assert house.commit(repo, add("a.txt")).oid == first.oid


def test_a_moved_parent_is_told_and_nothing_changes(house):
    repo = house.make_repo()
    start = tip(house, repo)
    second = house.commit(repo, add("a.txt"), parent=start[:7]).oid
    with pytest.raises(RefMoved):
        house.commit(repo, add("b.txt"), parent=start)
    assert tip(house, repo) == second


def test_a_commit_lands_only_on_branches(house):
    repo = house.make_repo()
    for rev in ("nope", tip(house, repo), "refs/tags/v1", "refs/pr/1"):
        with pytest.raises(RevisionNotFound):
            house.commit(repo, add("a.txt"), rev=rev)


def test_only_writers_commit(house):
    repo = house.make_repo()
    with pytest.raises(NotAllowed):
        house.commit(repo, add("a.txt"), actor=house.eve)


def test_a_large_file_must_have_been_uploaded_to_this_repo(house):
    repo = house.make_repo()
    with pytest.raises(LfsObjectMissing):
        house.commit(repo, large("w.safetensors", SHA, 3))


def test_a_large_file_becomes_a_pointer_and_is_tracked(house):
    repo, other = house.make_repo(), house.make_repo()
    source = house.stores.scratch / "big"
    source.write_bytes(b"weights")
    blobs = house.stores.blobs
    sha256, size = cas.keep_whole(blobs, source)
    with house.stores.db.write() as tx:
        cas.link_whole(tx, blobs, repo.id, house.ada.user_id, sha256, size)
    house.commit(repo, large("odd name.weird", sha256))
    file = house.tree(repo)["odd name.weird"]
    assert (file.size, file.pointer.sha256) == (7, sha256)
    assert b'"odd name.weird" filter=lfs' in house.read(repo, ".gitattributes")
    with pytest.raises(LfsObjectMissing):
        house.commit(other, large("w", sha256))
    with pytest.raises(InvalidCommit, match="size"):
        house.commit(repo, large("w", sha256, 8))


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a/../b", ".git/config", "a/.GIT/x", "", ".", "a//b", "a\0b", "..\\x", "x" * 5000]
)
def test_hostile_paths_are_refused(house, path):
    repo = house.make_repo()
    before = tip(house, repo)
    with pytest.raises((InvalidPath, InvalidCommit)):
        house.commit(repo, add(path))
    assert tip(house, repo) == before


def test_a_file_where_a_folder_is_and_the_other_way_round(house):
    repo = house.make_repo()
    house.commit(repo, add("folder/a"), add("file"))
    with pytest.raises(InvalidPath):
        house.commit(repo, add("folder"))
    with pytest.raises(InvalidPath):
        house.commit(repo, add("file/b"))
    house.commit(repo, remove("folder"), remove("file"), add("file/b"))
    assert set(house.tree(repo)) == {".gitattributes", "file", "file/b"}


def test_deleting_what_is_not_there_is_an_error(house):
    repo = house.make_repo()
    with pytest.raises(EntryNotFound, match="A file with this name doesn't exist"):
        house.commit(repo, remove("nope"))


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ({"key": "copyFile", "value": {"path": "a"}}, "unknown key"),
        ({"key": "file", "value": {"path": "a", "content": "%%%", "encoding": "base64"}}, "base64"),
        ({"key": "file", "value": {"path": "a", "content": "x", "encoding": "latin-1"}}, "encoding"),
        ({"key": "file", "value": {"path": "a", "content": "x", "mode": 1}}, "unknown field"),
        ({"key": "lfsFile", "value": {"path": "a", "algo": "md5", "oid": SHA}}, "sha256"),
        ({"key": "lfsFile", "value": {"path": "a", "oid": "A" * 64}}, "hexadecimal"),
        ({"key": "lfsFile", "value": {"path": "a", "oid": SHA, "size": -1}}, "size"),
        ({"key": "file", "value": {"content": "x"}}, "path"),
        ({"key": "header", "value": {"summary": "again"}}, "unknown key"),
    ],
)
def test_each_broken_operation_names_its_line_and_reason(house, operation, reason):
    repo = house.make_repo()
    with pytest.raises(InvalidCommit, match=rf"line 2: .*{reason}"):
        house.commit(repo, operation)


def test_an_empty_commit_and_an_empty_message_are_refused(house):
    repo = house.make_repo()
    with pytest.raises(InvalidCommit, match="lfsFile"):
        house.commit(repo)
    with pytest.raises(InvalidCommit, match="summary"):
        house.commit(repo, add("a"), summary=" ")


def test_a_plain_file_over_the_limit_is_refused(house):
    repo = house.make_repo()
    with pytest.raises(TooLarge, match="LFS or Xet"):
        house.commit(repo, add("big.txt", b"x" * (10 * (1 << 20) + 1)))


def test_a_card_with_broken_metadata_is_refused(house):
    repo = house.make_repo()
    with pytest.raises(InvalidCommit, match=r"README\.md"):
        house.commit(repo, add("README.md", b"---\n- a\n- list\n---\n"))


def test_utf8_content_and_renames_as_javascript_sends_them(house):
    repo = house.make_repo()
    house.commit(repo, {"key": "file", "value": {"path": "ä.txt", "content": "grün", "encoding": "utf-8"}})
    house.commit(
        repo,
        {
            "key": "file",
            "value": {"path": "b.txt", "content": "grün", "encoding": "utf-8", "oldPath": "ä.txt"},
        },
    )
    assert set(house.tree(repo)) == {".gitattributes", "b.txt"}
    assert base64.b64encode(house.read(repo, "b.txt")) == base64.b64encode("grün".encode())
