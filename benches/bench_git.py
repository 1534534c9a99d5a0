"""Clone and push of 5,000 commits and 200 MB against `git http-backend` behind nginx."""

import os
import subprocess
import threading
from pathlib import Path

from benches.rig import http
from benches.rig.hub import Hub, hub
from benches.rig.nginx import nginx
from benches.rig.report import interleaved, report

COMMITS, BYTES, ROUNDS, AT_ONCE = 5_000, 40_000, 3, 8


def main(folder: Path) -> None:
    """Push the same history to both, then clone it, alone and eight at once."""
    source = folder / "source"
    _history(source)
    with nginx(folder) as theirs, hub(folder) as ours:
        pushed = _push(folder, source, ours, theirs)
        mine = f"http://ada:{ours.token}@127.0.0.1:{ours.port}/ada/{pushed[0]}"
        rival = f"{theirs}/git/{pushed[1]}"
        got = interleaved(
            ROUNDS,
            ours=lambda: _clones(folder, mine, 1),
            backend=lambda: _clones(folder, rival, 1),
            ours_8=lambda: _clones(folder, mine, AT_ONCE),
            backend_8=lambda: _clones(folder, rival, AT_ONCE),
        )
    for name, count in (("", 1), ("_8", AT_ONCE)):
        ratio = got[f"ours{name}"] / got[f"backend{name}"]
        times = {"ours_s": got[f"ours{name}"], "backend_s": got[f"backend{name}"]}
        report(
            "clone_200_mb", target="at most 1.15", reached=ratio <= 1.15, at_once=count, ratio=ratio, **times
        )


def _history(source: Path) -> None:
    """Make a repository by fast-import: each commit changes one incompressible file of 40 kB."""
    source.mkdir()
    _git("init", "-q", "--bare", "-b", "main", cwd=source)
    process = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=source, stdin=subprocess.PIPE)
    assert process.stdin
    for number in range(COMMITS):
        data = os.urandom(BYTES)
        who = f"committer Ada <ada@example.org> {1_700_000_000 + number} +0000"
        head = f"commit refs/heads/main\n{who}\ndata 6\nchange\n"
        file = f"M 100644 inline folder{number % 50}/file{number % 1000}.bin\ndata {BYTES}\n"
        process.stdin.write(head.encode() + file.encode() + data + b"\n")
    process.stdin.close()
    assert process.wait() == 0


def _push(folder: Path, source: Path, ours: Hub, theirs: str) -> tuple[str, str]:
    numbers = iter(range(1000))
    made = ["", ""]

    def mine() -> float:
        made[0] = f"clone{next(numbers)}"
        ours.create(made[0])
        url = f"http://ada:{ours.token}@127.0.0.1:{ours.port}/ada/{made[0]}"
        return http.seconds(lambda: _git("push", "-q", "--force", url, "main", cwd=source))

    def rival() -> float:
        made[1] = f"clone{next(numbers)}"
        target = folder / "git" / made[1]
        _git("init", "-q", "--bare", "-b", "main", str(target), cwd=folder)
        _git("config", "http.receivepack", "true", cwd=target)
        _git("config", "receive.fsckObjects", "true", cwd=target)
        return http.seconds(lambda: _git("push", "-q", f"{theirs}/git/{made[1]}", "main", cwd=source))

    got = interleaved(ROUNDS, ours=mine, backend=rival)
    ratio = got["ours"] / got["backend"]
    times = {"ours_s": got["ours"], "backend_s": got["backend"]}
    report("push_200_mb", target="at most 1.3", reached=ratio <= 1.3, ratio=ratio, **times)
    return made[0], made[1]


def _clones(folder: Path, url: str, count: int) -> float:
    """Clone `count` times at once; the wall time until the last one is done."""

    def one(number: int) -> None:
        _git("clone", "-q", "--bare", url, str(folder / f"copy{number}"), cwd=folder)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    took = http.seconds(lambda: _all(threads))
    for number in range(count):
        assert (folder / f"copy{number}" / "HEAD").exists(), "a clone failed"
        subprocess.run(["rm", "-rf", str(folder / f"copy{number}")], check=True)
    return took


def _all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _git(*arguments: str, cwd: Path) -> None:
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": "/dev/null"}
    subprocess.run(["git", *arguments], cwd=cwd, check=True, env={**os.environ, **quiet})
