"""A disk that is full, and a disk that lies."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.faults.hub import Hub, bytes_in, noise, sha

MIB = 1 << 20
ROOM = 64 * MIB


class SmallDisk(Hub):
    """A hub whose files cannot grow beyond 24 MiB each: the same error as a full disk, anywhere, without a disk of our own."""

    LIMIT = 24 * MIB

    def start(self) -> None:
        limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({self.LIMIT}, {self.LIMIT}))"
        (self.folder / "limit").mkdir(parents=True, exist_ok=True)
        (self.folder / "limit" / "sitecustomize.py").write_text(limited)
        self._env["PYTHONPATH"] = os.pathsep.join([str(self.folder / "limit"), *sys.path])
        super().start()


@pytest.fixture
def small(tmp_path):
    hub = SmallDisk(tmp_path / "hub")
    with hub:
        hub.furnish()
        yield hub


def test_an_upload_that_does_not_fit_is_refused_with_a_sentence_and_leaves_nothing(small, tmp_path):
    repo = small.create("full")
    fits, too_large = noise(4 * MIB), noise(40 * MIB)
    small.upload(repo, fits)
    before = bytes_in(small.scratch)
    answer = httpx.put(small.link(repo, too_large)["href"], content=too_large, timeout=60)
    assert answer.status_code == 507
    assert "no room" in answer.json()["error"]
    assert bytes_in(small.scratch) == before
    assert small.link(repo, too_large) is not None
    assert small.commit(repo, {"a.txt": b"a"}, {"big.bin": fits}).status_code == 200
    small.check(repo, tmp_path / "check", {"a.txt": b"a", "big.bin": fits})


def test_a_commit_that_does_not_fit_changes_nothing(small, tmp_path):
    repo = small.create("full")
    assert small.commit(repo, {"a.txt": b"a"}).status_code == 200
    # Base64 of this is over the limit of one file.
    answer = small.commit(repo, {f"{n}.bin": noise(5 * MIB) for n in range(5)})
    assert answer.status_code == 507
    assert answer.json()["error"]
    assert small.commit(repo, {"b.txt": b"b"}).status_code == 200
    tree = small.check(repo, tmp_path / "check", {"a.txt": b"a", "b.txt": b"b"})
    assert set(tree) == {".gitattributes", "a.txt", "b.txt"}


def test_a_push_that_does_not_fit_changes_nothing(small, tmp_path):
    repo = small.create("full")
    git = small.git(tmp_path / "home")
    clone = git.clone(repo)
    for number in range(5):
        (clone / f"{number}.txt").write_bytes(noise(8 * MIB))
    git.commit_all(clone)
    git("push", "origin", "main", cwd=clone, ok=False)
    assert small.commit(repo, {"b.txt": b"b"}).status_code == 200
    small.check(repo, tmp_path / "check", {"b.txt": b"b"})


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 64 MiB. Needs the right to mount; where there is none, a user namespace cannot help a server either."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "hubkeep-test", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        assert not _may_mount(), done.stderr
        yield None
        return
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_survived_and_work_goes_on_when_there_is_room_again(tiny_disk, tmp_path):
    if tiny_disk is None:
        return  # without a disk of our own the three tests above stand for this one
    with Hub(tiny_disk / "hub") as hub:
        hub.furnish()
        repo, body = hub.create("full"), noise(4 * MIB)
        hub.upload(repo, body)
        assert hub.commit(repo, {"a.txt": b"a"}, {"big.bin": body}).status_code == 200
        ballast = tiny_disk / "ballast"
        with ballast.open("wb") as file:
            file.write(bytes(_free(tiny_disk) - MIB // 2))
        other = noise(8 * MIB)
        answer = httpx.put(hub.link(repo, other)["href"], content=other, timeout=60)
        assert answer.status_code == 507
        with ballast.open("ab") as file:
            file.write(bytes(max(0, _free(tiny_disk) - 4096)))
        answers = [hub.commit(repo, {f"{n}.txt": noise(50_000)}).status_code for n in range(3)]
        assert all(status >= 500 for status in answers), answers
        assert hub.read(repo, "big.bin") == body  # reading goes on
        ballast.unlink()
        hub.upload(repo, other)
        assert hub.commit(repo, {"b.txt": b"b"}, {"other.bin": other}).status_code == 200
        hub.check(
            repo, tmp_path / "check", {"a.txt": b"a", "b.txt": b"b", "big.bin": body, "other.bin": other}
        )
        hub.kill()
        hub.start()
        hub.check(
            repo, tmp_path / "again", {"a.txt": b"a", "b.txt": b"b", "big.bin": body, "other.bin": other}
        )


def test_a_blob_that_lost_bytes_or_is_gone_is_never_sent_as_if_it_were_whole(hub):
    repo, body = hub.create("lies"), noise(2 * MIB)
    hub.upload(repo, body)
    assert hub.commit(repo, {}, {"big.bin": body}).status_code == 200
    (blob,) = (hub.folder / "data" / "blobs" / "lfs").rglob(sha(body))
    blob.chmod(0o600)
    os.truncate(blob, MIB)
    _refused(hub, repo)
    blob.unlink()
    _refused(hub, repo)
    assert f"{sha(body)}', 'found': 'nothing'" in hub.tail()
    with pytest.raises(RuntimeError):
        hub.command("fsck")


def _refused(hub: Hub, repo: str) -> None:
    with hub.api as api:
        answer = api.get(f"/{repo}/resolve/main/big.bin")
    assert answer.status_code == 500
    assert "fsck" in answer.json()["error"]


def _may_mount() -> bool:
    """Return whether this process has CAP_SYS_ADMIN: in a container, root has not."""
    (mine,) = re.findall(r"^CapEff:\s*(\w+)$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return bool(int(mine, 16) >> 21 & 1)


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
