import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubkeep.git import BadPath, check_path, check_ref_name

BAD = [
    "", "/", "/etc/passwd", "a//b", "a/", "./a", "a/.", "..", "a/../b", "a\\b", "..\\x", "a\0b", "a\nb", "\x7f",
    ".git", "a/.git/config", ".GIT", ".Git/x", ".git.", ".git ", ".git . .", ".git:stream", ".git::$INDEX_ALLOCATION",
    "git~1", "GIT~1/x", ".g\u200cit", "\ufeff.git", ".git\u200f", "\udcff", "x" * 256, "é" * 128,
    "/".join(["x" * 200] * 21), "/".join("x" * 200),
]  # fmt: skip
GOOD = [
    ".gitattributes", ".gitignore", ".github/x", "git", "git~2", ".gitx", "..a", "a..", "...", "a b", " a", "ü/ñ.txt",
    "日本/語", "-rf", "~", "a:b", "*?[", "con", "x" * 255, "/".join("x" * 100), "\U0001f5dd",
]  # fmt: skip


@pytest.mark.parametrize("path", BAD)
def test_hostile_paths_are_refused(path):
    with pytest.raises(BadPath):
        check_path(path)


@pytest.mark.parametrize("path", GOOD)
def test_odd_but_honest_paths_are_accepted(path):
    assert check_path(path) == path


def test_a_long_path_is_not_repeated_in_full():
    with pytest.raises(BadPath) as refused:
        check_path("x/" * 100_000)
    assert len(str(refused.value)) < 400


REFS = [
    "refs/heads/main",
    "refs/heads/a/b",
    "refs/pr/1",
    "refs/convert/parquet",
    "refs/tags/v1.0",
    "refs/heads/ü",
    "refs/heads/@",
    "refs/heads/a@b",
]
PIECES = [
    "refs",
    "heads",
    "a",
    "/",
    ".",
    "..",
    "@",
    "{",
    "~",
    "^",
    ":",
    "?",
    "*",
    "[",
    "\\",
    " ",
    ".lock",
    "-",
    "\x7f",
    "ü",
    "\t",
]


@pytest.mark.parametrize("name", REFS)
def test_ordinary_refs_are_accepted(name):
    assert check_ref_name(name)


@pytest.mark.parametrize(
    "name", ["", "main", "refs/heads/-x", "refs/heads/HEAD", "refs/heads/" + "x" * 300, "refs/heads/\udcff"]
)
def test_refs_that_no_client_could_name_are_refused(name):
    assert not check_ref_name(name)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join).map("refs/heads/x".__add__))
def test_ref_names_are_judged_as_git_does(name):
    done = subprocess.run(["git", "check-ref-format", name], check=False)
    assert check_ref_name(name) == (done.returncode == 0)
