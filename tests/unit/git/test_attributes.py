import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.tools.growth import assert_costs_at_most, assert_in_proportion
from tests.unit.git.conftest import git

from hubkeep.git import Attributes, BadPath, Ignore, add_lfs_pattern, check_path, default_attributes
from hubkeep.kit import TooLarge

LFS = "filter=lfs diff=lfs merge=lfs -text"
TOKENS = [
    "a",
    "b",
    "ab",
    "*",
    "?",
    "**",
    "/",
    "/",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "[[:alpha:]]",
    "[]a]",
    "\\*",
    "\\a",
    ".",
    "[",
    "[z-a]",
    "[a-]",
    "[]-b]",
    "\\",
    "é",
]
STATES = [
    LFS,
    "-filter",
    "!filter",
    "filter",
    "filter=other",
    "text",
    "big",
    "big -filter",
    "-filter big",
    "-big",
    "filter=lfs filter=no",
    "a=b=c filter=lfs",
    "bad!name filter=lfs",
]
SEGMENT = st.sampled_from(["a", "b", "ab", "ba", "c", "a.b", "*", "aé", "-", "z", "]"])
PATHS = st.lists(SEGMENT, min_size=1, max_size=4).map("/".join)


def patterns(tokens):
    return st.lists(st.sampled_from(tokens), min_size=1, max_size=6).map("".join)


def quirky(pattern):
    """Git compares what stands before the first wildcard first, and then takes `x**/` for `**/`: not by its manual."""
    return "**" in pattern.replace("/**/", "/").removeprefix("**/").removesuffix("/**").replace("***", "**")


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    git(folder, "init", "-q", ".")
    return folder


@pytest.fixture(scope="module")
def bare_floor(tmp_path_factory):
    """A working tree without files: what a path is, only the path tells."""
    folder = tmp_path_factory.mktemp("floor")
    git(folder, "init", "-q", ".")
    return folder


def check_attr(work, files, paths):
    for old in work.rglob(".gitattributes"):
        old.unlink()
    for folder, text in files.items():
        (work / folder).mkdir(parents=True, exist_ok=True)
        (work / folder / ".gitattributes").write_text(text)
    out = git(work, "check-attr", "-z", "--stdin", "filter", stdin="".join(f"{p}\0" for p in paths).encode())
    fields = out.split(b"\0")
    return {name.decode(): value == b"lfs" for name, value in zip(fields[::3], fields[2::3], strict=False)}


@settings(max_examples=250)
@given(
    root=st.lists(st.tuples(patterns(TOKENS), st.sampled_from(STATES)), min_size=1, max_size=5),
    nested=st.lists(st.tuples(patterns(TOKENS), st.sampled_from(STATES)), max_size=3),
    paths=st.lists(PATHS, min_size=1, max_size=6),
)
def test_paths_go_to_lfs_as_git_says(work, root, nested, paths):
    assume(not any(quirky(pattern) for pattern, _ in [*root, *nested]))
    text = "[attr]big filter=lfs -text\n" + "".join(f"{p} {state}\n" for p, state in root)
    below = "".join(f"{p} {state}\n" for p, state in nested)
    ours = Attributes.parse([("a", below), ("", text)])
    theirs = check_attr(work, {"": text, "a": below}, paths)
    assert {path: ours.is_lfs(path) for path in paths} == theirs


@settings(max_examples=150)
@given(
    path=st.text(min_size=1, max_size=12)
    | st.lists(st.sampled_from("a b\"\\*?[]!#/é'$"), min_size=1, max_size=8).map("".join)
)
def test_an_added_line_names_that_path_to_git_and_to_us(work, path):
    try:
        check_path(path)
    except BadPath:
        assume(False)
    text = add_lfs_pattern("*.md text", path)
    other = f"x{path}"
    assert check_attr(work, {"": text}, [path, other]) == {path: True, other: False}
    ours = Attributes.parse([("", text)])
    assert (ours.is_lfs(path), ours.is_lfs(other)) == (True, False)


def test_the_line_is_the_one_that_the_hub_writes():
    assert add_lfs_pattern("", "a.bin") == f"a.bin {LFS}\n"
    assert add_lfs_pattern("x y", "dir/odd name") == f'x y\n"dir/odd name" {LFS}\n'


def test_default_attributes_track_weights_everywhere_and_media_in_datasets():
    model, dataset = (Attributes.parse([("", default_attributes(kind))]) for kind in ("model", "dataset"))
    for path in ("w.safetensors", "a/b.bin", "saved_model/x/y.pb", "runs/events.out.tfevents.1", "x.tar.gz"):
        assert model.is_lfs(path)
    assert not model.is_lfs("README.md")
    assert not model.is_lfs("a.png")
    assert dataset.is_lfs("a.png")
    assert len(default_attributes("model").splitlines()) == 35


def test_thousands_of_tracked_paths_are_found_by_name():
    def tracking(count: int) -> Attributes:
        return Attributes.parse([("", "".join(f"data/shard-{i:05d}.weird {LFS}\n" for i in range(count)))])

    def ask(attributes: Attributes, step: int) -> None:
        assert all(attributes.is_lfs(f"data/shard-{i:05d}.weird") for i in range(0, 500 * step, step))

    many, few = tracking(20_000), tracking(500)
    assert_costs_at_most(5, lambda: ask(many, 40), lambda: ask(few, 1))


@pytest.mark.timeout(60)  # patterns are famous for taking exponential time
@pytest.mark.parametrize(
    ("piece", "end"), [("*a", "b"), ("**/a", ""), ("a/**", "/b"), ("[a-z]*", ""), ("?*", "")]
)
def test_no_pattern_takes_long(piece, end):
    path = "/".join(["a" * 120] * 20)

    def match(count: int) -> None:
        pattern = piece * count + end
        Attributes.parse([("", f"{pattern} {LFS}\n")]).is_lfs(path)
        Ignore.parse(pattern + "\n").matches(path)

    assert_in_proportion(match, 96)


def test_too_many_wildcards_are_told():
    with pytest.raises(TooLarge):
        Attributes.parse([("", "".join(f"?{i} {LFS}\n" for i in range(6000)))])
    with pytest.raises(TooLarge):
        Ignore.parse("".join(f"?{i}\n" for i in range(6000)))


def check_ignore(work, text, paths):
    (work / ".gitignore").write_text(text)
    out = git(
        work,
        "check-ignore",
        "--no-index",
        "-z",
        "--stdin",
        stdin="".join(f"{p}\0" for p in paths).encode(),
        check=False,
    )
    return {name.decode() for name in out.split(b"\0") if name}


@settings(max_examples=250)
@given(
    lines=st.lists(patterns([*TOKENS, "!", "/", " ", "\\ ", "#"]), min_size=1, max_size=6),
    paths=st.lists(PATHS, min_size=1, max_size=6),
)
def test_paths_are_ignored_as_git_says(bare_floor, lines, paths):
    assume(not any(quirky(line.strip("!/ ")) for line in lines))
    text = "".join(f"{line}\n" for line in lines)
    ours = Ignore.parse(text)
    assert {path for path in paths if ours.matches(path)} == check_ignore(bare_floor, text, paths)


def test_ignoring_as_people_write_it():
    ours = Ignore.parse("\ufeff# comment\n*.pyc\r\n/build/\n!keep.pyc\nlogs/*\n!logs/keep\n\n")
    assert [
        p
        for p in ("a.pyc", "x/a.pyc", "keep.pyc", "build/x", "x/build/y", "logs/a", "logs/keep", "readme")
        if ours.matches(p)
    ] == ["a.pyc", "x/a.pyc", "build/x", "logs/a"]
    assert not Ignore.parse("").matches("anything")
