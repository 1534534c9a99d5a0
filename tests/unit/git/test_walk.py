import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.git.conftest import ADA, START, finish

from hubkeep.git import ObjectMissing, PackWriter
from hubkeep.git.objects import dump_tree

NAMES = st.sampled_from(["a", "b", "a.b", "a-b", "a0", "z", "ä b"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def make(one, paths):
    files: dict[str, bytes] = {}
    for path in paths:
        clash = any(p.startswith(path + "/") or path.startswith(p + "/") for p in files)
        if not clash:
            files[path] = path.encode()
    return one.commit(files)


def listed(entries):
    return [(entry.mode, entry.oid, entry.path) for entry in entries]


def as_git_lists(one, tip, *arguments):
    lines = one.git("ls-tree", "-z", *arguments, tip).split(b"\0")[:-1]
    fields = [(line.split(b"\t")[0].split(), line.split(b"\t", 1)[1].decode()) for line in lines]
    return [(int(mode, 8), oid.decode(), path) for (mode, _, oid), path in fields]


@settings(max_examples=60)
@given(st.sets(PATHS, min_size=1, max_size=14), st.integers(1, 5))
def test_pages_add_up_to_what_git_lists(one, paths, size):
    tip = make(one, paths)
    with one.reader(tip) as reader:
        for recursive, arguments in ((True, ("-r", "-t")), (False, ())):
            pages, after = [], None
            while page := reader.walk(tip, "", recursive=recursive, after=after, limit=size):
                pages += page
                after = page[-1].path
            assert listed(pages) == as_git_lists(one, tip, *arguments)
            for path in {entry.path for entry in pages}:
                assert reader.entry(tip, path).path == path


@settings(max_examples=40)
@given(st.sets(PATHS, min_size=2, max_size=14), st.data())
def test_a_page_goes_on_after_a_path_that_is_gone_since(one, paths, data):
    tip = make(one, paths)
    with one.reader(tip) as reader:
        everything = reader.walk(tip, "", recursive=True, after=None, limit=1000)
        gone = data.draw(st.sampled_from([e.path for e in everything if e.kind == "file"]))
        later = one.commit({gone: None}, tip)
        rest = reader.walk(later, "", recursive=True, after=gone, limit=1000)
        position = [e.path for e in everything].index(gone)
        assert [e.path for e in rest if e.kind == "file"] == [
            e.path for e in everything[position + 1 :] if e.kind == "file"
        ]


def test_a_folder_is_listed_with_paths_from_the_root(one):
    tip = one.commit({"a/b/c": b"1", "a/d": b"2", "e": b"3"})
    with one.reader(tip) as reader:
        assert [e.path for e in reader.walk(tip, "a", recursive=False, after=None, limit=9)] == ["a/b", "a/d"]
        assert [e.path for e in reader.walk(tip, "a", recursive=True, after="a/b", limit=9)] == [
            "a/b/c",
            "a/d",
        ]
        assert reader.walk(tip, "e", recursive=True, after=None, limit=9) == []
        assert reader.walk(tip, "nope", recursive=True, after=None, limit=9) == []


@pytest.mark.parametrize("path", ["nope", "a/nope", "e/x", ".", "..", "", "a//b", "/a", "a/", "\udcff"])
def test_nothing_is_at_paths_that_are_not_there(one, path):
    tip = one.commit({"a/b/c": b"1", "e": b"3"})
    with one.reader(tip) as reader:
        assert reader.entry(tip, path) is None


def test_a_tree_thousands_of_folders_deep_can_be_listed(one):
    with PackWriter(one.cache.scratch) as writer:
        oid = writer.add("blob", b"deep")
        mode = 0o100644
        for _ in range(3000):
            oid = writer.add("tree", dump_tree({b"d": (mode, bytes.fromhex(oid))}))
            mode = 0o040000
        tip = writer.add_commit(oid, [], ADA, "deep", START)
        one.names.append(one.cache.store(1, *finish(writer)).name)
    with one.reader(tip) as reader:
        assert len(reader.walk(tip, "", recursive=True, after=None, limit=9999)) == 3000


def test_missing_objects_are_told(one):
    tip = one.commit({"a": b"1"})
    with one.reader(tip) as reader:
        for call in (reader.blob, reader.tree, reader.commit, reader.size):
            with pytest.raises(ObjectMissing):
                call("0" * 40)
        with pytest.raises(ObjectMissing):
            reader.blob(tip)
        assert not reader.is_commit("0" * 40)
        assert not reader.is_commit(reader.entry(tip, "a").oid)
        assert reader.size(reader.entry(tip, "a").oid) == 1
