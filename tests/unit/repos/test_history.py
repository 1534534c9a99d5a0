import hashlib

import pytest
import sqlalchemy as sa
from tests.unit.repos.conftest import add, large, remove

from hubkeep import cas, repos
from hubkeep.kit import BadInput
from hubkeep.repos import Candidate, LfsObjectMissing, RevisionNotFound


def log(house, repo, rev=None, skip=0, limit=100):
    with house.stores.db.read() as tx:
        return repos.history(
            tx, house.ada, house.stores, repo.kind, repo.full_name, rev, skip=skip, limit=limit
        )


def keep(house, repo, content: bytes) -> str:
    source = house.stores.scratch / "large"
    source.write_bytes(content)
    sha256, size = cas.keep_whole(house.stores.blobs, source)
    with house.stores.db.write() as tx:
        cas.link_whole(tx, house.stores.blobs, repo.id, house.ada.user_id, sha256, size)
    return sha256


def test_pages_of_history_add_up(house):
    repo = house.make_repo()
    for number in range(5):
        house.commit(repo, add(f"f{number}"), summary=f"commit {number}")
    whole = log(house, repo)
    assert [commit.title for commit in whole.commits] == [f"commit {n}" for n in (4, 3, 2, 1, 0)] + [
        "initial commit"
    ]
    assert (whole.total, whole.more) == (6, False)
    pages = [log(house, repo, skip=skip, limit=2) for skip in (0, 2, 4, 6)]
    assert [c.oid for page in pages for c in page.commits] == [c.oid for c in whole.commits]
    assert [page.more for page in pages] == [True, True, False, False]
    assert log(house, repo, skip=10**30).commits == []


def test_each_path_knows_its_last_commit(house):
    repo = house.make_repo()
    oids = [house.commit(repo, add(path, bytes([n]))).oid for n, path in enumerate(["a", "d/x", "d/y", "a"])]
    with house.stores.db.read() as tx:
        page = repos.tree(tx, house.ada, house.stores, repo.kind, repo.full_name, None, "", expand=True)
        shown = {listed.file.path: listed.last_commit.oid for listed in page.entries if listed.last_commit}
        paths = repos.paths_info(
            tx, house.ada, house.stores, repo.kind, repo.full_name, "main", ["d/x", "nope", "a"], expand=True
        )
    assert shown["a"] == oids[3]
    assert shown["d"] == oids[2]
    assert [(listed.file.path, listed.last_commit.oid) for listed in paths if listed.last_commit] == [
        ("d/x", oids[1]),
        ("a", oids[3]),
    ]


def test_two_revisions_are_compared_as_text(house):
    repo = house.make_repo()
    old = house.commit(repo, add("a", b"1\n")).oid
    new = house.commit(repo, add("a", b"2\n")).oid
    text = b"".join(
        repos.compare(house.stores, house.ada, repo.kind, repo.full_name, old[:9], "main", raw=False)
    )
    assert b"-1\n+2\n" in text
    raw = b"".join(repos.compare(house.stores, house.ada, repo.kind, repo.full_name, old, new, raw=True))
    assert raw.endswith(b"M\ta\n")
    with pytest.raises(RevisionNotFound):
        repos.compare(house.stores, house.ada, repo.kind, repo.full_name, "nope", "main", raw=False)


def test_a_squashed_branch_has_one_commit_and_the_same_files(house):
    repo = house.make_repo()
    house.commit(repo, add("a"), add("b"))
    house.commit(repo, remove("a"))
    before = {path: file.oid for path, file in house.tree(repo).items()}
    oid = repos.super_squash(house.stores, house.ada, repo.kind, repo.full_name, "main", "all in one")
    history = log(house, repo)
    assert [(c.oid, c.title, c.parents) for c in history.commits] == [(oid, "all in one", ())]
    assert {path: file.oid for path, file in house.tree(repo).items()} == before
    repos.create_tag(house.stores, house.ada, repo.kind, repo.full_name, "v1", "main", None)
    with pytest.raises(BadInput, match="is a tag"):
        repos.super_squash(house.stores, house.ada, repo.kind, repo.full_name, "v1", None)


def test_a_large_file_is_removed_from_every_commit_ref_and_closed_pull_request(house):
    repo = house.make_repo()
    secret, other = keep(house, repo, b"secret"), keep(house, repo, b"other")
    house.commit(repo, large("s.bin", secret), add("a"))
    tip = house.commit(repo, large("o.bin", other)).oid
    with house.stores.db.write() as tx:
        repos.keep_ref(tx, repo.id, "refs/pr/1", house.eve.user_id)
        repos.freeze_ref(tx, repo.id, "refs/pr/1", frozen=True)
        tx.sql.execute(sa.text("INSERT INTO refs VALUES (:r, 'refs/pr/1', :o, :o)"), {"r": repo.id, "o": tip})
    repos.create_tag(house.stores, house.ada, repo.kind, repo.full_name, "v1", "main", "told")
    repos.delete_lfs_files(house.stores, house.ada, repo.kind, repo.full_name, [secret], rewrite_history=True)
    for rev in ("main", "refs/pr/1", "v1"):
        assert set(house.tree(repo, rev)) == {".gitattributes", "a", "o.bin"}
    assert [c.title for c in log(house, repo).commits] == ["a change", "a change", "initial commit"]
    files, _ = repos.lfs_files(house.stores, house.ada, repo.kind, repo.full_name, after=None, limit=10)
    assert [(file.sha256, file.filename, file.ref) for file in files] == [(other, "o.bin", "refs/heads/main")]
    with pytest.raises(LfsObjectMissing):
        house.commit(repo, large("again.bin", secret))


def test_large_files_are_listed_with_a_place_even_when_only_history_names_them(house):
    repo = house.make_repo()
    gone, here, never = (keep(house, repo, text) for text in (b"gone", b"here", b"never named"))
    house.commit(repo, large("gone.bin", gone), large("here.bin", here))
    house.commit(repo, remove("gone.bin"))
    files, following = repos.lfs_files(
        house.stores, house.ada, repo.kind, repo.full_name, after=None, limit=10
    )
    places = {file.sha256: (file.filename, file.ref) for file in files}
    assert places == {gone: ("gone.bin", None), here: ("here.bin", "refs/heads/main"), never: ("", None)}
    assert following is None


def test_large_files_of_other_branches_are_found_there_each_by_the_first_branch_that_has_it(house):
    repo = house.make_repo()
    everywhere, aside, odd = (keep(house, repo, text) for text in (b"everywhere", b"aside", b"odd"))
    house.commit(repo, large("deep/er/all.bin", everywhere))
    for name in ("b", "a", "c"):
        repos.create_branch(house.stores, house.ada, repo.kind, repo.full_name, name, None)
    by_hand = (
        f"version https://git-lfs.github.com/spec/v1\next-0-x sha256:{'0' * 64}\noid sha256:{odd}\nsize 3\n"
    )
    house.commit(repo, large("deep/aside.bin", aside), add("odd.txt", by_hand.encode()), rev="b")
    house.commit(repo, large("other/aside.bin", aside), rev="c")
    files, _ = repos.lfs_files(house.stores, house.ada, repo.kind, repo.full_name, after=None, limit=10)
    assert {file.sha256: (file.filename, file.ref) for file in files} == {
        everywhere: ("deep/er/all.bin", "refs/heads/main"),
        aside: ("deep/aside.bin", "refs/heads/b"),
        odd: ("odd.txt", "refs/heads/b"),
    }


def preupload(house, repo, *paths, size=10, attributes=None, ignore=None):
    with house.stores.db.read() as tx:
        candidates = [Candidate(path, size, b"text") for path in paths]
        _, verdicts = repos.preupload(
            tx, house.ada, house.stores, repo.kind, repo.full_name, "main", candidates, ignore, attributes
        )
    return {v.path: v for v in verdicts}


def test_how_a_file_should_travel_is_what_git_attributes_say_at_any_depth(house):
    repo = house.make_repo()
    house.commit(repo, add("d/.gitattributes", b"*.bin -filter\n*.big filter=lfs\n"))
    found = preupload(house, repo, "x.bin", "d/x.bin", "d/e/x.big", "x.big", "new/x.txt")
    assert {path: v.large for path, v in found.items()} == {
        "x.bin": True,
        "d/x.bin": False,
        "d/e/x.big": True,
        "x.big": False,
        "new/x.txt": False,
    }
    assert preupload(house, repo, "x.big", attributes="*.big filter=lfs")["x.big"].large
    assert preupload(house, repo, "x.log", ignore="*.log\n")["x.log"].ignored
    assert preupload(house, repo, "x.txt", size=11 << 20)["x.txt"].large


def test_what_is_there_is_named_as_the_client_names_it(house):
    repo = house.make_repo()
    sha256 = keep(house, repo, b"weights")
    house.commit(repo, add("a.txt", b"plain"), large("w.bin", sha256))
    found = preupload(house, repo, "a.txt", "w.bin", "new")
    assert found["a.txt"].oid == hashlib.sha1(b"blob 5\0plain").hexdigest()
    assert found["w.bin"].oid == sha256
    assert found["new"].oid is None


def test_a_large_git_attributes_file_is_kept_when_a_line_is_added(house):
    repo = house.make_repo()
    lines = "".join(f"data/{i:06}.weird filter=lfs diff=lfs merge=lfs -text\n" for i in range(25_000))
    house.commit(repo, add(".gitattributes", lines.encode()))
    house.commit(repo, large("one.odd", keep(house, repo, b"weights")))
    text = house.read(repo, ".gitattributes").decode()
    assert text == lines + "one.odd filter=lfs diff=lfs merge=lfs -text\n"
    assert preupload(house, repo, "data/024999.weird")["data/024999.weird"].large
