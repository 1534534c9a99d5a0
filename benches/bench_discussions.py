"""A pull request that touches 10 files, and a page of a discussion: how both grow with what is around them."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benches.rig.hub import Hub, Payload, hub
from benches.rig.report import report

from hubkeep import accounts
from hubkeep.community import discussions
from hubkeep.kit import Settings
from hubkeep.opening import open_stores
from hubkeep.repos import Kind

ROUNDS = 9
EVENTS = 10_000


def main(folder: Path) -> None:
    """Ask both questions of one hub."""
    with hub(folder) as ours:
        _pull_requests(ours)
        _events(ours)


def _pull_requests(ours: Hub) -> None:
    """Open, look at with its diff, and merge: as a client sees it."""
    small, large = _proposals(ours, "ten", 10), _proposals(ours, "many", 10_000)
    growth = {name: large[name] / small[name] for name in small}
    figures = {f"{name}_ms_at_10": small[name] * 1000 for name in small}
    figures |= {f"{name}_ms_at_10000": large[name] * 1000 for name in small}
    total = sum(large.values()) / sum(small.values())
    each = {f"{name}_growth": growth[name] for name in growth}
    report(
        "pull_request_10_files", target="at most 3 times", reached=total <= 3, growth=total, **each, **figures
    )


def _proposals(ours: Hub, name: str, files: int) -> dict[str, float]:
    """Return median seconds of the three steps; main moves between opening and merging, so that trees are merged."""
    repo = f"ada/{name}"
    ours.create(name)
    start = Payload("start")
    for number in range(files):
        start.add(f"part{number // 100:03d}/file{number:05d}.txt", f"{number}\n" * 20)
    start.send(ours, repo)
    seen: dict[str, list[float]] = {"open": [], "look": [], "merge": []}
    for number in range(1, ROUNDS + 1):
        change = Payload(f"change {number}")
        for file in range(10):
            change.add(f"part{file % 10:03d}/new{number}-{file:03d}.txt", f"{number} {file}\n" * 20)
        url = f"/api/models/{repo}/discussions/{number}"
        seen["open"].append(_seconds(partial(_propose, ours, repo, change)))
        Payload("meanwhile").add("meanwhile.txt", f"{number}").send(ours, repo)
        seen["look"].append(_seconds(partial(ours.call, "GET", f"{url}?diff=1")))
        seen["merge"].append(_seconds(partial(ours.call, "POST", f"{url}/merge", {})))
    return {step: statistics.median(values) for step, values in seen.items()}


def _propose(ours: Hub, repo: str, change: Payload) -> None:
    header = '{"key": "header", "value": {"summary": "A proposal", "description": ""}}'
    body = "\n".join([header, *change.lines]).encode()
    kind = {"Content-Type": "application/x-ndjson"}
    ours.call("POST", f"/api/models/{repo}/commit/main?create_pr=1", body, kind)


def _events(ours: Hub) -> None:
    """Read 50 events at the start and at the end of a long discussion, and of a short one."""
    ours.create("talk")
    stores = open_stores(Settings(data=ours.data))
    with stores.db.write() as tx:
        ada = accounts.actor_of(tx, accounts.user_named(tx, "ada").id, can_write=True)
        for length in (60, EVENTS):
            num = discussions.create(tx, ada, Kind.MODEL, "ada/talk", "A long talk", "x").discussion.num
            for number in range(length):
                discussions.comment(tx, ada, Kind.MODEL, "ada/talk", num, f"comment {number} " * 10)

    def page(num: int, after: int) -> Callable[[], object]:
        def read() -> object:
            with stores.db.read() as tx:
                return discussions.details(tx, ada, Kind.MODEL, "ada/talk", num, after=after, limit=50)

        return read

    with stores.db.read() as reading:
        last = discussions.details(reading, ada, Kind.MODEL, "ada/talk", 2).events[-51].id
    figures = {
        "short_ms": _median(page(1, 0)),
        "first_page_ms": _median(page(2, 0)),
        "last_page_ms": _median(page(2, last)),
    }
    growth = max(figures["first_page_ms"], figures["last_page_ms"]) / figures["short_ms"]
    report("discussion_page", target="at most 1.5 times", reached=growth <= 1.5, growth=growth, **figures)
    stores.db.close()


def _median(run: Callable[[], object]) -> float:
    run()
    return statistics.median(_seconds(run) for _ in range(50)) * 1000


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began
