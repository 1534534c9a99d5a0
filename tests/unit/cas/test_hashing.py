import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.cas.build import Cut, noise
from tests.unit.cas.vectors import VECTORS, splitmix

from hubkeep.cas.chunking import MAX_CHUNK, MIN_CHUNK, chunks
from hubkeep.cas.hashing import (
    MerkleTree,
    askable,
    chunk_hash,
    file_hash,
    from_hex,
    is_askable,
    keyed_hash,
    range_hash,
    to_hex,
    xorb_hash,
)
from hubkeep.kit import BadInput


def ends(data: bytes) -> list[int]:
    places, at = [], 0
    for chunk in chunks(io.BytesIO(data)):
        at += len(chunk)
        places.append(at)
    return places


def test_hashes_are_written_with_their_groups_reversed():
    rule = VECTORS["hex_rule"]
    assert to_hex(bytes.fromhex(rule["raw"])) == rule["merkle_hex"]
    assert from_hex(rule["merkle_hex"]).hex() == rule["raw"]


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 63 + "\n"])
def test_what_is_not_a_hash_is_refused_by_the_name_of_its_field(text):
    with pytest.raises(BadInput, match=r"chunk: .*64"):
        from_hex(text, "chunk")


@pytest.mark.parametrize("vector", VECTORS["chunk_hash"])
def test_chunks_of_the_published_vectors(vector):
    data = bytes.fromhex(vector["data_hex"])
    assert to_hex(chunk_hash(data)) == vector["hash"]
    assert chunk_hash(data).hex() == vector["raw"]
    assert Cut(data).file == vector["file_hash"]


@pytest.mark.parametrize("vector", VECTORS["merkle_published"])
def test_merkle_trees_of_the_published_vectors(vector):
    hashes = b"".join(from_hex(name) for name, _ in vector["chunks"])
    sizes = [size for _, size in vector["chunks"]]
    assert to_hex(xorb_hash(hashes, sizes)) == vector["xorb"]
    for salt, name in vector["file_by_salt"].items():
        tree = MerkleTree()
        tree.add(hashes, sizes)
        assert to_hex(file_hash(tree, from_hex(salt))) == name


@given(st.integers(0, 400), st.integers(0, 2**32))
@settings(max_examples=40)
def test_a_tree_does_not_depend_on_the_batches_that_fed_it(count, seed):
    rng = random.Random(seed)
    hashes, sizes = rng.randbytes(32 * count), [rng.randrange(1, 1 << 17) for _ in range(count)]
    tree, at = MerkleTree(), 0
    while at < count:
        step = rng.randrange(0, 40)
        tree.add(hashes[32 * at : 32 * (at + step)], sizes[at : at + step])
        at += step
    assert tree.root() == xorb_hash(hashes, sizes)


def test_chunks_and_names_of_the_splitmix_vector():
    vector, cut = VECTORS["splitmix64_seed0_1e6"], Cut(splitmix(1_000_000))
    assert cut.sha256 == vector["sha256"]
    assert ends(cut.data) == vector["boundaries"]
    assert [to_hex(chunk_hash(part)) for part in cut.parts] == vector["chunk_hashes"]
    assert (cut.xorb, cut.file) == (vector["xorb"], vector["file"])
    assert to_hex(range_hash(cut.hashes)) == vector["verification_all"]
    assert to_hex(range_hash(cut.hashes[: 3 * 32])) == vector["verification_0_3"]


def test_content_without_any_candidate_is_cut_at_the_maximum():
    assert ends(bytes([59]) * 1_000_000) == VECTORS["constant_59_1e6_boundaries"]


def test_an_empty_file_has_no_chunks_and_a_name_of_zeros():
    assert ends(b"") == []
    assert Cut(b"").file == "0" * 64


class Trickle(io.BytesIO):
    """Reads as a slow network does: never what was asked for."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 7_777))


@given(st.integers(0, 600_000), st.integers(0, 5))
@settings(max_examples=15)
def test_chunks_add_up_keep_to_the_limits_and_do_not_depend_on_the_reads(length, seed):
    data = noise(length, seed)
    parts = list(chunks(io.BytesIO(data)))
    assert b"".join(parts) == data
    assert all(MIN_CHUNK <= len(part) <= MAX_CHUNK for part in parts[:-1])
    assert list(chunks(Trickle(data))) == parts


def test_an_insertion_changes_few_chunks():
    data = noise(3_000_000)
    before, after = Cut(data), Cut(data[:1_000_000] + b"inserted" + data[1_000_000:])
    assert len(set(after.parts) - set(before.parts)) <= 2


def test_askable_chunks_are_those_whose_last_group_is_divisible_by_1024():
    yes = bytes(24) + (5 * 1024).to_bytes(8, "little")
    no = bytes(24) + (5 * 1024 + 1).to_bytes(8, "little")
    assert is_askable(yes)
    assert not is_askable(no)
    assert askable(yes + no + yes) == [yes]


def test_keyed_hashes_differ_by_key():
    raw = chunk_hash(b"x")
    assert keyed_hash(bytes(32), raw) != keyed_hash(bytes([1]) * 32, raw)
