"""`HEAD resolve`, warm, against an empty Starlette route on the same server."""

import re
import subprocess
import sys
from pathlib import Path

from benches.rig import http
from benches.rig.hub import Payload, hub
from benches.rig.process import free_port, running
from benches.rig.report import interleaved, report

ROUNDS = 5


def main(folder: Path) -> None:
    """Count requests a second."""
    port = free_port()
    rival = [sys.executable, "-m", "benches.rig.rivals", str(port)]
    with hub(folder) as ours, running(rival, f"http://127.0.0.1:{port}/", folder / "rival.log"):
        ours.create("small")
        Payload("add").add("config.json", "{}").send(ours, "ada/small")
        url = f"{ours.url}/ada/small/resolve/main/config.json"
        sock, status, _, _ = http.ask("HEAD", url)
        sock.close()
        assert status == 200, status
        got = interleaved(
            ROUNDS, ours=lambda: _requests(url), empty=lambda: _requests(f"http://127.0.0.1:{port}/")
        )
    ratio = got["ours"] / got["empty"]
    target = "at least 0.25 of an empty route"
    report(
        "head_resolve",
        target=target,
        reached=ratio >= 0.25,
        ratio=ratio,
        ours_rps=got["ours"],
        empty_rps=got["empty"],
    )


def _requests(url: str) -> float:
    """Let `ab` count: wrk waits for the body that a HEAD never brings."""
    command = ["ab", "-q", "-k", "-i", "-c", "16", "-t", "4", "-n", "1000000", url]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in out, out
    found = re.search(r"Requests per second:\s+([\d.]+)", out)
    assert found, out
    return float(found.group(1))
