import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubkeep.wire.ranges import Slice, Unsatisfiable, asked_range, matches, still_the_same

ETAG = "a" * 40


@settings(deadline=None)
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


@settings(deadline=None)
@given(size=st.integers(0, 40), length=st.integers(0, 50))
def test_a_suffix_is_the_end_of_the_content(size, length):
    content = bytes(range(size))
    if length == 0:
        with pytest.raises(Unsatisfiable):
            asked_range("bytes=-0", size)
        return
    part = asked_range(f"bytes=-{length}", size) or Slice(0, size)
    assert content[part.start : part.start + part.length] == content[-length:]


@settings(deadline=None)
@given(st.text(max_size=30))
def test_no_header_whatsoever_breaks_it(text):
    try:
        part = asked_range(text, 100)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part.start < part.start + part.length <= 100


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1-2,4-5",
        "lines=1-2",
        "bytes=5-2",
        "bytes=1 -2",
        "bytes=+1-2",
    ],
)
def test_several_ranges_other_units_and_nonsense_are_answered_with_everything(header):
    assert asked_range(header, 100) is None


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
