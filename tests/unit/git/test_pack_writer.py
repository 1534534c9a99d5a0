import random
import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.git.conftest import ADA, NothingOlder, finish, git

from hubkeep.git import PackWriter
from hubkeep.git.objects import dump_tree, oid_of, parse_commit, parse_tree
from hubkeep.git.pack_index import IndexEntry, index_of, object_count
from hubkeep.git.pack_writer import WORTH_ASKING

WHEN = datetime(2024, 5, 17, 12, tzinfo=UTC)


def write_commit(writer, blobs):
    entries = {
        f"f{i:05d}".encode(): (0o100644, bytes.fromhex(writer.add("blob", b))) for i, b in enumerate(blobs)
    }
    tree = writer.add("tree", dump_tree(entries))
    return writer.add_commit(tree, [], ADA, "a commit", WHEN)


def index_pack(tmp_path, pack):
    bare = tmp_path / "bare"
    bare.mkdir(exist_ok=True)
    git(bare, "init", "-q", "--bare", ".")
    git(bare, "index-pack", "--strict", "--stdin", stdin=pack.read_bytes())
    return bare


@settings(max_examples=25)
@given(blobs=st.lists(st.binary(max_size=3000), min_size=1, max_size=12))
def test_git_accepts_the_pack_and_finds_every_object(tmp_path, blobs):
    with PackWriter(tmp_path) as writer:
        commit = write_commit(writer, blobs)
        written = finish(writer)
        bare = index_pack(tmp_path, written.pack)
        (theirs,) = (path for path in (bare / "objects/pack").glob(f"*{checksum(written.pack)}.idx"))
        assert theirs.read_bytes() == written.idx.read_bytes()
        assert object_count(written.idx) == written.objects
        assert git(bare, "cat-file", "-p", f"{commit}:f00000") == blobs[0]
    assert not list(tmp_path.glob("*.pack")), "what was not handed over is removed"


def checksum(pack):
    return pack.read_bytes()[-20:].hex()


def test_large_and_incompressible_objects_survive(tmp_path):
    big = bytes(range(256)) * 8000, random.Random(1).randbytes(1 << 20), b""
    with PackWriter(tmp_path) as writer:
        commit = write_commit(writer, big)
        bare = index_pack(tmp_path, finish(writer).pack)
        for number, data in enumerate(big):
            assert git(bare, "cat-file", "-p", f"{commit}:f{number:05d}") == data


def test_an_object_is_written_once_and_large_known_ones_are_left_out(tmp_path):
    large = b"old" * WORTH_ASKING
    known = {oid_of("blob", large)}
    with PackWriter(tmp_path, known.__contains__) as writer:
        assert writer.add("blob", large) in known
        assert writer.finish() is None
        writer.add("blob", b"new")
        writer.add("blob", b"new")
        assert finish(writer).objects == 1


def test_what_was_added_can_be_read_again(tmp_path):
    with PackWriter(tmp_path) as writer:
        oids = [writer.add("blob", data) for data in (b"", b"x", b"y" * 100_000)]
        assert [len(writer.written(oid, NothingOlder())) for oid in oids] == [0, 1, 100_000]
        writer.add("blob", b"after reading")
        assert finish(writer).objects == 4


def test_offsets_past_two_gigabytes_stand_in_their_own_table(tmp_path):
    entries = [IndexEntry(bytes([i]) * 20, i, offset) for i, offset in enumerate([12, 1 << 31, 5 << 40])]
    idx = tmp_path / "far.idx"
    idx.write_bytes(index_of(entries, b"\0" * 20))
    shown = subprocess.run(
        ["git", "show-index"], stdin=idx.open("rb"), capture_output=True, check=True
    ).stdout
    assert [int(line.split()[0]) for line in shown.splitlines()] == [12, 1 << 31, 5 << 40]


def test_annotated_tags_pass_fsck(tmp_path):
    with PackWriter(tmp_path) as writer:
        commit = write_commit(writer, [b"a"])
        tag = writer.add_tag(commit, "v1.0", ADA, "first\n\nrelease", WHEN)
        bare = index_pack(tmp_path, finish(writer).pack)
    assert git(bare, "fsck", "--strict", "--no-dangling", tag) == b""
    assert git(bare, "rev-parse", f"{tag}^{{commit}}").decode().strip() == commit


@pytest.mark.parametrize("name", ["ada", "", "<>", "Ada <ada@x>", "a\nb\0c", "Ada Lovelace", "ä", ".,;"])
@pytest.mark.parametrize("message", ["", "title", "title\n\nbody", "\0null", "trailing\n\n\n", "ünï\n"])
def test_no_name_and_no_message_makes_a_bad_commit(tmp_path, name, message):
    with PackWriter(tmp_path) as writer:
        tree = writer.add("tree", b"")
        oid = writer.add_commit(tree, [], (name, f"{name}@x"), message, WHEN)
        index_pack(tmp_path, finish(writer).pack)
        commit = parse_commit(oid, writer.written(oid, NothingOlder()))
    assert commit.date == WHEN
    assert commit.title == message.replace("\0", "").partition("\n")[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"tree x",
        b"\n\n",
        b"tree " + b"a" * 40 + b"\nauthor\ncommitter\n\nx",
        b"tree " + b"a" * 40 + b"\nauthor A <a> 99999999999999999999 +0000\ncommitter A <a@b> 1 +0000\n\nx",
        b"author A <a> -5 +0000\ncommitter A > < 7\nencoding no-such\n\n\xff\xfe",
        b"encoding latin-1\nauthor \xe4 <x> 1 +0100\n\n\xfc",
    ],
)
def test_odd_commits_of_old_tools_can_be_read(data):
    commit = parse_commit("0" * 40, data)
    assert commit.date.year >= 1970
    assert isinstance(commit.title, str)


@given(st.binary(max_size=200))
def test_reading_a_tree_never_fails(data):
    parse_tree(data)


@given(
    st.dictionaries(
        st.binary(min_size=1, max_size=8).filter(lambda n: b"\0" not in n and b"/" not in n),
        st.sampled_from([0o40000, 0o100644, 0o160000]),
    )
)
def test_a_tree_reads_as_it_was_written(names):
    entries = {name: (mode, bytes([len(name)]) * 20) for name, mode in names.items()}
    assert parse_tree(dump_tree(entries)) == entries
