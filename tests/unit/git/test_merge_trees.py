import random

import pytest
from tests.unit.git.conftest import finish, git

from hubkeep.git import Nowhere, PackWriter, diff_trees, merge_base, merge_commits
from hubkeep.git.merge_trees import _State

TEXT = b"".join(b"line %d\n" % number for number in range(20))
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 12\n"


def replaced(number: int, text: bytes = TEXT) -> bytes:
    return text.replace(b"line %d\n" % number, b"changed %d\n" % number)


def merge(lab, ours, theirs):
    with lab.reader(ours) as reader:
        reader.commit(theirs)
        return merge_commits(reader, Nowhere(), ours, theirs, lab.cache.scratch)


def by_git(lab, ours, theirs):
    """Return the tree and the conflicts that git finds."""
    place = lab.cache.fetch(lab.repo, lab.names)
    printed = git(
        place.directory,
        "merge-tree",
        "--write-tree",
        "--name-only",
        "--no-messages",
        "-z",
        ours,
        theirs,
        check=False,
    )
    tree, *names = [part.decode() for part in printed.split(b"\0") if part]
    return tree, sorted(set(names))


def test_changes_of_both_sides_come_together(lab):
    base = lab.commit({"a": b"a", "d/b": b"b", "d/e/c": b"c", "gone": b"x", "d/gone": b"y"})
    ours = lab.commit({"a": b"A", "d/e/new": b"n", "d/gone": None}, base)
    theirs = lab.commit({"d/e/c": b"C", "gone": None, "new/file": b"f"}, base)
    found = merge(lab, ours, theirs)
    assert (found.base, found.tree) == (base, by_git(lab, ours, theirs)[0])
    with lab.reader(ours) as reader:
        paths = [
            change.path for change in diff_trees(reader, reader.commit(ours).tree, reader.commit(theirs).tree)
        ]
    assert paths == ["a", "d/e/c", "d/e/new", "d/gone", "gone", "new/file"]


def test_two_edits_far_apart_in_one_file_are_merged_line_by_line(lab):
    base = lab.commit({"f": TEXT})
    ours, theirs = lab.commit({"f": replaced(2)}, base), lab.commit({"f": replaced(17)}, base)
    with lab.reader(ours) as reader, PackWriter(lab.cache.scratch, reader.contains) as writer:
        reader.commit(theirs)
        found = merge_commits(reader, writer, ours, theirs, lab.cache.scratch)
        lab.names.append(lab.cache.store(lab.repo, *finish(writer)).name)
    with lab.reader(None) as reader:
        reader._more()
        ((mode, oid),) = reader.tree(found.tree).values()
        assert (mode, reader.blob(oid.hex())) == (0o100644, replaced(17, replaced(2)))


@pytest.mark.parametrize(
    ("start", "mine", "other", "conflicts"),
    [
        ({"f": TEXT}, {"f": replaced(3)}, {"f": TEXT.replace(b"line 3\n", b"other\n")}, ["f"]),
        ({"f": b"x"}, {"f": b"y"}, {"f": None}, ["f"]),
        ({"f": b"x"}, {"f": None}, {"f": b"y"}, ["f"]),
        ({"z": b"x"}, {"f": b"one"}, {"f": b"two"}, ["f"]),
        ({"d/f": b"x", "d/g": b"x"}, {"d/f": None, "d/g": None}, {"d/f": b"y"}, ["d/f"]),
        ({"f": b"\0a\n"}, {"f": b"\0b\n"}, {"f": b"\0c\n"}, ["f"]),
        ({"w": POINTER % (b"a" * 64)}, {"w": POINTER % (b"b" * 64)}, {"w": POINTER % (b"c" * 64)}, ["w"]),
    ],
)
def test_what_cannot_be_merged_is_named(lab, start, mine, other, conflicts):
    base = lab.commit({**start, "else": b"1"})
    ours, theirs = lab.commit(mine, base), lab.commit({**other, "else": b"2"}, base)
    found = merge(lab, ours, theirs)
    assert (found.tree, list(found.conflicts)) == (None, conflicts)
    assert by_git(lab, ours, theirs)[1] == conflicts


def test_a_file_against_a_folder_is_a_conflict(lab):
    base = lab.commit({"keep": b"k"})
    ours, theirs = lab.commit({"x": b"file"}, base), lab.commit({"x/y": b"in a folder"}, base)
    assert merge(lab, ours, theirs).conflicts
    assert merge(lab, theirs, ours).conflicts


def test_the_same_change_on_both_sides_is_no_conflict(lab):
    base = lab.commit({"a": b"1", "b": b"1"})
    ours, theirs = (
        lab.commit({"a": b"2", "b": None}, base),
        lab.commit({"a": b"2", "b": None, "c": b"3"}, base),
    )
    assert merge(lab, ours, theirs).tree == by_git(lab, ours, theirs)[0]


def test_an_edit_follows_a_file_that_was_renamed_meanwhile(lab):
    base = lab.commit({"old/name.txt": TEXT, "k": b"k"})
    ours = lab.commit({"old/name.txt": None, "new/name.txt": TEXT}, base)
    theirs = lab.commit({"old/name.txt": replaced(5)}, base)
    with lab.reader(ours) as reader, PackWriter(lab.cache.scratch, reader.contains) as writer:
        reader.commit(theirs)
        found = merge_commits(reader, writer, ours, theirs, lab.cache.scratch)
        lab.names.append(lab.cache.store(lab.repo, *finish(writer)).name)
    assert found.tree is not None
    with lab.reader(None) as reader:
        reader._more()
        (change,) = diff_trees(reader, reader.commit(ours).tree, found.tree)
        assert change.new is not None
        assert (change.path, reader.blob(change.new[1])) == ("new/name.txt", replaced(5))
    assert list(lab.cache.scratch.iterdir()) == []


def test_two_uploads_that_each_track_a_new_kind_of_file_do_not_conflict(lab):
    base = lab.commit({".gitattributes": b"*.bin filter=lfs\n"})
    ours = lab.commit({".gitattributes": b"*.bin filter=lfs\n*.one filter=lfs\n"}, base)
    theirs = lab.commit({".gitattributes": b"*.bin filter=lfs\n*.two filter=lfs\n"}, base)
    with lab.reader(ours) as reader, PackWriter(lab.cache.scratch, reader.contains) as writer:
        reader.commit(theirs)
        found = merge_commits(reader, writer, ours, theirs, lab.cache.scratch)
        assert found.tree is not None
        lab.names.append(lab.cache.store(lab.repo, *finish(writer)).name)
    with lab.reader(None) as reader:
        reader._more()
        text = reader.blob(next(iter(reader.tree(found.tree).values()))[1].hex())
    assert set(text.splitlines()) == {b"*.bin filter=lfs", b"*.one filter=lfs", b"*.two filter=lfs"}


def test_unrelated_histories_are_told(lab):
    found = merge(lab, lab.commit({"a": b"1"}), lab.commit({"b": b"2"}))
    assert (found.related, found.tree, found.conflicts) == (False, None, ())


def test_a_merge_opens_no_folder_that_neither_side_touched(lab, monkeypatch):
    many = {f"d{folder}/f{number}": b"%d" % number for folder in range(30) for number in range(10)}
    base = lab.commit(many)
    ours, theirs = lab.commit({"d3/f1": b"x"}, base), lab.commit({"d7/f1": b"y"}, base)

    with lab.reader(ours) as reader:
        reader.commit(theirs)
        trees = [reader.commit(oid).tree for oid in (base, ours, theirs)]
        read, plain = list[str](), reader.tree

        def counted(oid):
            read.append(oid)
            return plain(oid)

        monkeypatch.setattr(reader, "tree", counted)
        state = _State(reader, Nowhere(), lab.cache.scratch)
        assert state.folder(b"", *trees) == by_git(lab, ours, theirs)[0]
        assert sorted(read) == sorted(trees)


@pytest.mark.parametrize("seed", range(12))
def test_random_merges_agree_with_git(lab, seed):
    chance = random.Random(seed)
    paths = [f"{folder}{name}" for folder in ("", "a/", "a/b/", "c/") for name in "pqrst"]

    def edit():
        chosen = chance.sample(paths, chance.randint(1, 5))
        return {
            path: chance.choice([replaced(chance.randint(0, 19)), b"%d\n" % chance.randint(0, 3), None])
            for path in chosen
        }

    base = lab.commit({path: TEXT + path.encode() for path in paths})

    def side():
        tip = base
        for _ in range(chance.randint(1, 3)):
            with lab.reader(tip) as reader:
                there = {path for path in paths if reader.entry(tip, path)}
            changes = {path: data for path, data in edit().items() if data is not None or path in there}
            tip = lab.commit(changes, tip) if changes else tip
        return tip

    ours, theirs = side(), side()
    found = merge(lab, ours, theirs)
    tree, conflicts = by_git(lab, ours, theirs)
    assert list(found.conflicts) == conflicts
    assert found.tree == (None if conflicts else tree)


def test_merge_bases_agree_with_git(lab):
    chance = random.Random(5)
    commits = [lab.commit({"f": b"0"})]
    for number in range(1, 40):
        parents = chance.sample(commits[-6:], k=min(len(commits[-6:]), chance.choice([1, 1, 2])))
        commits.append(lab.commit({"f": b"%d" % number}, *parents))
    place = lab.cache.fetch(lab.repo, lab.names)
    with lab.reader(commits[-1]) as reader:
        for _ in range(60):
            one, other = chance.sample(commits, 2)
            all_bases = git(place.directory, "merge-base", "--all", one, other).decode().split()
            assert merge_base(reader, one, other) in all_bases


def test_a_far_merge_base_is_found_by_git(lab, monkeypatch):
    monkeypatch.setitem(merge_base.__globals__, "NEAR", 3)
    start = tip = lab.commit({"f": b"0"})
    for number in range(8):
        tip = lab.commit({"f": b"%d" % number}, tip)
    other, alien = lab.commit({"g": b"0"}, start), lab.commit({"h": b"0"})
    with lab.reader(tip) as reader:
        reader.commit(other)
        assert merge_base(reader, tip, other) == start
        assert merge_base(reader, tip, alien) is None
