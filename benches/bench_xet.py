"""400 MB by Xet with the real client: up against hf_xet's own local store, down against plain HTTP, and a small change."""

import hashlib
import os
import random
from pathlib import Path

from benches.rig.hub import Hub, hub
from benches.rig.report import interleaved, report
from benches.rig.venv import run_client

SIZE, ROUNDS = 400_000_000, 3

UPLOAD = """
import sys, time
from huggingface_hub import HfApi
api = HfApi()
api.create_repo(sys.argv[1], exist_ok=True)
start = time.perf_counter()
api.upload_file(path_or_fileobj=sys.argv[2], path_in_repo="big.bin", repo_id="ada/" + sys.argv[1])
print(time.perf_counter() - start)
"""
LOCAL = """
import sys, time
from hf_xet import COMPUTE_SHA256, XetSession
start = time.perf_counter()
with XetSession().new_upload_commit(endpoint="local://" + sys.argv[1]) as commit:
    commit.start_upload_file(sys.argv[2], sha256=COMPUTE_SHA256)
print(time.perf_counter() - start)
"""
DOWNLOAD = """
import sys, time, hashlib
from huggingface_hub import hf_hub_download
start = time.perf_counter()
path = hf_hub_download("ada/" + sys.argv[1], "big.bin")
print(time.perf_counter() - start)
with open(path, "rb") as file:
    print(hashlib.file_digest(file, "sha256").hexdigest())
"""


def main(folder: Path) -> None:
    """Every round sends bytes that nobody has seen: nothing is saved by deduplication."""
    file = folder / "big.bin"
    with hub(folder) as ours:
        numbers = iter(range(1000))

        def up() -> float:
            _fill(file)
            name = f"xet{next(numbers)}"
            return float(run_client(UPLOAD, [name, str(file)], ours.url, ours.token))

        def local() -> float:
            store = folder / f"local{next(numbers)}"
            store.mkdir()
            return float(run_client(LOCAL, [str(store), str(file)], ours.url, ours.token))

        got = interleaved(ROUNDS, ours=up, local=local)
        ratio = got["ours"] / got["local"]
        report(
            "xet_upload_400_mb",
            target="at most 1.3",
            reached=ratio <= 1.3,
            ratio=ratio,
            ours_s=got["ours"],
            local_s=got["local"],
        )
        name = f"xet{next(numbers)}"
        run_client(UPLOAD, [name, str(file)], ours.url, ours.token, home=folder / "home")
        _down(ours.url, ours.token, name, file)
        _change(folder / "home", ours, name, file)


def _down(url: str, token: str, name: str, file: Path) -> None:
    with file.open("rb") as body:
        want = hashlib.file_digest(body, "sha256").hexdigest()

    def by(**env: str) -> float:
        took, got = run_client(DOWNLOAD, [name], url, token, env=env).split()
        assert got == want, "other bytes came back"
        return float(took)

    got = interleaved(ROUNDS, xet=by, http=lambda: by(HF_HUB_DISABLE_XET="1"))
    ratio = got["xet"] / got["http"]
    report(
        "xet_download_400_mb",
        target="at most 1.5",
        reached=ratio <= 1.5,
        ratio=ratio,
        xet_s=got["xet"],
        http_s=got["http"],
    )


def _change(home: Path, ours: Hub, name: str, file: Path) -> None:
    """Insert a few bytes in the middle, upload from the same machine, and count what the store grew by."""
    whole = file.read_bytes()
    middle = SIZE // 2
    file.write_bytes(whole[:middle] + b"a few more bytes" + whole[middle:])
    before = _stored(ours.data)
    run_client(UPLOAD, [name, str(file)], ours.url, ours.token, home=home)
    grew = _stored(ours.data) - before
    report(
        "xet_changed_file",
        target="under 2 % travels",
        reached=0 < grew < 0.02 * SIZE,
        grew_bytes=grew,
        of_bytes=SIZE,
    )


def _stored(data: Path) -> int:
    return sum(path.stat().st_size for path in (data / "blobs" / "xorbs").rglob("*") if path.is_file())


def _fill(file: Path) -> None:
    """Write what weights look like: noise that compresses a little."""
    seed = random.randbytes(64)
    with file.open("wb") as out:
        left = SIZE
        while left:
            step = min(left, 1 << 20)
            out.write(os.urandom(step))
            left -= step
        out.seek(0)
        out.write(seed)
