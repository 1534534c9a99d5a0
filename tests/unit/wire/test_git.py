"""Git over HTTP: the edges that a well-behaved git never comes near, and a real git on a real socket."""

import gzip
import os
import random
import subprocess
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.unit.wire.asgi import body_of, drive, header_of, scope_of, status_of
from tests.unit.wire.conftest import add
from tests.unit.wire.server import Wire, serving

from hubkeep import repos
from hubkeep.git import upload_pack
from hubkeep.repos import Kind
from hubkeep.wire import git_stream

PLAIN = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    **{
        f"GIT_{who}_{what}": "ada@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
}
FETCH_TYPE = {"Content-Type": "application/x-git-upload-pack-request"}
PUSH_TYPE = {"Content-Type": "application/x-git-receive-pack-request"}
V2 = {"Git-Protocol": "version=2"}


def git(*arguments: str, cwd: Path, ok: bool = True) -> str:
    done = subprocess.run(["git", *arguments], cwd=cwd, env=PLAIN, capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode()
    assert (done.returncode == 0) is ok, said
    return said


def line(text: str) -> bytes:
    return f"{len(text.encode()) + 4:04x}{text}".encode()


def ls_refs() -> bytes:
    return line("command=ls-refs\n") + b"0001" + line("peel\n") + line("symrefs\n") + b"0000"


def fetch_everything(oid: str) -> bytes:
    return (
        line("command=fetch\n")
        + b"0001"
        + line("no-progress\n")
        + line(f"want {oid}\n")
        + line("done\n")
        + b"0000"
    )


def tip(house, repo) -> str:
    with house.stores.db.read() as tx:
        return repos.refs_of(tx, repo.id)["refs/heads/main"]


def refs_url(repo, service="git-upload-pack") -> str:
    return f"/{repo.full_name}/info/refs?service={service}"


def git_processes(house) -> list[str]:
    """Command lines of git processes on this hub's folders."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if words[0] == b"git" and any(str(house.hub.settings.data).encode() in word for word in words):
            found.append(b" ".join(words).decode())
    return found


def test_what_the_first_answer_says(house):
    repo = house.make_repo()
    for suffix in ("", ".git"):
        answer = house.client.get(f"/{repo.full_name}{suffix}/info/refs?service=git-upload-pack", headers=V2)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-git-upload-pack-advertisement"
        assert "no-cache" in answer.headers["cache-control"]
        assert answer.content.startswith(b"000eversion 2\n")
        assert b"fetch=shallow wait-for-done filter" in answer.content
    old = house.client.get(refs_url(repo))
    assert old.text.startswith("001e# service=git-upload-pack\n0000")
    assert f"{tip(house, repo)} refs/heads/main" in old.text
    push = house.client.get(refs_url(repo, "git-receive-pack"), headers=house.auth())
    assert push.content.startswith(b"001f# service=git-receive-pack\n0000")
    assert b"\0report-status report-status-v2 delete-refs side-band-64k" in push.content


def test_a_program_that_is_no_git_is_told_what_is_wrong(house):
    repo = house.make_repo()
    for url in (f"/{repo.full_name}/info/refs", refs_url(repo, "git-archive"), refs_url(repo, "")):
        answer = house.client.get(url)
        assert answer.status_code == 400
        assert "git-upload-pack or git-receive-pack" in answer.text
    for service in ("git-upload-pack", "git-receive-pack"):
        answer = house.client.post(f"/{repo.full_name}/{service}", content=b"0000", headers=house.auth())
        assert answer.status_code == 415


def test_git_is_asked_for_a_token_where_one_may_help(house):
    repo = house.make_repo()
    house.make_private(repo)
    for url in (
        refs_url(repo),
        "/ada/never-was/info/refs?service=git-upload-pack",
        refs_url(repo, "git-receive-pack"),
    ):
        answer = house.client.get(url)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Basic realm="hubkeep"'
        assert answer.headers["content-type"].startswith("text/plain"), "git shows plain text to its user"
    wrong = house.client.get(refs_url(repo), headers={"Authorization": "Bearer hf_wrong"})
    assert (wrong.status_code, "www-authenticate" in wrong.headers) == (401, True)
    stranger = house.client.get(refs_url(repo), headers=house.auth("eve"))
    assert (stranger.status_code, stranger.headers["x-error-code"]) == (404, "RepoNotFound")
    body = fetch_everything(tip(house, repo))
    for service, kind in (("git-upload-pack", FETCH_TYPE), ("git-receive-pack", PUSH_TYPE)):
        answer = house.client.post(
            f"/{repo.full_name}/{service}", content=body, headers=kind | V2 | house.auth("eve")
        )
        assert answer.status_code == 404, "each request is judged by itself"


def test_readers_fetch_and_do_not_push(house):
    repo = house.make_repo()
    assert house.client.get(refs_url(repo), headers=house.auth("reader")).status_code == 200
    for who in ("reader", "eve"):
        answer = house.client.get(refs_url(repo, "git-receive-pack"), headers=house.auth(who))
        assert answer.status_code == 403
        answer = house.client.post(
            f"/{repo.full_name}/git-receive-pack", content=b"0000", headers=PUSH_TYPE | house.auth(who)
        )
        assert answer.status_code == 403
    assert (
        "this token can only read"
        in house.client.get(refs_url(repo, "git-receive-pack"), headers=house.auth("reader")).text
    )


def test_a_renamed_repository_redirects_with_everything(house):
    repo = house.make_repo(kind=Kind.DATASET, name="old")
    with house.stores.db.write() as tx:
        repos.move(tx, house.actor(), repo.kind, repo.full_name, "ada/new")
    answer = house.client.get("/datasets/ada/old.git/info/refs?service=git-upload-pack")
    assert (answer.status_code, answer.headers["location"]) == (
        307,
        "/datasets/ada/new.git/info/refs?service=git-upload-pack",
    )
    answer = house.client.post(
        "/datasets/ada/old/git-receive-pack", content=b"0000", headers=PUSH_TYPE | house.auth()
    )
    assert (answer.status_code, answer.headers["location"]) == (307, "/datasets/ada/new/git-receive-pack")


def test_refs_are_those_of_this_moment(house):
    repo = house.make_repo()
    for number in range(3):
        oid = house.commit(repo, add(f"f{number}"))
        answer = house.client.post(
            f"/{repo.full_name}/git-upload-pack", content=ls_refs(), headers=FETCH_TYPE | V2
        )
        assert f"{oid} HEAD symref-target:refs/heads/main" in answer.text
        assert answer.headers["content-type"] == "application/x-git-upload-pack-result"


def test_bodies_may_be_zipped_and_are_counted_unzipped(house, monkeypatch):
    repo = house.make_repo()
    url, zipped = f"/{repo.full_name}/git-upload-pack", FETCH_TYPE | V2 | {"Content-Encoding": "gzip"}
    assert "refs/heads/main" in house.client.post(url, content=gzip.compress(ls_refs()), headers=zipped).text
    assert house.client.post(url, content=b"not gzip", headers=zipped).status_code == 400
    monkeypatch.setattr("hubkeep.wire.git.MAX_FETCH_BYTES", 1 << 20)
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join([bomb.compress(bytes(1 << 20)) for _ in range(64)] + [bomb.flush()])
    assert len(packed) < 1 << 17
    answer = house.client.post(url, content=packed, headers=zipped)
    assert (answer.status_code, "unpacked" in answer.text) == (413, True)
    assert house.client.post(url, content=b"x" * (2 << 20), headers=FETCH_TYPE).status_code == 413
    answer = house.client.post(url, content=b"x", headers=FETCH_TYPE | {"Content-Encoding": "br"})
    assert answer.status_code == 415
    assert house.scratch_files == []


def test_a_push_over_the_limit_is_refused_before_it_is_sent(make_house):
    house = make_house(git={"max_push_bytes": 1000})
    repo = house.make_repo()
    scope = scope_of(
        "POST",
        f"/{repo.full_name}/git-receive-pack",
        PUSH_TYPE | house.auth() | {"Content-Length": str(10 << 20)},
    )
    assert status_of(drive(house.app, scope, [b"0000"])) == 413
    unannounced = scope_of("POST", f"/{repo.full_name}/git-receive-pack", PUSH_TYPE | house.auth())
    assert status_of(drive(house.app, unannounced, [b"0" * (1 << 20)] * 6)) in (413, 422)
    assert house.scratch_files == []


def test_an_odd_protocol_header_counts_as_none(house):
    repo = house.make_repo()
    for value in ("version=2:" + "x" * 300, "version=2 $(id)", "version=99", ""):
        answer = house.client.get(refs_url(repo), headers={"Git-Protocol": value})
        assert answer.status_code == 200
        assert b"refs/heads/main" in answer.content


def test_nonsense_is_answered_and_leaves_no_process(house):
    repo = house.make_repo()
    url = f"/{repo.full_name}/git-upload-pack"
    for body in (
        b"",
        b"0000",
        b"zzzz",
        line("command=rm -rf\n") + b"0000",
        fetch_everything("0" * 40),
        b"0009done\n",
    ):
        for version in ({}, V2):
            assert house.client.post(url, content=body, headers=FETCH_TYPE | version).status_code == 200
    assert (
        house.client.post(
            f"/{repo.full_name}/git-receive-pack", content=b"zzzz", headers=PUSH_TYPE | house.auth()
        ).status_code
        == 422
    )
    assert git_processes(house) == []
    assert house.scratch_files == []


def big_repo(house, megabytes=12):
    repo = house.make_repo()
    noise = random.Random(1)
    return repo, house.commit(repo, *[add(f"f{n}", noise.randbytes(1 << 20)) for n in range(megabytes)])


def test_a_client_that_leaves_stops_git(house):
    repo, oid = big_repo(house)
    scope = scope_of("POST", f"/{repo.full_name}/git-upload-pack", FETCH_TYPE | V2)
    sent = drive(house.app, scope, [fetch_everything(oid)], leave_after=3)
    assert sum(len(message.get("body", b"")) for message in sent) < 10 << 20
    assert git_processes(house) == []
    assert house.scratch_files == []
    assert house.stores.git.tidy(0) == 0


def test_a_push_that_breaks_off_leaves_nothing(house):
    repo = house.make_repo()
    oid = tip(house, repo)
    commands = line(f"{'0' * 40} {oid} refs/heads/x\0report-status\n") + b"0000PACK"
    scope = scope_of("POST", f"/{repo.full_name}/git-receive-pack", PUSH_TYPE | house.auth())
    sent = drive(house.app, scope, [commands], cut=True)
    assert not sent or status_of(sent) == 400
    assert git_processes(house) == []
    assert house.scratch_files == []


def test_a_slow_judgement_keeps_the_connection_alive(house, monkeypatch):
    monkeypatch.setattr(git_stream, "KEEP_ALIVE_SECONDS", 0.05)
    publish, alive = repos.publish, threading.Semaphore(0)

    def slow(*args):
        for _ in range(3):
            assert alive.acquire(timeout=60)
        return publish(*args)

    async def watched(scope, receive, send):
        async def seen(message):
            if message.get("body") == b"0005\x01":
                alive.release()
            await send(message)

        await house.app(scope, receive, seen)

    monkeypatch.setattr("hubkeep.repos.push.publish", slow)
    repo = house.make_repo()
    commands = line(f"{'0' * 40} {tip(house, repo)} refs/heads/x\0report-status side-band-64k\n") + b"0000"
    scope = scope_of("POST", f"/{repo.full_name}/git-receive-pack", PUSH_TYPE | house.auth())
    sent = drive(watched, scope, [commands])
    bodies = [message["body"] for message in sent[1:]]
    assert bodies.count(b"0005\x01") >= 3
    assert b"ok refs/heads/x" in bodies[-1]
    assert header_of(sent, "content-type") == "application/x-git-receive-pack-result"


def test_git_that_dies_is_not_taken_for_an_end(house, monkeypatch):
    repo, oid = big_repo(house, 4)

    def dying(*args):
        process = upload_pack(*args)
        assert process.stdout is not None
        process.stdout.read(100_000)
        process.kill()
        return process

    monkeypatch.setattr(git_stream, "upload_pack", dying)
    scope = scope_of("POST", f"/{repo.full_name}/git-upload-pack", FETCH_TYPE | V2)
    sent = drive(house.app, scope, [fetch_everything(oid)])
    assert all(message.get("more_body", True) for message in sent), "the answer has no proper end"


def test_a_client_that_takes_nothing_costs_little(house):
    repo, oid = big_repo(house, 40)
    body = fetch_everything(oid)
    with serving(house.app) as port, Wire(port, receive_buffer=4096) as slow:
        slow.ask(
            f"/{repo.full_name}/git-upload-pack",
            "POST",
            Content_Type=FETCH_TYPE["Content-Type"],
            Git_Protocol="version=2",
            Content_Length=str(len(body)),
        )
        slow.sock.sendall(body)
        assert slow.head()[0] == 200
        time.sleep(0.5)
        before = _resident()
        time.sleep(0.5)
        assert _resident() - before < 4 << 20
        with Wire(port) as other:
            other.ask(refs_url(repo), Git_Protocol="version=2")
            assert other.head()[0] == 200
    end = time.monotonic() + 60
    while git_processes(house) and time.monotonic() < end:
        time.sleep(0.05)
    assert git_processes(house) == []


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_the_real_git_clones_pushes_and_fetches_at_once(house, tmp_path):
    """Pushers to branches of their own, one who rewrites main, cloners, and a merge of packs, all at the same time."""
    repo = house.make_repo()
    house.commit(repo, add("start"))
    token = house.people["ada"][1]
    with serving(house.app) as port, ThreadPoolExecutor(8) as at_once:
        url = f"http://ada:{token}@127.0.0.1:{port}/{repo.full_name}"

        def pusher(number: int) -> None:
            folder = tmp_path / f"pusher{number}"
            git("clone", "-q", url, str(folder), cwd=tmp_path)
            git("checkout", "-q", "-b", f"b{number}", cwd=folder)
            for step in range(4):
                (folder / f"{number}-{step}").write_bytes(random.randbytes(50_000))
                git("add", "--all", cwd=folder)
                git("commit", "-q", "-m", f"{step}", cwd=folder)
                git("push", "-q", "origin", f"b{number}", cwd=folder)

        def rewriter() -> None:
            folder = tmp_path / "rewriter"
            git("clone", "-q", url, str(folder), cwd=tmp_path)
            for step in range(4):
                (folder / "again").write_text(str(step))
                git("add", "--all", cwd=folder)
                git("commit", "-q", "--amend", "-m", f"rewritten {step}", cwd=folder)
                git("push", "-q", "--force", "origin", "HEAD:main", cwd=folder)

        def cloner(number: int) -> None:
            for step in range(4):
                folder = tmp_path / f"clone{number}-{step}"
                git("clone", "-q", "--mirror", url, str(folder), cwd=tmp_path)
                git("fsck", "--strict", "--no-dangling", cwd=folder)

        def merger() -> None:
            for _ in range(4):
                repos.HANDLERS["repos.repack"](house.stores, {"repo_id": repo.id})
                time.sleep(0.2)

        works = [
            *(at_once.submit(pusher, n) for n in range(3)),
            at_once.submit(rewriter),
            *(at_once.submit(cloner, n) for n in range(2)),
            at_once.submit(merger),
        ]
        for work in works:
            work.result()
        final = tmp_path / "final"
        git("clone", "-q", url, str(final), cwd=tmp_path)
        listed = git("ls-remote", "--heads", "origin", cwd=final)
        assert sorted(row.split("refs/heads/")[1] for row in listed.splitlines() if "refs/heads/" in row) == [
            "b0",
            "b1",
            "b2",
            "main",
        ]
        assert git("log", "-1", "--format=%s", "origin/main", cwd=final).strip() == "rewritten 3"
    assert git_processes(house) == []
    assert house.scratch_files == []


def test_what_is_refused_is_shown_by_git_to_its_user(house, tmp_path):
    repo, closed = house.make_repo(), house.make_repo()
    house.make_private(closed)
    with serving(house.app) as port:
        base = f"http://eve:{house.people['eve'][1]}@127.0.0.1:{port}"
        assert "not found" in git("clone", f"{base}/{closed.full_name}", cwd=tmp_path, ok=False).lower()
        git("clone", "-q", f"{base}/{repo.full_name}", "mine", cwd=tmp_path)
        (tmp_path / "mine" / "x").write_bytes(b"x")
        git("add", "--all", cwd=tmp_path / "mine")
        git("commit", "-q", "-m", "x", cwd=tmp_path / "mine")
        said = git("push", cwd=tmp_path / "mine", ok=False)
        assert "remote: You are not allowed to push to" in said
        assert "403" in said


def test_body_of_a_fetch_is_a_pack(house):
    repo, oid = big_repo(house, 1)
    scope = scope_of("POST", f"/{repo.full_name}.git/git-upload-pack", FETCH_TYPE | V2)
    whole = fetch_everything(oid)
    sent = drive(house.app, scope, [whole[:7], whole[7:50], whole[50:]])
    assert body_of(sent).startswith(b"000dpackfile\n")
