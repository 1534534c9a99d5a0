"""A 1 GiB LFS upload against the same server receiving and hashing without keeping anything.

There are two such rivals: one receives as every ASGI application does, the other by the hub's own short way (`wire/take_body.py`).
"""

import os
import sys
from pathlib import Path

from benches.rig import http
from benches.rig.hub import hub
from benches.rig.process import free_port, peak_kib, running
from benches.rig.report import interleaved, report
from benches.rig.upload import sha256_of, upload_link

GIB, ROUNDS = 1 << 30, 5


def main(folder: Path) -> None:
    """Upload new bytes each round: what a repository holds already is not sent again."""
    file = folder / "big.bin"
    with file.open("wb") as out:
        for _ in range(GIB >> 20):
            out.write(os.urandom(1 << 20))
    port = free_port()
    rival = [sys.executable, "-m", "benches.rig.rivals", str(port)]
    with hub(folder) as ours, running(rival, f"http://127.0.0.1:{port}/", folder / "rival.log"):
        ours.create("big")
        before = peak_kib(ours.pid)

        def store() -> float:
            with file.open("r+b") as change:
                change.write(os.urandom(16))
            sha256 = sha256_of(file)
            link = upload_link(ours, "ada/big", sha256, GIB)
            assert link
            return http.seconds(lambda: _put(link, file))

        url = f"http://127.0.0.1:{port}"
        got = interleaved(
            ROUNDS,
            ours=store,
            asgi=lambda: http.seconds(lambda: _put(f"{url}/hash", file)),
            same_way=lambda: http.seconds(lambda: _put(f"{url}/take", file)),
        )
        grew = peak_kib(ours.pid) - before
    speeds = {f"{name}_mb_s": GIB / seconds / 1e6 for name, seconds in got.items()}
    target = "at least 0.8 of receiving and hashing; constant memory"
    for name in ("asgi", "same_way"):
        ratio = got[name] / got["ours"]
        reached = ratio >= 0.8 and grew < 65536
        more = {"rival": name, "peak_grew_kib": grew}
        report("lfs_upload_1_gib", target=target, reached=reached, ratio=ratio, **more, **speeds)


def _put(url: str, file: Path) -> None:
    status = http.upload(url, file)
    assert status in (200, 201, 204), status
