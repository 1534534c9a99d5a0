import struct

from tests.unit.cas.build import Cut, File, Term, noise, record, shard
from tests.unit.cas.conftest import ADA, EVE
from tests.unit.cas.vectors import VECTORS

from hubkeep import cas
from hubkeep.cas.dedup import dedup_key
from hubkeep.cas.hashing import (
    MerkleTree,
    chunk_hash,
    file_hash,
    from_hex,
    is_askable,
    keyed_hash,
    range_hash,
    to_hex,
    xorb_hash,
)
from hubkeep.cas.shard_format import write_dedup_shard


def test_the_published_dedup_answer_is_written_byte_by_byte():
    vector = VECTORS["dedup_shard_1chunk_key_01x32"]
    raw = chunk_hash(b"x")
    written = write_dedup_shard(
        to_hex(raw), raw, [1], 9, bytes([1]) * 32, vector["created"], vector["expiry"]
    )
    assert written.hex() == vector["hex"]


def test_the_first_chunk_of_a_file_finds_its_xorb_by_keyed_hashes(store):
    cut = store.upload(noise(500_000), repo_id=1)
    answer = store.dedup(cut.hashes[:32], 1)
    assert answer is not None
    key = answer[-200 + 72 : -200 + 104]
    assert key == dedup_key("secret", 1_800_000_000)
    assert answer[96:128] == from_hex(cut.xorb)
    for at, part in enumerate(cut.parts):
        entry = answer[144 + 48 * at : 192 + 48 * at]
        assert entry[:32] == keyed_hash(key, chunk_hash(part))
        assert struct.unpack("<II", entry[32:40]) == (sum(cut.sizes[:at]), len(part))
    assert len(answer) == 48 + 48 + (len(cut.parts) + 1) * 48 + 48 + 200
    assert all(cut.hashes[at : at + 32] not in answer for at in range(0, len(cut.hashes), 32))


def test_nobody_is_told_of_what_they_may_not_read(store):
    cut = store.upload(noise(500_000), repo_id=1, user_id=ADA)
    first = cut.hashes[:32]
    assert store.dedup(first) is None
    assert store.dedup(first, 2, 3) is None
    assert store.dedup(first, 2, 1) is not None


def test_a_xorb_that_no_file_uses_is_told_to_nobody(store):
    cut = Cut(noise(500_000))
    store.send_xorb(cut.xorb, cut.body(), ADA)
    assert store.dedup(cut.hashes[:32], 1) is None


def test_the_same_chunk_in_two_repos_is_told_from_the_readable_one(store):
    shared = noise(400_000)
    one = store.upload(shared + noise(200_000, 7), repo_id=1, user_id=ADA)
    two = store.upload(shared + noise(200_000, 8), repo_id=2, user_id=EVE)
    assert one.hashes[:32] == two.hashes[:32]
    for repo_id, cut in ((1, one), (2, two)):
        answer = store.dedup(cut.hashes[:32], repo_id)
        assert answer is not None
        assert answer[96:128] == from_hex(cut.xorb)


def test_chunks_inside_are_askable_one_in_a_thousand_and_rows_stay_few(store):
    seed = next(n for n in range(10_000) if is_askable(chunk_hash(noise(9000, n))))
    inside = noise(9000, seed)
    body_parts = [noise(9000, 100_000), inside]
    hashes = b"".join(chunk_hash(part) for part in body_parts)
    name = to_hex(xorb_hash(hashes, [9000, 9000]))
    store.send_xorb(name, b"".join(record(part) for part in body_parts))
    tree = MerkleTree()
    tree.add(hashes, [9000, 9000])
    store.register(shard(File(to_hex(file_hash(tree)), [Term(name, 0, 2, 18_000, range_hash(hashes))])))
    assert store.dedup(chunk_hash(inside), 1) is not None
    assert store.count("xet_dedup") == 2


def test_the_key_changes_by_the_week_and_with_the_secret():
    week = 7 * 24 * 3600
    assert dedup_key("a", 10 * week) == dedup_key("a", 11 * week - 1)
    assert dedup_key("a", 10 * week) != dedup_key("a", 11 * week)
    assert dedup_key("a", 10 * week) != dedup_key("b", 10 * week)


def test_unlinking_the_last_file_ends_the_telling(store):
    cut = store.upload(noise(300_000), repo_id=1)
    with store.db.write() as tx:
        cas.drop_repo(tx, 1)
    assert store.dedup(cut.hashes[:32], 1) is None
