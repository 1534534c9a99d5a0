"""`kill -9` in the middle of every kind of write. What was told to be done is there, what was not may be done again."""

import random
import subprocess
import threading
import time

import httpx
import pytest
from tests.faults.hub import Slow, bytes_in, noise, sha, until

MIB = 1 << 20


def test_in_the_middle_of_a_large_upload(hub, tmp_path):
    repo, body = hub.create("upload"), noise(8 * MIB)
    slow = Slow(hub.link(repo, body)["href"], len(body))
    before = bytes_in(hub.scratch)
    slow.send(body[: 5 * MIB])
    until(lambda: bytes_in(hub.scratch) - before >= 4 * MIB, "half of the body is on the disk")
    hub.kill()
    hub.start()
    slow.close()
    assert not list((hub.folder / "data" / "blobs").glob("lfs/**/*" + sha(body)))
    assert hub.link(repo, body) is not None  # nobody believes that it arrived
    assert hub.commit(repo, {}, {"big.bin": body}).status_code == 422
    hub.upload(repo, body)
    assert hub.commit(repo, {}, {"big.bin": body}).status_code == 200
    hub.check(repo, tmp_path, {"big.bin": body})


def test_right_after_an_upload_was_confirmed(hub, tmp_path):
    repo, body = hub.create("confirmed"), noise(3 * MIB)
    hub.upload(repo, body)
    hub.kill()
    hub.start()
    assert hub.link(repo, body) is None
    assert hub.commit(repo, {}, {"big.bin": body}).status_code == 200
    hub.kill()
    hub.start()
    hub.check(repo, tmp_path, {"big.bin": body})


@pytest.mark.parametrize("seed", range(5))
def test_while_commits_come_one_after_another(hub, tmp_path, seed):
    repo = hub.create(f"commits{seed}")
    done: dict[str, bytes] = {}
    trying: list[tuple[dict[str, bytes], dict[str, bytes]]] = []
    stop = threading.Event()

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            small = {f"d{number % 3}/{n}.txt": noise(2000) for n in range(number % 7 + 1)}
            large = {f"w{number % 4}.bin": noise(200_000)} if number % 2 else {}
            trying[:] = [(small, large)]
            try:
                for body in large.values():
                    hub.upload(repo, body)
                if hub.commit(repo, small, large).status_code == 200:
                    done.update(small | large)
            except httpx.TransportError:
                return

    worker = threading.Thread(target=work)
    worker.start()
    until(lambda: len(done) > 3, "some commits are through")
    time.sleep(random.Random(seed).uniform(0, 0.7))
    hub.kill()
    stop.set()
    worker.join()
    hub.start()
    small, large = trying[0]
    unsure = small.keys() | large.keys()  # the last commit was done or not, and nobody was told
    hub.check(repo, tmp_path / "1", {path: body for path, body in done.items() if path not in unsure})
    for body in large.values():
        hub.upload(repo, body)
    assert hub.commit(repo, small, large).status_code == 200
    hub.check(repo, tmp_path / "2", done | small | large)


@pytest.mark.parametrize("delay", [0.02, 0.1, 0.2, 0.4, 0.8])
def test_in_the_middle_of_a_push(hub, tmp_path, delay):
    repo = hub.create(f"push{str(delay).replace('.', '-')}")
    git = hub.git(tmp_path / "home")
    clone = git.clone(repo)
    bodies = {}
    for number in range(30):
        bodies[f"{number}.txt"] = noise(100_000).hex().encode()
        (clone / f"{number}.txt").write_bytes(bodies[f"{number}.txt"])
        git.commit_all(clone, f"change {number}")
    (clone / "big.bin").write_bytes(noise(2 * MIB))  # by LFS: *.bin is tracked
    bodies["big.bin"] = (clone / "big.bin").read_bytes()
    git.commit_all(clone, "a large file")
    push = subprocess.Popen(
        ["git", "push", "origin", "main"],
        cwd=clone,
        env=git.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    time.sleep(delay)
    hub.kill()
    push.communicate(timeout=120)
    hub.start()
    pushed = push.returncode == 0
    hub.check(repo, tmp_path / "1", bodies if pushed else {})
    git("push", "origin", "main", cwd=clone)
    hub.check(repo, tmp_path / "2", bodies)


def test_while_branches_and_tags_are_made_and_deleted(hub, tmp_path):
    repo = hub.create("refs")
    hub.commit(repo, {"a.txt": b"a"})
    stop = threading.Event()

    def work() -> None:
        number = 0
        with hub.api as api:
            while not stop.is_set():
                number += 1
                try:
                    api.post(f"/api/models/{repo}/branch/b{number % 5}", json={})
                    api.post(f"/api/models/{repo}/tag/main", json={"tag": f"v{number}", "message": "a tag"})
                    api.delete(f"/api/models/{repo}/branch/b{(number + 2) % 5}")
                except httpx.TransportError:
                    return

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    time.sleep(1)
    hub.kill()
    stop.set()
    for worker in workers:
        worker.join()
    hub.start()
    hub.check(repo, tmp_path, {"a.txt": b"a"})
    git = hub.git(tmp_path / "all")
    clone = git.clone(repo, "mirror", "--mirror")
    git("fsck", "--full", "--strict", cwd=clone)


def test_the_hub_finds_nothing_broken_after_all_this(hub):
    """The last one in this file: what the operator's own check says."""
    hub.command("fsck")
