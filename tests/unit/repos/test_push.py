"""Pushes as git sends them, without sockets: commands and a pack made by the real git, judged by the real verbs."""

import os
import random
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.unit.repos.conftest import House, add

from hubkeep import accounts, cas, repos
from hubkeep.accounts import STRANGER, Actor, NotAllowed, NotSignedIn, Role
from hubkeep.git import BadPack, PackWriter
from hubkeep.kit import now
from hubkeep.repos import Kind, NewRepo, Repo, RepoHidden, RepoNotFound
from hubkeep.repos.tables import pushes

ZERO = "0" * 40
CAPABILITIES = "report-status-v2 side-band-64k object-format=sha1 agent=git/test"
WHO = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "ada"), ("EMAIL", "ada@example.org"))
}
PLAIN = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    **WHO,
}


@dataclass
class Told:
    """What a push was answered: the word on the pack, ref to result, and the lines for people."""

    unpacked: str
    results: dict[str, str]
    messages: str


@dataclass
class Clone:
    """A clone of a repository, and what is pushed from it."""

    house: House
    repo: Repo
    folder: Path

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=PLAIN, input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(self, files: dict[str, bytes | None], message: str = "a change") -> str:
        for name, data in files.items():
            path = self.folder / name
            if data is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.git("add", "--all")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def pack(self, *new: str, without: tuple[str, ...] = ("origin/main",)) -> bytes:
        wanted = "\n".join([*new, *(f"^{old}" for old in without)]).encode()
        return subprocess.run(
            ["git", "pack-objects", "--revs", "--thin", "--stdout", "-q"],
            cwd=self.folder,
            env=PLAIN,
            input=wanted,
            capture_output=True,
            check=True,
        ).stdout

    def push(
        self,
        *moves: tuple[str, str | None, str | None],
        pack: bytes | None = None,
        actor: Actor | None = None,
        capabilities: str = CAPABILITIES,
        extra: bytes = b"",
    ) -> Told:
        """Push (ref, old, new) moves."""
        new = [move[2] for move in moves if move[2]]
        body = extra
        for place, (ref, old, oid) in enumerate(moves):
            body += line(
                f"{old or ZERO} {oid or ZERO} {ref}".encode()
                + (f"\0{capabilities}".encode() if place == 0 else b"")
            )
        body += b"0000"
        if new:
            body += self.pack(*new) if pack is None else pack
        return read(self.send(body, actor), sorted((move[0] for move in moves), key=len, reverse=True))

    def send(self, body: bytes, actor: Actor | None = None) -> bytes:
        push = repos.begin_push(
            self.house.stores, actor or self.house.ada, self.repo.kind, self.repo.full_name
        )
        try:
            while body:
                size = random.choice((1, 3, 100, 5000, 1 << 20))
                push.feed([body[:size]])
                body = body[size:]
            return push.finish()
        finally:
            push.close()

    def refs(self) -> dict[str, str]:
        with self.house.stores.db.read() as tx:
            return repos.refs_of(tx, self.repo.id)


def line(data: bytes) -> bytes:
    return b"%04x%s" % (len(data) + 4, data)


def packets(data: bytes) -> list[bytes]:
    found = []
    while data and data[:4] != b"0000":
        size = int(data[:4], 16)
        found.append(data[4:size])
        data = data[size:]
    return found


def read(answer: bytes, asked: list[str]) -> Told:
    if not re.match(rb"[0-9a-f]{4}[\x01\x02]", answer):
        report, messages = answer, ""
    else:
        bands = packets(answer)
        report = b"".join(band[1:] for band in bands if band[:1] == b"\1")
        messages = b"".join(band[1:] for band in bands if band[:1] == b"\2").decode()
    first, *rest = (packet.decode().rstrip("\n") for packet in packets(report))
    results = {}
    for said in rest:
        word, _, named = said.partition(" ")
        ref = next(each for each in asked if named == each or named.startswith(f"{each} "))
        results[ref] = "ok" if word == "ok" else named[len(ref) + 1 :]
    return Told(first.removeprefix("unpack "), results, messages)


@pytest.fixture
def clone(house, tmp_path) -> Callable[..., Clone]:
    def clone(repo: Repo | None = None) -> Clone:
        repo = repo or house.make_repo()
        folder = tmp_path / f"clone-{repo.id}-{random.random()}"
        lent = repos.open_for_fetch(house.stores, house.ada, repo.kind, repo.full_name)
        subprocess.run(["git", "clone", "-q", str(lent.directory), str(folder)], env=PLAIN, check=True)
        lent.close()
        return Clone(house, repo, folder)

    return clone


MAIN = "refs/heads/main"


def start(mine: Clone) -> str:
    return mine.refs()[MAIN]


def test_a_push_is_seen_at_once_and_leaves_nothing_in_the_scratch_folder(house, clone):
    mine = clone()
    old, new = start(mine), mine.commit({"a.txt": b"pushed", "d/b": b"x"})
    assert mine.push((MAIN, old, new)) == Told("ok", {MAIN: "ok"}, "")
    assert house.read(mine.repo, "a.txt") == b"pushed"
    assert set(house.tree(mine.repo)) == {".gitattributes", "a.txt", "d", "d/b"}
    assert not list(house.stores.scratch.iterdir())
    with house.stores.db.read() as tx:
        rows = tx.sql.execute(sa.select(pushes.c.ref, pushes.c.old, pushes.c.new, pushes.c.user_id)).all()
    assert rows[-1] == (MAIN, old, new, house.ada.user_id)


def test_a_commit_by_the_api_is_seen_by_git_at_once(house, clone):
    mine = clone()
    oid = house.commit(mine.repo, add("api.txt")).oid
    lent = repos.open_for_fetch(house.stores, house.ada, mine.repo.kind, mine.repo.full_name)
    mine.git("fetch", "-q", str(lent.directory), "main")
    lent.close()
    assert mine.git("rev-parse", "FETCH_HEAD") == oid


def test_a_late_push_is_told_to_fetch_first(house, clone):
    mine = clone()
    old, new = start(mine), mine.commit({"a": b"1"})
    house.commit(mine.repo, add("faster.txt"))
    before = mine.refs()
    assert mine.push((MAIN, old, new)).results == {MAIN: "fetch first"}
    assert mine.refs() == before


def test_losing_the_race_at_the_last_moment_is_told_too(house, clone, monkeypatch):
    mine = clone()
    old, new = start(mine), mine.commit({"a": b"1"})
    store = house.stores.git.store

    def overtaken(*args):
        monkeypatch.undo()
        house.commit(mine.repo, add("faster.txt"))
        return store(*args)

    monkeypatch.setattr(house.stores.git, "store", overtaken)
    assert mine.push((MAIN, old, new)).results == {MAIN: "fetch first"}
    assert "a" not in house.tree(mine.repo)


def test_history_may_be_rewritten_by_force(house, clone):
    mine = clone()
    first = mine.commit({"a": b"1"})
    mine.push((MAIN, start(mine), first))
    mine.git("reset", "-q", "--hard", "origin/main")
    other = mine.commit({"b": b"2"})
    assert mine.push((MAIN, first, other)).results == {MAIN: "ok"}
    assert set(house.tree(mine.repo)) == {".gitattributes", "b"}


def test_branches_and_tags_come_and_go(house, clone):
    mine = clone()
    new = mine.commit({"a": b"1"})
    mine.git("tag", "-a", "v1", "-m", "first")
    tag = mine.git("rev-parse", "v1")
    told = mine.push(
        ("refs/heads/dev/x", None, new), ("refs/tags/v1", None, tag), ("refs/tags/light", None, new)
    )
    assert set(told.results.values()) == {"ok"}
    with house.stores.db.read() as tx:
        found = {
            ref.name: (ref.oid, ref.commit_oid)
            for ref in repos.list_refs(tx, house.ada, mine.repo.kind, mine.repo.full_name)
        }
        assert (
            repos.history(
                tx, house.ada, house.stores, mine.repo.kind, mine.repo.full_name, "v1", skip=0, limit=1
            )
            .commits[0]
            .oid
            == new
        )
    assert found["refs/tags/v1"] == (tag, new)
    assert found["refs/tags/light"] == (new, new)
    told = mine.push(("refs/heads/dev/x", new, None), ("refs/tags/v1", tag, None))
    assert told.results == {"refs/heads/dev/x": "ok", "refs/tags/v1": "ok"}
    assert set(mine.refs()) == {MAIN, "refs/tags/light"}


def test_a_branch_at_a_known_commit_needs_no_objects(clone):
    mine = clone()
    told = mine.push(("refs/heads/dev", None, start(mine)))
    assert told == Told("ok", {"refs/heads/dev": "ok"}, "")


def test_a_question_before_a_large_push_has_an_empty_answer(clone):
    assert clone().send(b"0000") == b""


def test_a_client_that_wants_no_report_gets_none(clone):
    mine = clone()
    new = mine.commit({"a": b"1"})
    body = line(f"{start(mine)} {new} {MAIN}\0 agent=old".encode()) + b"0000" + mine.pack(new)
    assert mine.send(body) == b""
    assert start(mine) == new


def test_a_client_without_side_band_is_told_the_reason_in_the_report(clone):
    mine = clone()
    told = mine.push(
        (MAIN, start(mine), mine.commit({"big": b"x" * (11 << 20)})), capabilities="report-status"
    )
    assert told.results[MAIN].startswith("big has 11,534,336 bytes")


REFUSED = {
    "big in git": ({"d/big one.txt": b"x" * ((10 << 20) + 1)}, "d/big one.txt has 10,485,761 bytes"),
    "pointer": ({"w.txt": cas.write_pointer("ab" * 32, 5)}, "w.txt points to the large file " + "ab" * 32),
    "card": ({"README.md": b"---\n- a\n- list\n---\n"}, "README.md: YAML metadata must be a mapping"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_content_that_does_not_belong_is_refused_by_name_and_nothing_changes(house, clone, what):
    files, reason = REFUSED[what]
    mine = clone()
    before, blobs = mine.refs(), len(list(house.stores.blobs.list("git/")))
    mine.commit(files)
    new = mine.commit({"other": b"fine"})
    told = mine.push((MAIN, start(mine), new), ("refs/heads/also", None, new))
    assert reason in told.messages
    assert all(reason in result for result in told.results.values())
    assert told.unpacked == "ok"
    assert mine.refs() == before
    assert len(list(house.stores.blobs.list("git/"))) == blobs
    assert not list(house.stores.scratch.iterdir())


def test_what_was_removed_again_still_counts(clone):
    mine = clone()
    mine.commit({"big": b"x" * (11 << 20)})
    assert "big has" in mine.push((MAIN, start(mine), mine.commit({"big": None}))).messages


def test_many_complaints_are_cut_short(clone):
    mine = clone()
    new = mine.commit({f"w{i}": cas.write_pointer(f"{i:064x}", 5) for i in range(50)})
    messages = mine.push((MAIN, start(mine), new)).messages.splitlines()
    assert len(messages) == 21
    assert "more" in messages[-1]


def test_a_pointer_to_a_large_file_of_this_repo_is_welcome(house, clone):
    mine, other = clone(), clone()
    source = house.stores.scratch / "big"
    source.write_bytes(b"weights")
    sha256, size = cas.keep_whole(house.stores.blobs, source)
    with house.stores.db.write() as tx:
        cas.link_whole(tx, house.stores.blobs, mine.repo.id, house.ada.user_id, sha256, size)
    files: dict[str, bytes | None] = {"w.bin": cas.write_pointer(sha256, 7)}
    assert mine.push((MAIN, start(mine), mine.commit(files))).results == {MAIN: "ok"}
    assert house.tree(mine.repo)["w.bin"].size == 7
    assert "not here" in other.push((MAIN, start(other), other.commit(files))).messages
    mine.git("update-ref", "refs/remotes/origin/main", start(mine))
    lie = mine.commit({"w.bin": cas.write_pointer(sha256, 8)})
    assert "says 8 bytes" in mine.push((MAIN, start(mine), lie)).messages


def test_a_card_that_was_bad_before_does_not_stop_other_work(house, clone):
    mine = clone()
    bad = mine.commit({"README.md": b"---\n- a\n- list\n---\n"})
    assert mine.push(("refs/heads/dev", None, bad)).results == {"refs/heads/dev": "ok"}, (
        "only the default branch shows a card"
    )
    with house.stores.db.write() as tx:
        tx.sql.execute(
            sa.text("UPDATE refs SET oid = :o, commit_oid = :o WHERE name = :n"), {"o": bad, "n": MAIN}
        )
    mine.git("update-ref", "refs/remotes/origin/main", bad)
    assert mine.push((MAIN, bad, mine.commit({"a": b"1"}))).results == {MAIN: "ok"}


BAD_REFS = [
    "refs/heads/",
    "HEAD",
    "refs/remotes/x",
    "refs/hidden/x",
    "refs/heads/a..b",
    "refs/heads/-x",
    "refs/heads/a b",
    "refs/heads/HEAD",
    "refs/heads/" + "x" * 300,
    "main",
]


@pytest.mark.parametrize("ref", BAD_REFS)
def test_only_branches_and_tags_with_good_names_are_pushed(clone, ref):
    mine = clone()
    new = mine.commit({"a": b"1"})
    told = mine.push((ref, None, new), ("refs/heads/good", None, new))
    assert "can be pushed" in told.results[ref]
    assert told.results["refs/heads/good"] == "ok", "a good ref does not suffer for a bad one"
    assert set(mine.refs()) == {MAIN, "refs/heads/good"}


def test_all_or_nothing_when_the_client_says_so(clone):
    mine = clone()
    new = mine.commit({"a": b"1"})
    told = mine.push(
        ("refs/hidden/x", None, new), ("refs/heads/good", None, new), capabilities=CAPABILITIES + " atomic"
    )
    assert told.results["refs/heads/good"] == "atomic push failed"
    assert set(mine.refs()) == {MAIN}


def test_protected_refs(house, clone):
    mine = clone()
    new = mine.commit({"a": b"1"})
    told = mine.push((MAIN, start(mine), None), ("refs/pr/1", None, new), ("refs/convert/parquet", None, new))
    assert "default branch" in told.results[MAIN]
    assert "no pull request" in told.results["refs/pr/1"]
    assert told.results["refs/convert/parquet"] == "ok", "whoever manages the repository may"
    assert "no pull request" not in mine.push(("refs/pr/1", new, None)).results["refs/pr/1"]


def test_names_that_git_cannot_hold_together_are_refused(clone):
    mine = clone()
    new = mine.commit({"a": b"1"})
    told = mine.push(
        ("refs/heads/a", None, new), ("refs/heads/a/b", None, new), ("refs/heads/main/x", None, new)
    )
    assert told.results["refs/heads/a"] == "ok"
    assert "refs/heads/a exists" in told.results["refs/heads/a/b"]
    assert "refs/heads/main exists" in told.results["refs/heads/main/x"]
    told = mine.push(("refs/heads/a/b", None, new), ("refs/heads/a", new, None))
    assert set(told.results.values()) == {"ok"}, "the old one goes in the same push"


def test_a_ref_that_leads_to_no_commit_is_refused(clone):
    mine = clone()
    new = mine.commit({"a": b"1"})
    tree, blob = mine.git("rev-parse", "HEAD^{tree}"), mine.git("rev-parse", "HEAD:a")
    mine.git("tag", "-a", "t", "-m", "of a tree", tree)
    mine.git("tag", "-a", "c", "-m", "of a commit")
    tag, heavy = mine.git("rev-parse", "t"), mine.git("rev-parse", "c")
    told = mine.push(
        ("refs/tags/tree", None, tree),
        ("refs/heads/blob", None, blob),
        ("refs/tags/t", None, tag),
        ("refs/heads/tagged", None, heavy),
        ("refs/heads/good", None, new),
    )
    assert told.results["refs/heads/good"] == "ok"
    assert set(mine.refs()) == {MAIN, "refs/heads/good"}
    assert "not to a commit" in told.results["refs/tags/t"]
    assert "only tags" in told.results["refs/heads/tagged"]


@pytest.mark.parametrize("how", ["cut", "flipped", "rubbish", "missing", "half"])
def test_a_broken_pack_changes_nothing(house, clone, how):
    mine = clone()
    first = mine.commit({"a": b"1"})
    new = mine.commit({"b": b"2"})
    pack = mine.pack(new)
    broken = {
        "cut": pack[:-30],
        "flipped": pack[:40] + bytes([pack[40] ^ 255]) + pack[41:],
        "rubbish": b"rubbish" * 100,
        "missing": b"",
        "half": mine.pack(new, without=(first,)),  # the older commit is neither sent nor there
    }[how]
    told = mine.push((MAIN, start(mine), new), pack=broken)
    assert told.results[MAIN] != "ok"
    assert start(mine) != new
    assert str(house.stores.scratch) not in told.unpacked
    assert not list(house.stores.scratch.iterdir())


@pytest.mark.parametrize(
    "name", [b".git", b"..", b"a/b", b".GIT", b"git~1", b"\xff\xfe", b"", b".g\xe2\x80\x8cit"]
)
def test_hostile_trees_are_refused(clone, tmp_path, name):
    mine = clone()
    with PackWriter(tmp_path) as writer:
        blob = bytes.fromhex(writer.add("blob", b"new"))
        tree = writer.add("tree", b"100644 " + name + b"\0" + blob)
        new = writer.add_commit(tree, [start(mine)], ("ada", "ada@example.org"), "hostile", now())
        written = writer.finish()
        assert written is not None
        told = mine.push((MAIN, start(mine), new), pack=written.pack.read_bytes())
    assert told.results[MAIN] != "ok"
    assert start(mine) != new


def test_histories_of_old_tools_are_accepted(clone):
    mine = clone()
    mine.commit({"a": b"1"})
    tree, parent = mine.git("rev-parse", "HEAD^{tree}"), mine.git("rev-parse", "HEAD")
    text = f"tree {tree}\nparent {parent}\nauthor A <a@b> 1100000000 +051800\ncommitter A <a@b> 1100000000 +0000\n\nold\n"
    new = mine.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text.encode())
    assert mine.push((MAIN, start(mine), new)).results == {MAIN: "ok"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"GET / HTTP/1.1",
        b"zzzz",
        b"0003",
        b"0004",
        line(b"hello"),
        line(b"x" * 100) + b"0000",
        line(f"{ZERO} {'1' * 40} refs/heads/x\0".encode()),
    ],
)
def test_what_is_no_push_is_refused(clone, body):
    mine = clone()
    with pytest.raises(BadPack):
        mine.send(body)


@pytest.mark.parametrize("capabilities", ["report-status push-options", "report-status object-format=sha256"])
def test_what_is_not_offered_is_not_ignored(clone, capabilities):
    mine = clone()
    with pytest.raises(BadPack):
        mine.push((MAIN, start(mine), mine.commit({"a": b"1"})), capabilities=capabilities)


def test_a_ref_named_twice_and_endless_commands_are_refused(clone):
    mine = clone()
    new = mine.commit({"a": b"1"})
    with pytest.raises(BadPack, match="twice"):
        mine.push(("refs/heads/x", None, new), ("refs/heads/x", None, new))
    with pytest.raises(BadPack, match="too many"):
        mine.send(line(f"{ZERO} {new} refs/heads/{'x' * 900}".encode()) * 6000)


def test_a_shallow_clone_pushes_what_builds_on_our_history(house, clone, tmp_path):
    mine = clone()
    for number in range(3):
        house.commit(mine.repo, add(f"f{number}"))
    lent = repos.open_for_fetch(house.stores, house.ada, mine.repo.kind, mine.repo.full_name)
    folder = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{lent.directory}", str(folder)], env=PLAIN, check=True
    )
    lent.close()
    shallow = Clone(house, mine.repo, folder)
    old, new = start(mine), shallow.commit({"a": b"1"})
    told = shallow.push((MAIN, old, new), extra=line(f"shallow {old}".encode()))
    assert told.results == {MAIN: "ok"}
    with house.stores.db.read() as tx:
        assert (
            repos.history(
                tx, house.ada, house.stores, mine.repo.kind, mine.repo.full_name, None, skip=0, limit=9
            ).total
            == 5
        )


def test_who_may_push(house, clone):
    mine, closed = clone(), house.make_repo(private=True)
    with pytest.raises(NotSignedIn):
        repos.begin_push(house.stores, STRANGER, mine.repo.kind, mine.repo.full_name)
    with pytest.raises(NotAllowed):
        repos.begin_push(house.stores, house.eve, mine.repo.kind, mine.repo.full_name)
    with pytest.raises(RepoNotFound):
        repos.begin_push(house.stores, house.eve, closed.kind, closed.full_name)
    with pytest.raises(RepoHidden):
        repos.open_for_fetch(house.stores, STRANGER, closed.kind, closed.full_name)
    with house.stores.db.read() as tx:
        reader = accounts.actor_of(tx, house.ada.user_id, False)
        with pytest.raises(NotAllowed, match="only read"):
            repos.refs_for_push(tx, reader, mine.repo.kind, mine.repo.full_name)


def test_the_author_of_a_pull_request_pushes_to_it_and_nowhere_else(house, clone):
    mine = clone()
    base = start(mine)
    with house.stores.db.write() as tx:
        repos.keep_ref(tx, mine.repo.id, "refs/pr/1", house.eve.user_id)
        tx.sql.execute(
            sa.text("INSERT INTO refs VALUES (:r, 'refs/pr/1', :o, :o)"), {"r": mine.repo.id, "o": base}
        )
    new = mine.commit({"a": b"1"})
    told = mine.push(
        ("refs/pr/1", base, new), (MAIN, base, new), ("refs/heads/x", None, new), actor=house.eve
    )
    assert told.results["refs/pr/1"] == "ok"
    assert "pull requests of your own" in told.results[MAIN]
    assert mine.refs() == {MAIN: base, "refs/pr/1": new}
    with house.stores.db.write() as tx:
        repos.freeze_ref(tx, mine.repo.id, "refs/pr/1", frozen=True)
    with pytest.raises(NotAllowed):
        repos.begin_push(house.stores, house.eve, mine.repo.kind, mine.repo.full_name)


def test_members_push_to_their_organization_by_role(house):
    with house.stores.db.write() as tx:
        accounts.add_org(tx, "lab", {"ada": Role.ADMIN, "eve": Role.READ})
    with house.stores.db.read() as tx:
        ada, eve = (accounts.actor_of(tx, who.user_id, True) for who in (house.ada, house.eve))
    repo = repos.create(house.stores, ada, NewRepo(Kind.MODEL, "lab", "shared", private=True))
    repos.begin_push(house.stores, ada, repo.kind, repo.full_name).close()
    with pytest.raises(NotAllowed):
        repos.begin_push(house.stores, eve, repo.kind, repo.full_name)
    repos.open_for_fetch(house.stores, eve, repo.kind, repo.full_name).close()


def test_an_abandoned_push_leaves_no_trace(house, clone):
    mine = clone()
    new = mine.commit({"a": b"x" * 100_000})
    body = line(f"{start(mine)} {new} {MAIN}\0{CAPABILITIES}".encode()) + b"0000" + mine.pack(new)
    push = repos.begin_push(house.stores, house.ada, mine.repo.kind, mine.repo.full_name)
    push.feed([body[:-50]])
    push.close()
    assert not list(house.stores.scratch.iterdir())
    assert start(mine) != new


def test_a_failure_of_ours_is_told_and_changes_nothing(house, clone, monkeypatch):
    mine = clone()
    new = mine.commit({"a": b"1"})
    monkeypatch.setattr("hubkeep.repos.push.publish", lambda *_: 1 / 0)
    assert "internal error" in mine.push((MAIN, start(mine), new)).results[MAIN]
    monkeypatch.undo()
    assert start(mine) != new


def test_an_older_database_wins_over_a_newer_cache(house, clone):
    mine = clone()
    old, new = start(mine), mine.commit({"a": b"1"})
    mine.push((MAIN, old, new))
    repos.open_for_fetch(house.stores, house.ada, mine.repo.kind, mine.repo.full_name).close()
    with house.stores.db.write() as tx:  # as if a backup from before the push were restored
        tx.sql.execute(sa.text("UPDATE refs SET oid = :o, commit_oid = :o"), {"o": old})
        tx.sql.execute(sa.text("UPDATE repos SET refs_version = refs_version - 1"))
    lent = repos.open_for_fetch(house.stores, house.ada, mine.repo.kind, mine.repo.full_name)
    listed = subprocess.run(
        ["git", f"--git-dir={lent.directory}", "for-each-ref", "--format=%(objectname)"],
        capture_output=True,
        check=True,
    ).stdout
    lent.close()
    assert listed.decode().split() == [old]
