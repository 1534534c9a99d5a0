"""`snapshot_download` of 1,000 small files by the real client: what each costs the server."""

from pathlib import Path

from benches.rig.hub import Payload, hub
from benches.rig.process import cpu_seconds
from benches.rig.report import report
from benches.rig.venv import client_python, run_client

FILES = 1000
SNAPSHOT = """
import sys, time
from pathlib import Path
from huggingface_hub import snapshot_download
start = time.perf_counter()
folder = snapshot_download("ada/small")
print(time.perf_counter() - start, len(list(Path(folder).rglob("*.txt"))))
"""


def main(folder: Path) -> None:
    """Measure CPU time of the server's process tree, not wall time: the client is the slow one."""
    client_python()
    with hub(folder) as ours:
        ours.create("small")
        change = Payload("add")
        for number in range(FILES):
            change.add(f"part{number % 20:02d}/{number:04d}.txt", f"file {number}\n" * 30)
        change.send(ours, "ada/small")
        before = cpu_seconds(ours.pid)
        took, files = run_client(SNAPSHOT, [], ours.url, ours.token).split()
        spent = (cpu_seconds(ours.pid) - before) * 1000 / FILES
    assert int(files) == FILES, files
    report(
        "snapshot_1000_files",
        target="under 2 ms of CPU a file",
        reached=spent < 2,
        cpu_ms_per_file=spent,
        wall_s=float(took),
    )
