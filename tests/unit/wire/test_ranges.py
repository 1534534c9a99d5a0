import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubkeep.wire.ranges import MOST_RANGES, Slice, Unsatisfiable, asked_ranges, matches, still_the_same

ETAG = "a" * 40


def asked_range(header, size):
    """Ask for one range."""
    parts = asked_ranges(header, size)
    assert parts is None or len(parts) == 1
    return parts[0] if parts else None


@given(size=st.integers(0, 40), first=st.integers(0, 50), last=st.none() | st.integers(0, 50))
def test_a_range_is_the_slice_that_python_would_take(size, first, last):
    header = f"bytes={first}-{'' if last is None else last}"
    content = bytes(range(size))
    if last is not None and last < first:
        assert asked_range(header, size) is None
        return
    wanted = content[first : None if last is None else last + 1]
    if not wanted:
        with pytest.raises(Unsatisfiable):
            asked_range(header, size)
        return
    part = asked_range(header, size)
    assert part is not None
    assert content[part.start : part.start + part.length] == wanted


@given(size=st.integers(0, 40), length=st.integers(0, 50))
def test_a_suffix_is_the_end_of_the_content(size, length):
    content = bytes(range(size))
    if length == 0:
        with pytest.raises(Unsatisfiable):
            asked_range("bytes=-0", size)
        return
    part = asked_range(f"bytes=-{length}", size) or Slice(0, size)
    assert content[part.start : part.start + part.length] == content[-length:]


@given(st.text(max_size=30))
def test_no_header_whatsoever_breaks_it(text):
    try:
        parts = asked_ranges(text, 100)
    except Unsatisfiable:
        return
    assert all(0 <= part.start < part.start + part.length <= 100 for part in parts or [])


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=,",
        "bytes=1-2,x",
        "bytes=1-2,5-4",
        "bytes=1-2;4-5",
        "lines=1-2",
        "bytes=5-2",
        "bytes=1 -2",
        "bytes=+1-2",
    ],
)
def test_other_units_and_nonsense_are_answered_with_everything(header):
    assert asked_range(header, 100) is None


_SPEC = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted)


@given(size=st.integers(1, 40), specs=st.lists(_SPEC, min_size=1, max_size=8))
def test_several_ranges_are_what_python_would_take_and_no_byte_comes_twice(size, specs):
    wanted = {place for first, last in specs for place in range(size)[first : last + 1]}
    header = "bytes=" + ", ".join(f"{first}-{last}" for first, last in specs)
    if not wanted:
        with pytest.raises(Unsatisfiable):
            asked_ranges(header, size)
        return
    parts = asked_ranges(header, size)
    assert parts is not None
    got = [place for part in parts for place in range(part.start, part.start + part.length)]
    assert sorted(got) == sorted(wanted)


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("bytes=50-59,0-9", [Slice(50, 10), Slice(0, 10)]),
        ("bytes=0-9,10-19", [Slice(0, 10), Slice(10, 10)]),
        ("bytes=0-9,5-19,90-", [Slice(0, 20), Slice(90, 10)]),
        ("bytes=90-,0-9,-20", [Slice(80, 20), Slice(0, 10)]),
        ("bytes=10-19,0-99,30-39", [Slice(0, 100)]),
        ("bytes=0-1,200-300,-0", [Slice(0, 2)]),
        ("bytes= 0-1 ,\t, 4-5", [Slice(0, 2), Slice(4, 2)]),
        ("bytes=" + "0-0," * (MOST_RANGES - 1) + "0-0", [Slice(0, 1)]),
    ],
)
def test_ranges_keep_their_order_and_are_joined_only_where_they_overlap(header, parts):
    assert asked_ranges(header, 100) == parts


@pytest.mark.parametrize(
    "header", ["bytes=" + "0-0," * MOST_RANGES + "0-0", "bytes=0-0," + " " * 5000 + "2-2"]
)
def test_too_many_ranges_are_answered_with_everything(header):
    assert asked_ranges(header, 100) is None


def test_ranges_none_of_which_is_there_are_refused():
    with pytest.raises(Unsatisfiable):
        asked_ranges("bytes=100-,200-300", 100)


@pytest.mark.parametrize("header", ["bytes=0-0", "BYTES=0-0", "bytes = 0-0", "bytes=0-0 "])
def test_the_unit_has_no_case_and_may_have_spaces_around_it(header):
    assert asked_range(header, 1) == Slice(0, 1)


def test_the_largest_numbers_are_numbers():
    assert asked_range(f"bytes=0-{2**63 - 1}", 10) == Slice(0, 10)
    with pytest.raises(Unsatisfiable):
        asked_range(f"bytes={2**63 - 1}-", 10)


@pytest.mark.parametrize(
    ("header", "weak", "strong"),
    [
        (f'"{ETAG}"', True, True),
        (f'W/"{ETAG}"', True, False),
        (f'"x", "{ETAG}"', True, True),
        ("*", True, True),
        (ETAG, False, False),
        ('"x"', False, False),
        ("", False, False),
    ],
)
def test_tags_are_compared_as_the_condition_wants(header, weak, strong):
    assert matches(header, ETAG, weak=True) is weak
    assert matches(header, ETAG, weak=False) is strong


def test_only_the_strong_tag_itself_continues_a_download():
    assert still_the_same(f'"{ETAG}"', ETAG)
    for other in (f'W/"{ETAG}"', ETAG, "Wed, 21 Oct 2015 07:28:00 GMT", '"x"'):
        assert not still_the_same(other, ETAG)
