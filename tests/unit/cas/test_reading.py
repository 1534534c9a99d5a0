import hashlib
import random
import threading
from collections.abc import Iterator

import pytest
from tests.unit.cas.build import Cut, File, floats, noise, shard, text

from hubkeep import cas
from hubkeep.cas.errors import DamagedXorb, RangeBeyondEnd, XetFileNotFound
from hubkeep.cas.hashing import MerkleTree, file_hash, to_hex
from hubkeep.cas.xorb_format import XorbCheck, parse_header, unpack

DATA = noise(600_000) + text(500_000) + floats(120_000) + noise(300_000, 2)


def fragmented(store, repo_id: int = 1) -> tuple[bytes, str, str]:
    """A file of seven terms over two xorbs, with repeats; return content, sha256 and file hash."""
    one, two = Cut(DATA), Cut(noise(800_000, 5))
    for cut in (one, two):
        store.send_xorb(cut.xorb, cut.body())
    pieces = [(one, 2, 6), (two, 0, 1), (two, 1, 4), (one, 0, 3), (one, 2, 6), (two, 5, 6), (one, 9, 12)]
    tree, data = MerkleTree(), b""
    for cut, start, end in pieces:
        tree.add(cut.hashes[32 * start : 32 * end], cut.sizes[start:end])
        data += b"".join(cut.parts[start:end])
    file = File(
        to_hex(file_hash(tree)), [cut.term(*ends) for cut, *ends in pieces], hashlib.sha256(data).hexdigest()
    )
    store.register(shard(file), repo_id)
    assert file.sha256
    return data, file.sha256, file.hash


def rebuild(store, repo_id: int, name: str, start: int, end: int | None) -> bytes:
    """Do what a Xet client does with a reconstruction, through the bodies that it would fetch."""
    with store.db.read() as tx:
        plan = cas.reconstruct(tx, repo_id, name, start, end)
    out = b""
    for piece in plan.pieces:
        xorb, fetches = plan.fetches[piece.xorb.hash]
        (fetch,) = [one for one in fetches if one.start <= piece.start and piece.end <= one.end]
        body = b"".join(cas.read_body(store.blobs, xorb, fetch.first, fetch.last - fetch.first))
        assert len(body) == fetch.last - fetch.first
        content = unpacked(body)
        part = b"".join(content[piece.start - fetch.start : piece.end - fetch.start])
        assert len(part) == piece.size
        out += part
    return out[plan.skip :]


def unpacked(body: bytes) -> list[bytes]:
    XorbCheck().feed(body)
    chunks, at = [], 0
    while at < len(body):
        scheme, payload, size = parse_header(body[at : at + 8])
        chunks.append(bytes(unpack(scheme, body[at + 8 : at + 8 + payload], size)))
        at += 8 + payload
    return chunks


def some_ranges(size: int, count: int = 80) -> Iterator[tuple[int, int]]:
    """Random ranges, and the edges: start and end (exclusive), some of them behind the end of the file."""
    rng = random.Random(7)
    yield from ((0, size), (0, 1), (size - 1, size), (0, size + 1), (size - 5, size + 5))
    for _ in range(count):
        start = rng.randrange(size)
        yield start, start + rng.choice([1, 100, 70_000, rng.randrange(1, size)])


def test_bridge_ranges_equal_slices(store):
    data, sha256, _ = fragmented(store)
    for start, end in some_ranges(len(data)):
        assert store.read(1, sha256, start, end - start) == data[start:end]
    assert store.read(1, sha256, len(data), 10) == store.read(1, sha256, 5, 0) == b""


def test_reconstructed_ranges_begin_as_the_slice_does_and_end_with_its_last_chunk(store):
    data, _, name = fragmented(store)
    for start, end in some_ranges(len(data)):
        got = rebuild(store, 1, name, start, end)
        assert got[: end - start] == data[start:end]
        assert len(got) < end - start + 131_072


def test_a_whole_file_in_one_go(store):
    data, sha256, name = fragmented(store)
    assert rebuild(store, 1, name, 0, None) == data == store.read(1, sha256)


def test_ranges_of_a_xorb_are_merged_and_never_overlap(store):
    _, _, name = fragmented(store)
    with store.db.read() as tx:
        plan = cas.reconstruct(tx, 1, name, 0, None)
    ranges = sorted([(part.start, part.end) for part in parts] for _, parts in plan.fetches.values())
    assert ranges == [[(0, 4), (5, 6)], [(0, 6), (9, 12)]]


def test_knowing_a_file_hash_is_not_enough(store):
    _, _, name = fragmented(store, repo_id=1)
    for repo_id, asked in ((2, name), (1, "0" * 64)):
        with store.db.read() as tx, pytest.raises(XetFileNotFound) as refused:
            cas.reconstruct(tx, repo_id, asked, 0, None)
        assert str(refused.value) == f"No file {asked} in this repository."


def test_a_range_behind_the_end_is_told(store):
    cut = store.upload(noise(1000))
    with store.db.read() as tx, pytest.raises(RangeBeyondEnd):
        cas.reconstruct(tx, 1, cut.file, 1000, 2000)


def test_damaged_bytes_are_never_passed_off_as_content(store):
    cut = store.upload(text(900_000), schemes=(1,))
    (stat,) = store.blobs.list("xorbs/")
    path = store.blobs.local_path(stat.key)
    path.chmod(0o644)
    body = bytearray(path.read_bytes())
    body[0] = 7
    path.write_bytes(body)
    with pytest.raises(DamagedXorb):
        store.read(1, cut.sha256)
    path.write_bytes(body[: len(body) // 2])
    with pytest.raises(DamagedXorb):
        store.read(1, cut.sha256, 500_000, 400_000)


def test_a_whole_blob_gets_a_xet_hash_without_a_second_copy(store):
    sha256 = store.keep(DATA)
    before = [stat.key for stat in store.blobs.list()]
    name = cas.convert(store.db, store.blobs, sha256)
    assert name == Cut(DATA).file
    assert store.held(1, sha256)[sha256] == cas.StoredObject(sha256, len(DATA), whole=True, xet_hash=name)
    assert [stat.key for stat in store.blobs.list()] == before
    assert rebuild(store, 1, name, 0, None) == DATA
    assert rebuild(store, 1, name, 777_777, 999_999)[: 999_999 - 777_777] == DATA[777_777:999_999]
    assert cas.convert(store.db, store.blobs, sha256) == name


def test_made_up_bodies_can_be_read_from_any_byte(store):
    sha256 = store.keep(DATA)
    name = cas.convert(store.db, store.blobs, sha256)
    assert name
    with store.db.read() as tx:
        ((xorb, (fetch,)),) = cas.reconstruct(tx, 1, name, 0, None).fetches.values()
    body = b"".join(cas.read_body(store.blobs, xorb, 0, fetch.last))
    assert body == Cut(DATA).body((0,))
    for start, length in ((0, 1), (5, 10), (7, 1), (100_000, 300_000), (len(body) - 1, 1)):
        assert b"".join(cas.read_body(store.blobs, xorb, start, length)) == body[start : start + length]


def test_other_files_may_be_made_of_a_converted_blob(store):
    sha256 = store.keep(DATA, repo_id=1)
    cas.convert(store.db, store.blobs, sha256)
    cut = Cut(DATA)
    assert store.dedup(cut.hashes[:32], 1) is not None
    half = Cut(b"".join(cut.parts[3:9]))
    store.register(shard(File(half.file, [cut.term(3, 9)], half.sha256)), repo_id=1, reads=(1,))
    assert store.read(1, half.sha256, 10, 300_000) == half.data[10:300_010]


def test_bytes_that_came_by_xet_and_then_whole_are_one_object(store):
    cut = store.upload(DATA, repo_id=1)
    assert store.keep(DATA, repo_id=2) == cut.sha256
    assert store.held(2, cut.sha256)[cut.sha256] == cas.StoredObject(
        cut.sha256, len(DATA), whole=True, xet_hash=cut.file
    )
    assert cas.convert(store.db, store.blobs, cut.sha256) == cut.file
    assert store.count("objects") == store.count("xet_files") == 1


def test_an_empty_blob_and_an_unknown_one_have_no_xet_hash(store):
    assert cas.convert(store.db, store.blobs, store.keep(b"")) is None
    assert cas.convert(store.db, store.blobs, "0" * 64) is None


def test_many_readers_at_once_get_the_same_bytes(store):
    data, sha256, _ = fragmented(store)
    wrong: list[int] = []

    def look(offset: int) -> None:
        places = range(offset, len(data), 97_001)
        wrong.extend(at for at in places if store.read(1, sha256, at, 5000) != data[at : at + 5000])

    readers = [threading.Thread(target=look, args=(n * 10_000,)) for n in range(6)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert wrong == []
