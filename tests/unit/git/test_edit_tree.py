import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.git.conftest import NothingOlder, finish, git

from hubkeep.git import Delete, PackWriter, PathConflict, PathNotFound, Put, edit_tree
from hubkeep.git.objects import EMPTY_TREE, parse_tree

NAMES = st.sampled_from(["a", "b", "a.b", "a-b", "ab", "z", "A"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def model(files, edits):
    """What edits mean, on a plain dict of paths; raises like the real thing."""
    files = dict(files)
    for path in sorted((p for p, e in edits.items() if e is None), key=lambda p: -p.count("/")):
        gone = {p for p in files if p == path or p.startswith(path + "/")}
        emptied = {p for p in edits if edits[p] is None and p.startswith(path + "/")}
        if not gone and not emptied:
            raise PathNotFound(path=path)
        for name in gone:
            del files[name]
    for path, data in edits.items():
        if data is None:
            continue
        parts = path.split("/")
        if any("/".join(parts[:n]) in files for n in range(1, len(parts))):
            raise PathConflict(path=path, reason="")
        if any(p.startswith(path + "/") for p in files):
            raise PathConflict(path=path, reason="")
        files[path] = data
    return files


@settings(max_examples=150)
@given(
    st.lists(st.dictionaries(PATHS, st.none() | st.binary(max_size=3), min_size=1, max_size=6), max_size=5)
)
def test_edits_do_what_they_mean(one, rounds):
    files: dict[str, bytes] = {}
    tip = one.commit({})
    for edits in rounds:
        try:
            wanted = model(files, edits)
        except (PathConflict, PathNotFound) as refused:
            with pytest.raises(type(refused)):
                one.commit(edits, tip)
            continue
        tip, files = one.commit(edits, tip), wanted
        assert one.files(tip) == files
    assert one.git("fsck", "--strict", "--no-dangling", "--no-progress") == b""


def test_only_touched_folders_are_written(one, tmp_path):
    tip = one.commit({f"d{i}/e/f{j}": b"x" for i in range(20) for j in range(20)})
    with one.reader(tip) as reader, PackWriter(tmp_path, reader.contains) as writer:
        blob = writer.add("blob", b"new")
        edit_tree(reader, writer, reader.commit(tip).tree, {"d3/e/f3": Put(blob), "d3/e/f4": Delete()})
        assert finish(writer).objects == 4  # the blob, two folders, the root


def test_the_last_file_takes_its_folders_along(one):
    tip = one.commit({"a/b/c": b"1", "d": b"2"})
    assert one.files(one.commit({"a/b/c": None}, tip)) == {"d": b"2"}
    with one.reader(tip) as reader:
        empty = one.commit({"a": None, "d": None}, tip)
        assert reader.commit(empty).tree == EMPTY_TREE
    assert one.files(empty) == {}


def test_file_modes_of_others_stay(one, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    with PackWriter(tmp_path) as writer:
        blob = writer.add("blob", b"#!/bin/sh\n")
        tree = edit_tree(None, writer, None, {"run": Put(blob, 0o100755), "link": Put(blob, 0o120000)})
        again = edit_tree(_Both(writer), writer, tree, {"other": Put(blob)})
        pack = finish(writer).pack.read_bytes()
    git(work, "init", "-q", ".")
    git(work, "index-pack", "--stdin", stdin=pack)
    modes = [line.split()[0] for line in git(work, "ls-tree", again).splitlines()]
    assert modes == [b"120000", b"100644", b"100755"]


class _Both:
    """Reads trees out of a pack that is being written."""

    def __init__(self, writer):
        self.writer = writer

    def tree(self, oid):
        return parse_tree(self.writer.written(oid, NothingOlder()))


@pytest.mark.parametrize(
    ("edits", "error", "named"),
    [
        ({"nope": None}, PathNotFound, "nope"),
        ({"dir/nope": None}, PathNotFound, "dir/nope"),
        ({"file/below": None}, PathNotFound, "file/below"),
        ({"no/such/folder": None}, PathNotFound, "no/such/folder"),
        ({"dir": b"x"}, PathConflict, "dir"),
        ({"file/x": b"x"}, PathConflict, "file"),
        ({"new": b"x", "new/below": b"x"}, PathConflict, "new"),
        ({"new/below": b"x", "new": b"x"}, PathConflict, "new"),
    ],
)
def test_refusals_name_the_path(one, edits, error, named):
    tip = one.commit({"dir/a": b"1", "file": b"2"})
    with pytest.raises(error) as refused:
        one.commit(edits, tip)
    assert refused.value.facts["path"] == named


def test_a_file_may_take_the_place_of_a_folder_that_goes(one):
    tip = one.commit({"dir/a": b"1", "dir/b": b"2", "file": b"3"})
    done = one.commit({"dir": b"now a file", "dir/a": None, "dir/b": None, "file": None, "file/x": b"4"}, tip)
    assert one.files(done) == {"dir": b"now a file", "file/x": b"4"}
