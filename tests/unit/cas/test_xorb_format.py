import lz4.frame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.cas.build import Cut, File, floats, header, noise, record, shard, text
from tests.unit.cas.vectors import VECTORS

from hubkeep import cas
from hubkeep.cas.errors import BadXorb
from hubkeep.cas.xorb_format import Ends, XorbCheck, XorbTable


def check(body: bytes, piece: int = 1 << 20) -> tuple[XorbTable, bytes]:
    reader, kept = XorbCheck(), bytearray()
    for start in range(0, len(body), piece):
        kept += reader.feed(body[start : start + piece])
    return reader.finish(), bytes(kept)


def test_the_published_xorb_is_accepted():
    vector = VECTORS["xorb_upload_1byte"]
    table, kept = check(bytes.fromhex(vector["body_hex"]))
    assert (table.hash, kept.hex()) == (vector["xorb_hash"], vector["body_hex"])


def test_a_footer_is_stripped_and_never_trusted():
    with_footer = bytes.fromhex(VECTORS["xorb_with_v1_footer_1byte"])
    table, kept = check(with_footer)
    assert kept == with_footer[:9]
    lying = with_footer[:20] + b"lies" * 30
    assert check(lying) == (table, kept)
    assert check(lying, piece=1) == (table, kept)


def test_schemes_mix_and_pieces_of_any_size_give_the_same_table():
    cut = Cut(noise(300_000) + text(300_000) + floats(75_000))
    body = cut.body()
    table, kept = check(body)
    assert (table.hash, kept, table.hashes) == (cut.xorb, body, cut.hashes)
    assert (table.body_bytes, table.content_bytes) == (len(body), len(cut.data))
    assert Ends(table.ends).sizes(0, len(cut.parts)) == cut.sizes
    for piece in (1000, 8, 65_537):
        assert check(body, piece) == (table, kept)


def test_byte_grouping_is_undone_for_every_length():
    for length in range(1, 14):
        data = bytes(range(length))
        assert check(record(data, 2))[0].hash == check(record(data))[0].hash


def test_recompression_does_not_change_the_name():
    cut = Cut(text(500_000))
    assert check(cut.body((0,)))[0].hash == check(cut.body((1, 2)))[0].hash


def bomb() -> bytes:
    """A small frame that inflates to 60 MB and announces 128 KiB."""
    frame: bytes = lz4.frame.compress(bytes(60_000_000))
    return header(len(frame), 1, 131_072) + frame


GOOD = record(b"some data")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no chunks"),
        (GOOD[:-1], "middle of chunk 0"),
        (GOOD + GOOD[:5], "middle of chunk 1"),
        (header(1, 0, 1, version=1) + b"x", "version 1"),
        (header(1, 3, 1) + b"x", "scheme 3"),
        (header(1, 99, 1) + b"x", "scheme 99"),
        (header(0, 0, 0), "0 bytes, not 1"),
        (header(200_000, 0, 131_073) + bytes(200_000), "131,073 bytes, not 1"),
        (header(262_145, 1, 10) + bytes(262_145), "262,145 compressed"),
        (header(2, 0, 1) + b"xy", "announces 1 bytes and has 2"),
        (header(10, 1, 10) + b"not frames", "LZ4"),
        (header(0, 1, 10), "decompress"),
        (record(b"x" * 50, 1).replace(header(0, 1, 50)[4:], header(0, 1, 51)[4:]), "decompress"),
        (record(b"x" * 50, 1).replace(header(0, 1, 50)[4:], header(0, 1, 49)[4:]), "decompress"),
        (GOOD + b"XETBLOB\x02" + bytes(50), "version 88"),
        (GOOD + b"XETBLOB\x01" + bytes(1 << 20), "footer"),
    ],
)
def test_a_broken_xorb_is_refused_with_its_reason(body, reason):
    with pytest.raises(BadXorb, match=reason):
        check(body)


def test_an_lz4_bomb_costs_no_more_than_it_announces():
    body = bomb()
    assert len(body) < 300_000
    with pytest.raises(BadXorb, match="decompress"):
        check(body)


def test_trailing_bytes_behind_a_frame_are_refused():
    good = record(b"x" * 50, 1)
    payload = good[8:] + b"?"
    with pytest.raises(BadXorb, match="decompress"):
        check(header(len(payload), 1, 50) + payload)


def test_a_xorb_has_8192_chunks_at_most():
    assert len(check(record(b"x") * 8192)[0].hashes) == 8192 * 32
    with pytest.raises(BadXorb, match="8,192 chunks"):
        check(record(b"x") * 8193)


def test_a_xorb_has_64_mib_of_content_at_most():
    full = record(bytes(131_072), 1)
    assert check(full * 512)[0].content_bytes == 64 << 20
    with pytest.raises(BadXorb, match="67,108,864 bytes"):
        check(full * 512 + record(b"x"))


@given(
    st.binary(max_size=400)
    | st.lists(st.sampled_from([GOOD, record(b"y" * 99, 1), b"\0", b"XETBLOB\1", b"\xff"]), max_size=8).map(
        b"".join
    )
)
@settings(max_examples=300)
def test_no_input_gets_anything_but_a_table_or_a_clean_refusal(body):
    try:
        table, kept = check(body, 13)
    except BadXorb:
        return
    assert check(kept)[0] == table


def test_the_wrong_name_is_refused_and_leaves_nothing(store):
    cut, other = Cut(noise(100_000)), Cut(noise(100_000, 2))
    before = store.rows()
    with pytest.raises(BadXorb, match=cut.xorb):
        store.send_xorb(other.xorb, cut.body())
    assert store.rows() == before
    assert list(store.scratch.iterdir()) == []
    assert list(store.blobs.list("xorbs/")) == []


def test_a_flipped_byte_is_refused(store):
    cut = Cut(noise(100_000))
    body = bytearray(cut.body((0,)))
    body[50_000] ^= 1
    with pytest.raises(BadXorb, match="has the hash"):
        store.send_xorb(cut.xorb, bytes(body))


def test_uploading_twice_is_no_error_and_tells_only_about_oneself(store):
    cut = Cut(text(200_000))
    assert store.send_xorb(cut.xorb, cut.body((0,)), user_id=1)
    assert not store.send_xorb(cut.xorb, cut.body((0,)), user_id=1)
    assert store.send_xorb(cut.xorb, cut.body((1,)), user_id=2)
    assert store.count("xorbs") == 1


def test_of_two_bodies_with_one_name_the_first_is_kept_with_its_own_offsets(store):
    cut = Cut(text(300_000))
    store.upload(cut.data, repo_id=1, user_id=1, schemes=(1,))
    store.upload(cut.data, repo_id=2, user_id=2, schemes=(0,))
    assert store.read(2, cut.sha256) == cut.data
    assert len(list(store.blobs.list("xorbs/"))) == 1


def test_a_xorb_that_was_collected_before_it_was_noted_is_told(store):
    cut = Cut(noise(50_000))
    with cas.XorbUpload(store.scratch, cut.xorb) as upload:
        upload.write([cut.body()])
        table = upload.finish()
        cas.keep_xorb(store.db, store.blobs, upload.path, table)
        for stat in list(store.blobs.list("xorbs/")):
            store.blobs.delete(stat.key)
        with pytest.raises(cas.BytesGone), store.db.write() as tx:
            cas.note_xorb(tx, store.blobs, 1, table)
    assert store.count("xorbs") == 0


def test_two_bodies_that_race_do_not_get_each_others_offsets(store):
    cut = Cut(text(300_000))
    with cas.XorbUpload(store.scratch, cut.xorb) as plain, cas.XorbUpload(store.scratch, cut.xorb) as packed:
        tables = []
        for upload, scheme in ((plain, 0), (packed, 1)):
            upload.write([cut.body((scheme,))])
            tables.append(upload.finish())
            cas.keep_xorb(store.db, store.blobs, upload.path, tables[-1])
        with store.db.write() as tx:
            assert cas.note_xorb(tx, store.blobs, 1, tables[1])
            assert cas.note_xorb(tx, store.blobs, 2, tables[0])
    store.register(shard(File.of(cut)))
    assert store.read(1, cut.sha256) == cut.data
