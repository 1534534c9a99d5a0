import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.git.conftest import START

from hubkeep.git import last_commits as last_module
from hubkeep.git import log as log_module
from hubkeep.git.commit_cache import COUNTS, Recent

PATHS = ["a", "b", "d/a", "d/b", "d/e/a", "d/e/b", "z"]


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    monkeypatch.setattr(last_module, "_ANSWERS", Recent(1000))
    COUNTS._values.clear()


def grow(one, seed, commits):
    """A random history with branches and merges, distinct dates, some of them out of order."""
    rng = random.Random(seed)
    tips = [one.commit(dict.fromkeys(PATHS, b"start"), when=START)]
    for number in range(1, commits):
        parent = rng.choice(tips[-3:])
        others = [t for t in tips[-4:] if t != parent]
        parents = [parent] + ([rng.choice(others)] if others and rng.random() < 0.35 else [])
        mine = one.files(parent)
        if len(parents) == 2:
            theirs = one.files(parents[1])
            files = {p: theirs.get(p) if rng.random() < 0.5 else mine.get(p) for p in PATHS}
            edits = {
                p: data
                for p, data in files.items()
                if data != mine.get(p) and (data is not None or p in mine)
            }
        else:
            edits = {}
        for path in rng.sample(PATHS, rng.randint(0 if len(parents) == 2 else 1, 2)):
            gone = rng.random() < 0.2
            if not gone:
                edits[path] = rng.randbytes(4)
            elif path in mine:
                edits[path] = None
        tips.append(
            one.commit(edits, *parents, when=START + timedelta(minutes=number, seconds=rng.randint(-90, 0)))
        )
    return tips


def as_git_says(one, tip, path):
    return one.git("log", "-1", "--format=%H", tip, "--", path).decode().strip()


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.booleans())
def test_the_last_commit_of_every_path_is_git_logs(one, seed, ask_before):
    tips = grow(one, seed, 14)
    tip = tips[-1]
    with one.reader(tip) as reader:
        if ask_before:  # what was answered for older commits shortens the walk, and must not change it
            for older in tips[3:-1:3]:
                reader.last_commits(older, [*PATHS, "d", "d/e"])
        paths = [e.path for e in reader.walk(tip, "", recursive=True, after=None, limit=100)]
        found = reader.last_commits(tip, [*paths, "nope", "d/nope"])
        assert {path: commit.oid for path, commit in found.items()} == {
            path: as_git_says(one, tip, path) for path in paths
        }


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_log_and_count_are_gits(one, seed):
    tip = grow(one, seed, 14)[-1]
    theirs = one.git("rev-list", tip).decode().split()
    with one.reader(tip) as reader:
        assert [c.oid for c in reader.log(tip, skip=0, limit=100)] == theirs
        assert [c.oid for c in reader.log(tip, skip=3, limit=4)] == theirs[3:7]
        assert reader.count(tip) == len(theirs)


def line(one, length):
    tips = [one.commit({"old": b"x", "d/old": b"x", "new": b"0"})]
    for number in range(1, length):
        tips.append(one.commit({"new": b"%d" % number}, tips[-1]))
    return tips


def test_far_back_git_goes_on(one, monkeypatch):
    monkeypatch.setattr(last_module, "NEAR", 5)
    monkeypatch.setattr(log_module, "NEAR", 5)
    tips = line(one, 20)
    with one.reader(tips[-1]) as reader:
        found = reader.last_commits(tips[-1], ["old", "d", "d/old", "new"])
        assert {path: commit.oid for path, commit in found.items()} == {
            "old": tips[0],
            "d": tips[0],
            "d/old": tips[0],
            "new": tips[-1],
        }
        assert [c.oid for c in reader.log(tips[-1], skip=10, limit=3)] == tips[::-1][10:13]
        assert reader.count(tips[-1]) == 20
        assert reader.count(tips[3]) == 4


def test_the_count_after_a_push_is_one_step(one):
    tips = line(one, 3)
    with one.reader(tips[-1]) as reader:
        assert reader.count(tips[1]) == 2
        COUNTS.put(tips[1], 1000)  # believed, not counted again
        assert reader.count(tips[2]) == 1001


def test_short_ids_mean_one_commit(one):
    tips = line(one, 3)
    with one.reader(tips[-1]) as reader:
        blob = reader.entry(tips[-1], "old").oid
        assert reader.expand(tips[1][:7]) == tips[1]
        assert reader.expand(tips[1][:39]) == tips[1]
        assert reader.expand(blob[:10]) is None
        assert reader.expand("0" * 10) is None


def test_a_commit_tells_who_when_and_what(one):
    tip = one.commit({"a": b"1"}, message="title\n\nbody\nmore", when=START)
    with one.reader(tip) as reader:
        commit = reader.commit(tip)
    assert (commit.author, commit.email, commit.date) == ("ada", "ada@example.org", START)
    assert (commit.title, commit.body, commit.parents) == ("title", "body\nmore", ())


def test_differences_are_text_or_raw_and_can_be_left_unread(one):
    first = one.commit({"a": b"1\n", "ä": b"x\n"})
    second = one.commit({"a": b"2\n", "ä": b"y\n" * 500_000}, first)
    with one.reader(second) as reader:
        patch = b"".join(reader.diff(first, second, raw=False))
        assert b"-1\n+2\n" in patch
        assert b"diff --git a/\xc3\xa4 b/\xc3\xa4" in patch
        raw = b"".join(reader.diff(first, second, raw=True)).decode().splitlines()
        assert [row.split("\t")[1] for row in raw] == ["a", "ä"]
        unread = reader.diff(first, second, raw=False)
        next(unread)
        unread.close()
