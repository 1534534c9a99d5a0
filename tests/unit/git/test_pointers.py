import hashlib

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.git.conftest import finish

from hubkeep import cas
from hubkeep.git import PackWriter
from hubkeep.git.pointers import place_of


def pointer(content: bytes) -> bytes:
    return cas.write_pointer(hashlib.sha256(content).hexdigest(), len(content))


SHA = {name: hashlib.sha256(name).hexdigest() for name in (b"one", b"two", b"three")}


def history(one):
    first = one.commit({"a.bin": pointer(b"one"), "README.md": b"hello", "same": pointer(b"one")})
    second = one.commit(
        {"a.bin": pointer(b"two"), "d/odd \n name": pointer(b"three"), "big": b"x" * 5000}, first
    )
    return first, second


def test_pointers_at_a_tip_with_every_path(one):
    _first, second = history(one)
    with one.reader(second) as reader:
        at_tip = [(p.path, p.pointer_sha256) for p in reader.pointers([second], tip_only=True)]
    assert at_tip == [("a.bin", SHA[b"two"]), ("d/odd \n name", SHA[b"three"]), ("same", SHA[b"one"])]


def test_pointers_in_history_once_each(one):
    first, second = history(one)
    with one.reader(second) as reader:
        found = {
            p.pointer_sha256: (p.path, p.pointer_size)
            for p in reader.pointers([second, first], tip_only=False)
        }
    assert found[SHA[b"two"]] == ("a.bin", 3)
    assert found[SHA[b"one"]][0] in ("a.bin", "same")
    assert set(found) == set(SHA.values())


@given(
    st.lists(
        st.sampled_from(
            [
                b"version https://git-lfs.github.com/spec/v1\n",
                b"oid sha256:" + b"a" * 64 + b"\n",
                b"size 1\n",
                b"size 01\n",
                b"ext-0-x sha256:" + b"b" * 64 + b"\n",
                b"\n",
                b"size -1\n",
                b"x" * 1000,
            ]
        ),
        max_size=5,
    ).map(b"".join)
)
def test_git_and_cas_agree_on_what_a_pointer_is(blob):
    ours, theirs = place_of("0" * 40, "p", blob), cas.read_pointer(blob)
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        assert (ours.pointer_sha256, ours.pointer_size) == (theirs.sha256, theirs.size)


def rewritten(one, tips, blobs):
    with one.reader(tips[0]) as reader, PackWriter(one.cache.scratch, reader.contains) as writer:
        renamed = reader.rewrite(writer, tips, blobs)
        written = writer.finish()
        if written:
            one.names.append(one.cache.store(1, *written).name)
    return renamed


def test_history_without_some_blobs(one):
    first, second = history(one)
    third = one.commit({"README.md": b"changed"}, second)
    with one.reader(third) as reader:
        gone = {
            p.oid
            for p in reader.pointers([third], tip_only=False)
            if p.pointer_sha256 in (SHA[b"two"], SHA[b"three"])
        }
    renamed = rewritten(one, [third, first], gone)
    assert renamed[first] == first, "what never had them stays"
    new = renamed[third]
    assert one.files(new) == {"README.md": b"changed", "big": b"x" * 5000, "same": pointer(b"one")}
    assert one.git("fsck", "--strict", "--no-dangling", "--no-progress", new) == b""
    with one.reader(new) as reader:
        assert [c.title for c in reader.log(new, skip=0, limit=9)] == ["a change"] * 3
        assert {p.pointer_sha256 for p in reader.pointers([new], tip_only=False)} == {SHA[b"one"]}
        assert reader.commit(new).date == reader.commit(third).date


def test_nothing_to_remove_changes_nothing(one):
    first, second = history(one)
    before = len(one.names)
    renamed = rewritten(one, [second], {"0" * 40})
    assert renamed[second] == second
    assert renamed[first] == first
    assert len(one.names) == before


def test_a_tree_of_nothing_else_becomes_the_empty_tree_and_signatures_go(one):
    only = one.commit({"d/a.bin": pointer(b"one")})
    with one.reader(only) as reader:
        kind, data = reader.read(only)
        (place,) = reader.pointers([only], tip_only=True)
        signed = data.replace(b"\n\n", b"\ngpgsig -----BEGIN\n line\n \n -----END\nx-kept yes\n\n", 1)
        with PackWriter(one.cache.scratch) as writer:
            tip = writer.add(kind, signed)
            one.names.append(one.cache.store(1, *finish(writer)).name)
    new = rewritten(one, [tip], {place.oid})[tip]
    with one.reader(new) as reader:
        assert one.files(new) == {}
        text = reader.read(new)[1]
    assert b"gpgsig" not in text
    assert b"BEGIN" not in text
    assert b"\nx-kept yes\n\na change\n" in text
