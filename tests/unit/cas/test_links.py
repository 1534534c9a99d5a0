import hashlib

import pytest

from hubkeep import cas
from hubkeep.storage import BlobNotFound

CONTENT = b"weights" * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()


def test_a_repo_holds_only_what_was_linked_to_it(store):
    store.keep(CONTENT, repo_id=1)
    assert store.held(1, SHA) == {SHA: cas.StoredObject(SHA, len(CONTENT), whole=True)}
    assert store.held(2, SHA) == {}
    assert store.held(1, "0" * 64) == {}


def test_the_same_bytes_twice_are_one_object(store):
    store.keep(CONTENT, repo_id=1)
    store.keep(CONTENT, repo_id=1)
    store.keep(CONTENT, repo_id=2)
    assert [stat.size for stat in store.blobs.list()] == [len(CONTENT)]
    assert store.held(2, SHA) == store.held(1, SHA)


def test_links_come_in_pages(store):
    kept = sorted(store.keep(bytes([n])) for n in range(5))
    with store.db.read() as tx:
        first = cas.links(tx, 1, None, 3)
        rest = cas.links(tx, 1, first[-1].sha256, 3)
    assert [link.sha256 for link in [*first, *rest]] == kept


def test_copying_links_moves_no_bytes_and_may_be_repeated(store):
    one, two = store.keep(b"one"), store.keep(b"two")
    with store.db.write() as tx:
        cas.copy_links(tx, 1, 2, [one])
        cas.copy_links(tx, 1, 2, [one, "f" * 64])
    assert store.held(2, one, two).keys() == {one}
    with store.db.write() as tx:
        cas.copy_links(tx, 1, 2, None)
    assert store.held(2, one, two).keys() == {one, two}


def test_unlinking_and_dropping_leave_other_repos_alone(store):
    one, two = store.keep(b"one"), store.keep(b"two")
    with store.db.write() as tx:
        cas.copy_links(tx, 1, 2, None)
        cas.unlink(tx, 1, [one])
    assert store.held(1, one, two).keys() == {two}
    with store.db.write() as tx:
        cas.drop_repo(tx, 1)
    assert store.held(1, one, two) == {}
    assert store.held(2, one, two).keys() == {one, two}


def test_more_hashes_than_one_statement_takes(store):
    kept = {store.keep(n.to_bytes(2, "big")) for n in range(3)}
    assert store.held(1, *kept, *(f"{n:064x}" for n in range(1200))).keys() == kept


def test_a_blob_that_was_collected_before_it_was_named_is_told(store):
    path = store.scratch / "upload"
    path.write_bytes(CONTENT)
    sha256, size = cas.keep_whole(store.blobs, path)
    store.blobs.delete(cas.blob_key(sha256))
    with pytest.raises(cas.BytesGone), store.db.write() as tx:
        cas.link_whole(tx, store.blobs, 1, 1, sha256, size)
    assert store.held(1, SHA) == {}


@pytest.mark.parametrize(("start", "length"), [(0, 7000), (0, 0), (3, 10), (6990, 100), (7000, 5), (9000, 5)])
def test_a_range_equals_the_slice(store, start, length):
    stored = store.held(1, store.keep(CONTENT))[SHA]
    assert (
        b"".join(cas.read_range(store.db, store.blobs, stored, start, length))
        == CONTENT[start : start + length]
    )


def test_reading_what_is_gone_is_an_error(store):
    stored = store.held(1, store.keep(CONTENT))[SHA]
    store.blobs.delete(cas.blob_key(SHA))
    with pytest.raises(BlobNotFound):
        list(cas.read_range(store.db, store.blobs, stored, 0, 1))
