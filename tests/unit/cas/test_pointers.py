import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubkeep.cas import Pointer, read_pointer, write_pointer

SHA = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
GOOD = f"version https://git-lfs.github.com/spec/v1\noid sha256:{SHA}\nsize 12345\n".encode()


def test_a_pointer_is_written_as_git_lfs_writes_it():
    assert write_pointer(SHA, 12345) == GOOD


@given(st.binary(min_size=32, max_size=32).map(bytes.hex), st.integers(0, 2**62))
def test_what_is_written_is_read_back(sha256, size):
    assert read_pointer(write_pointer(sha256, size)) == Pointer(sha256, size)


def test_extension_lines_are_accepted():
    extended = GOOD.replace(
        b"oid", b"ext-0-foo sha256:" + b"a" * 64 + b"\next-1-bar sha256:" + b"b" * 64 + b"\noid"
    )
    assert read_pointer(extended) == Pointer(SHA, 12345)


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        GOOD[:-1],
        GOOD + b"\n",
        GOOD + b"x" * 1000,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"size 12345", b"size 012345"),
        GOOD.replace(b"size 12345", b"size -1"),
        GOOD.replace(b"size 12345", b"size " + b"9" * 20),
        GOOD.replace(SHA.encode(), SHA.upper().encode()),
        GOOD.replace(b"sha256:", b"md5:"),
        GOOD.replace(b"v1", b"v2"),
        b"oid sha256:" + SHA.encode() + b"\nsize 1\n",
    ],
)
def test_anything_else_is_an_ordinary_file(blob):
    assert read_pointer(blob) is None
