"""A commit of 100 small files into a repository of 10 and of 10,000 files: how the cost grows."""

import statistics
from pathlib import Path

from benches.rig import http
from benches.rig.hub import Hub, Payload, hub
from benches.rig.report import report

ROUNDS = 7


def main(folder: Path) -> None:
    """Time the request as a client sees it."""
    with hub(folder) as ours:
        small, large = _median(ours, "ten", 10), _median(ours, "many", 10_000)
    growth = large / small
    figures = {"ms_at_10": small * 1000, "ms_at_10000": large * 1000}
    report("commit_100_files", target="at most 3 times", reached=growth <= 3, growth=growth, **figures)


def _median(ours: Hub, name: str, files: int) -> float:
    repo = f"ada/{name}"
    ours.create(name)
    start = Payload("start")
    for number in range(files):
        start.add(f"part{number // 100:03d}/file{number:05d}.txt", f"{number}\n" * 20)
    start.send(ours, repo)
    return statistics.median(http.seconds(lambda r=r: _change(ours, repo, r)) for r in range(ROUNDS))


def _change(ours: Hub, repo: str, number: int) -> None:
    change = Payload(f"change {number}")
    for file in range(100):
        change.add(f"part{file % 10:03d}/new{number}-{file:03d}.txt", f"{number} {file}\n" * 20)
    change.send(ours, repo)
