"""Pages of a repository that is large in itself: 100,000 large files, 10,000 branches and as many tags, beside one with 200.

Pages are asked for as their owner does, and timed as the server's processor time per request: other work on the machine does
not change it. What grows with the repository by its nature, finding out what files are called, is told apart.
"""

import hashlib
import http.client
import statistics
import time
from pathlib import Path

import sqlalchemy as sa
from benches.rig.hub import Hub, Payload, hub
from benches.rig.process import cpu_seconds
from benches.rig.report import percentile, report

from hubkeep import accounts, repos
from hubkeep.cas.tables import objects, repo_objects
from hubkeep.git import Commit, PackWriter, Put, Reader, edit_tree
from hubkeep.kit import Settings, WriteTx, now
from hubkeep.opening import open_stores
from hubkeep.repos import Kind, Stores
from hubkeep.repos.publish import add_packs
from hubkeep.repos.tables import refs

FILES, BRANCHES = 100_000, 10_000
SMALL = 200  # of each: enough that its pages are full, too
GROWTH = 1.5
WARM, ROUNDS = 5, 60
NAMES_SECONDS = 5.0
MOVE_MS = 0.5


def main(folder: Path) -> None:
    """Furnish both repositories by the hub's own verbs, then ask for their pages."""
    with hub(folder) as ours:
        for name, files, branches in (("small", SMALL, SMALL), ("large", FILES, BRANCHES)):
            ours.create(name)
            _furnish(ours, name, files, branches)
        cookie = _signed_in(ours)
        for page in ("settings/storage", "refs", "tree/main"):
            _compare(ours, cookie, page)
        _names(ours, cookie)
        _move(ours)


def _furnish(ours: Hub, name: str, files: int, branches: int) -> None:
    stores = open_stores(Settings(data=ours.data))
    with stores.db.read() as tx:
        ada = accounts.actor_of(tx, accounts.user_named(tx, "ada").id, can_write=True)
        repo = repos.get(tx, ada, Kind.MODEL, f"ada/{name}")
    known = [(_object(name, number), number) for number in range(files)]
    with stores.db.write() as tx:
        _hold(tx, repo.id, ada.user_id, known)
    payload = Payload("files")
    for number, (sha256, size) in enumerate(known[:-1]):  # one that nothing names
        payload.large(f"part-{number % 100:02}/{number:06}.bin", sha256, size)
    payload.send(ours, f"ada/{name}")
    _branch(stores, ada, repo, branches)
    stores.db.close()


def _object(name: str, number: int) -> str:
    return hashlib.sha256(f"{name} {number}".encode()).hexdigest()


def _hold(tx: WriteTx, repo_id: int, user_id: int | None, known: list[tuple[str, int]]) -> None:
    """Write the rows that as many uploads leave: of bytes nothing is asked here."""
    for start in range(0, len(known), 5_000):
        some = known[start : start + 5_000]
        rows = [{"sha256": sha256, "size": size, "whole": True, "created_at": now()} for sha256, size in some]
        tx.sql.execute(sa.insert(objects), rows)
        links = [
            {"repo_id": repo_id, "sha256": sha256, "user_id": user_id, "linked_at": now()}
            for sha256, _ in some
        ]
        tx.sql.execute(sa.insert(repo_objects), links)


def _branch(stores: Stores, ada: accounts.Actor, repo: repos.Repo, count: int) -> None:
    """Give every branch a commit of its own, and every tag a branch's commit."""
    with stores.db.read() as tx, repos.snapshot(tx, ada, stores, repo.kind, repo.full_name, None) as at:
        base = at.reader.commit(at.oid)
        with PackWriter(stores.scratch, at.reader.contains) as writer:
            tips = [_commit(at.reader, writer, base, number) for number in range(count)]
            written = writer.finish()
            assert written is not None
            packs = [stores.git.store(repo.id, *written)]
    named = {f"refs/heads/try/{number:05}": oid for number, oid in enumerate(tips)}
    named |= {f"refs/tags/v{number:05}": oid for number, oid in enumerate(tips)}
    rows = [{"repo_id": repo.id, "name": name, "oid": oid, "commit_oid": oid} for name, oid in named.items()]
    with stores.db.write() as tx:
        add_packs(tx, repo.id, packs)
        tx.sql.execute(sa.insert(refs), rows)


def _commit(reader: Reader, writer: PackWriter, base: Commit, number: int) -> str:
    blob = writer.add("blob", f"{number}\n".encode())
    tree = edit_tree(reader, writer, base.tree, {"number.txt": Put(blob)})
    return writer.add_commit(tree, [base.oid], ("ada", "a@example.org"), f"Try {number}", now())


def _signed_in(ours: Hub) -> str:
    stores = open_stores(Settings(data=ours.data))
    with stores.db.write() as tx:
        session = accounts.open_session(tx, accounts.user_named(tx, "ada"))
    stores.db.close()
    return f"hubkeep_session={session.secret}"


def _compare(ours: Hub, cookie: str, page: str) -> None:
    figures = {name: _timed(ours, f"/ada/{name}/{page}", cookie) for name in ("small", "large")}
    ratio = figures["large"]["cpu_ms"] / figures["small"]["cpu_ms"]
    report(
        f"large_repo {page}",
        target=f"at most {GROWTH} times the same page of a small repository",
        reached=ratio <= GROWTH,
        ratio=ratio,
        **{f"{name}_{key}": value for name, got in figures.items() for key, value in got.items()},
    )


def _timed(ours: Hub, path: str, cookie: str, rounds: int = ROUNDS) -> dict[str, float]:
    line = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=600)
    size = 0
    for _ in range(WARM):
        size = _get(line, path, cookie)
    before, seen = cpu_seconds(ours.pid), []
    for _ in range(rounds):
        began = time.perf_counter()
        _get(line, path, cookie)
        seen.append((time.perf_counter() - began) * 1000)
    spent = (cpu_seconds(ours.pid) - before) / rounds * 1000
    return {
        "p50_ms": statistics.median(seen),
        "p99_ms": percentile(seen, 0.99),
        "cpu_ms": spent,
        "bytes": size,
    }


def _get(line: http.client.HTTPConnection, path: str, cookie: str) -> int:
    line.request("GET", path, headers={"Accept": "text/html", "Cookie": cookie})
    answer = line.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status, body[:500])
    return len(body)


def _names(ours: Hub, cookie: str) -> None:
    """Time the second request of the page, which finds out what the files are called; then with one that no tree names.

    For that one all trees of all branches are looked at, and every small file of the history is read.
    """
    unnamed = f"{int(_object('large', FILES - 1), 16) - 1:064x}"
    for what, after in (("all on main", ""), ("one nowhere", f"&after={unnamed}")):
        got = _timed(ours, f"/ada/large/settings/storage?names=1{after}", cookie, rounds=3)
        reached = got["p50_ms"] < NAMES_SECONDS * 1000
        report(f"large_repo names, {what}", target=f"under {NAMES_SECONDS:.0f} s", reached=reached, **got)


def _move(ours: Hub) -> None:
    """Move a folder with a hundredth of the files, there and back, by the commit that the page makes."""
    times = {}
    for name, files in (("small", SMALL), ("large", FILES)):
        seen = []
        for turn in range(5):
            began = time.perf_counter()
            there, back = ("part-00", "moved") if turn % 2 == 0 else ("moved", "part-00")
            line = Payload(f"Move {turn}")
            line.lines.append(
                f'{{"key": "movedFolder", "value": {{"path": "{back}", "oldPath": "{there}"}}}}'
            )
            line.send(ours, f"ada/{name}")
            seen.append((time.perf_counter() - began) * 1000)
        times[f"folder_of_{files // 100}_ms"] = statistics.median(seen)
    more = (times[f"folder_of_{FILES // 100}_ms"] - times[f"folder_of_{SMALL // 100}_ms"]) / (FILES // 100)
    report(
        "move a folder",
        target=f"under {MOVE_MS} ms a file in it",
        reached=more < MOVE_MS,
        a_file_ms=more,
        **times,
    )
