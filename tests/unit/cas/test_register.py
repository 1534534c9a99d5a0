import contextlib
import dataclasses
import hashlib
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.cas.build import BOOKEND, TAG, Cut, File, Term, noise, record, shard, text
from tests.unit.cas.conftest import ADA, EVE, readable
from tests.unit.cas.vectors import VECTORS

from hubkeep import cas
from hubkeep.cas.errors import BadShard, UnknownXorb
from hubkeep.cas.hashing import MerkleTree, chunk_hash, file_hash, range_hash, to_hex, xorb_hash
from hubkeep.kit import TooLarge


def test_the_published_shard_registers_its_file(store):
    xorb, vector = VECTORS["xorb_upload_1byte"], VECTORS["shard_upload_1byte"]
    store.send_xorb(xorb["xorb_hash"], bytes.fromhex(xorb["body_hex"]))
    assert store.register(bytes.fromhex(vector["hex"]))
    stored = store.held(1, vector["sha256"])[vector["sha256"]]
    assert stored == cas.StoredObject(vector["sha256"], 1, whole=False, xet_hash=vector["file_hash"])
    assert store.read(1, vector["sha256"]) == b"x"


def test_a_shard_with_footer_as_older_clients_send_it_is_accepted(store):
    xorb = VECTORS["xorb_upload_1byte"]
    store.send_xorb(xorb["xorb_hash"], bytes.fromhex(xorb["body_hex"]))
    assert store.register(bytes.fromhex(VECTORS["stored_shard_with_footer_1byte"]))
    assert store.register(shard(File.of(Cut(b"x")), footer=200) + b"whatever stands here") is False


def test_what_the_shard_says_of_xorbs_is_not_believed(store):
    cut = Cut(noise(100_000))
    store.send_xorb(cut.xorb, cut.body())
    lies = bytes(32) + (0).to_bytes(4, "little") + (2).to_bytes(4, "little") + bytes(8) + b"\x07" * 96
    assert store.register(shard(File.of(cut), xorbs=lies))
    assert store.read(1, cut.sha256) == cut.data


def test_registering_again_changes_nothing_and_other_terms_keep_the_first_recipe(store):
    cut = store.upload(noise(400_000))
    before = store.rows()
    assert store.register(shard(File.of(cut))) is False
    halves = File(cut.file, [cut.term(0, 2), cut.term(2)], cut.sha256)
    assert store.register(shard(halves)) is False
    assert store.rows() == before


def test_a_file_without_a_told_sha256_is_hashed_here(store):
    cut = Cut(noise(200_000))
    store.send_xorb(cut.xorb, cut.body())
    store.register(shard(dataclasses.replace(File.of(cut), sha256=None)))
    assert cut.sha256 in store.held(1, cut.sha256)


def test_an_empty_file_is_a_file(store):
    empty = hashlib.sha256(b"").hexdigest()
    store.register(shard(File("0" * 64, [], empty)))
    assert store.read(1, empty) == b""


def test_many_files_share_one_xorb_and_one_shard(store):
    contents = [noise(20_000 + 100 * n, n) for n in range(20)]
    parts = [Cut(content) for content in contents]
    hashes, sizes = b"".join(part.hashes for part in parts), [size for part in parts for size in part.sizes]
    name = to_hex(xorb_hash(hashes, sizes))
    store.send_xorb(name, b"".join(part.body() for part in parts))
    files, at = [], 0
    for part in parts:
        count = len(part.parts)
        term = Term(name, at, at + count, len(part.data), range_hash(part.hashes))
        files.append(File(part.file, [term], part.sha256))
        at += count
    assert store.register(shard(*files))
    assert [store.read(1, part.sha256) for part in parts] == contents


CUT = Cut(noise(700_000))
TERM = CUT.term()
OTHER = Cut(noise(700_000, 9))


def with_term(**change: object) -> File:
    return File(CUT.file, [dataclasses.replace(TERM, **change)], CUT.sha256)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (with_term(proof=bytes(32)), "verification hash of term 0"),
        (with_term(proof=OTHER.term().proof), "verification hash of term 0"),
        (with_term(size=TERM.size + 1), "announces 700,001 bytes, its chunks have 700,000"),
        (with_term(end=TERM.end + 1), "names chunks 0 to"),
        (with_term(start=5, end=5), "names chunks 5 to 5"),
        (with_term(start=6, end=5), "names chunks 6 to 5"),
        (with_term(start=2**32 - 2, end=2**32 - 1), "names chunks"),
        (File(OTHER.file, [TERM], CUT.sha256), "make the file"),
        (File(CUT.file, [CUT.term(0, 3)], CUT.sha256), "make the file"),
        (File(CUT.file, [TERM, TERM], CUT.sha256), "make the file"),
        (File(CUT.file, [TERM], OTHER.sha256), "has the sha256"),
        (File(CUT.file, [TERM], None, flags=0), "no verification records"),
    ],
)
def test_each_false_claim_is_refused_and_changes_nothing(store, file, reason):
    store.send_xorb(CUT.xorb, CUT.body())
    before = store.rows()
    with pytest.raises(BadShard, match=reason):
        store.register(shard(file))
    assert store.rows() == before


def test_one_bad_file_among_good_ones_refuses_all(store):
    good = Cut(noise(50_000, 3))
    store.send_xorb(CUT.xorb, CUT.body())
    store.send_xorb(good.xorb, good.body())
    before = store.rows()
    with pytest.raises(BadShard):
        store.register(shard(File.of(good), with_term(proof=bytes(32))))
    assert store.rows() == before


def test_nobody_binds_somebody_elses_sha256_to_bytes_of_their_own(store):
    secret = store.upload(noise(80_000, 4), repo_id=1, user_id=ADA)
    mine = Cut(noise(80_000, 5))
    store.send_xorb(mine.xorb, mine.body(), EVE)
    with pytest.raises(BadShard, match="sha256"):
        store.register(shard(File(mine.file, [mine.term()], secret.sha256)), repo_id=2, user_id=EVE)
    assert store.held(2, secret.sha256) == {}


def test_nor_after_the_file_was_proven_once(store):
    mine = store.upload(noise(80_000, 5), repo_id=2, user_id=EVE)
    with pytest.raises(BadShard, match="sha256"):
        store.register(shard(File(mine.file, [mine.term()], "0" * 64)), repo_id=2, user_id=EVE)


def test_a_xorb_is_usable_by_who_sent_it_or_may_read_a_repo_that_has_it(store):
    cut = store.upload(noise(90_000), repo_id=1, user_id=ADA)
    claim = shard(File.of(cut))
    before = store.rows()
    with pytest.raises(UnknownXorb):
        store.register(claim, repo_id=2, user_id=EVE)
    with pytest.raises(UnknownXorb):
        store.register(claim, repo_id=2, user_id=EVE, reads=(2, 3))
    assert store.rows() == before
    assert store.register(claim, repo_id=2, user_id=EVE, reads=(1, 2)) is False
    assert store.read(2, cut.sha256) == cut.data
    assert store.register(claim, repo_id=3, user_id=ADA) is False


def test_an_unknown_and_a_forbidden_xorb_look_the_same(store):
    theirs, nobodys = store.upload(noise(90_000)), Cut(noise(90_000, 2))
    told = []
    for cut in (theirs, nobodys):
        with pytest.raises(UnknownXorb) as refused:
            store.register(shard(File.of(cut)), repo_id=2, user_id=EVE)
        told.append(str(refused.value).replace(cut.xorb, "X"))
    assert told[0] == told[1]
    assert "$HF_HOME/xet" in told[0]


def test_a_xorb_that_only_its_sender_knows_is_not_reachable_by_others(store):
    cut = Cut(noise(90_000))
    store.send_xorb(cut.xorb, cut.body(), ADA)
    with pytest.raises(UnknownXorb):
        store.register(shard(File.of(cut)), repo_id=1, user_id=EVE, reads=(1,))


def test_the_size_is_capped_before_anything_is_hashed(store):
    part = Cut(bytes(131_072))
    store.send_xorb(part.xorb, part.body((1,)))
    huge = File("1" * 64, [part.term()] * 20_000, "2" * 64)
    with pytest.raises(TooLarge, match="1,000,000,000 bytes"):
        store.register(shard(huge), limit=1_000_000_000)


def test_work_out_of_all_proportion_to_the_bytes_is_refused(store):
    tiny = record(b"x") * 8192
    hashes, sizes = chunk_hash(b"x") * 8192, [1] * 8192
    name = to_hex(xorb_hash(hashes, sizes))
    store.send_xorb(name, tiny)
    term = Term(name, 0, 8192, 8192, range_hash(hashes))
    with pytest.raises(BadShard, match=r"819,200 chunks for 819,200 bytes"):
        store.register(shard(File("1" * 64, [term] * 100, "2" * 64)))


def test_terms_may_repeat(store):
    part = Cut(bytes(131_072))
    store.send_xorb(part.xorb, part.body((1,)))
    tree = MerkleTree()
    tree.add(part.hashes * 40, part.sizes * 40)
    data = bytes(131_072 * 40)
    zeros = File(to_hex(file_hash(tree)), [part.term()] * 40, hashlib.sha256(data).hexdigest())
    store.register(shard(zeros))
    assert store.read(1, zeros.sha256 or "") == data


def test_progress_is_told_and_may_give_up(store):
    cut = Cut(noise(9_000_000))
    store.send_xorb(cut.xorb, cut.body((0,)))
    files, told = cas.read_shard(shard(File.of(cut))), []
    cas.prove_files(store.db, store.blobs, files, ADA, readable(), 1 << 40, lambda *far: told.append(far))
    assert told[-1] == (9_000_000, 9_000_000)
    assert len(told) >= 3
    with pytest.raises(KeyboardInterrupt):
        cas.prove_files(store.db, store.blobs, files, ADA, readable(), 1 << 40, _give_up)


def _give_up(verified: int, total: int) -> None:
    if verified > total / 2:
        raise KeyboardInterrupt


def test_a_xorb_collected_between_proof_and_registration_is_told(store):
    cut = Cut(noise(90_000))
    store.send_xorb(cut.xorb, cut.body())
    files = cas.read_shard(shard(File.of(cut)))
    proven = cas.prove_files(store.db, store.blobs, files, ADA, readable(), 1 << 40, lambda *_: None)
    cas.collect(store.db, store.blobs, grace=timedelta(0), dedup=timedelta(0))
    with store.db.write() as tx:
        tx.sql.exec_driver_sql("DELETE FROM xorbs")
    with pytest.raises(cas.BytesGone), store.db.write() as tx:
        cas.register_files(tx, 1, ADA, proven)
    assert store.count("xet_files") == store.count("objects") == 0


GOOD = shard(File.of(Cut(text(100))))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        GOOD[:47],
        GOOD[:-1],
        GOOD[:-48],
        GOOD[: 48 + 10],
        b"X" + GOOD[1:],
        TAG + (3).to_bytes(8, "little") + GOOD[40:],
        GOOD[:40] + (100).to_bytes(8, "little") + GOOD[48:],
        TAG + GOOD[32:48] + bytes(36) + b"\x80" + b"\xff\xff\xff\xff" + bytes(8) + BOOKEND * 2,
        b"\0" * (64 * 1024 * 1024 + 48),
    ],
)
def test_a_broken_shard_is_refused(body):
    with pytest.raises(BadShard):
        cas.read_shard(body)


@given(
    st.binary(max_size=300).map(lambda rest: GOOD[:48] + rest) | st.binary(max_size=100),
    st.integers(0, 400),
    st.integers(0, 255),
)
@settings(max_examples=300)
def test_no_bytes_get_anything_but_files_or_a_clean_refusal(body, at, value):
    for candidate in (body, GOOD[:at] + bytes([value]) + GOOD[at + 1 :]):
        with contextlib.suppress(BadShard):
            assert all(file.size >= 0 for file in cas.read_shard(candidate))


def test_terms_are_views_and_cost_no_copies():
    many = shard(File("1" * 64, [Term("2" * 64, 0, 1, 1, bytes(32))] * 100_000, "3" * 64))
    (file,) = cas.read_shard(many)
    assert file.size == 100_000
    assert np.shares_memory(file.terms, np.frombuffer(many, np.uint8))
