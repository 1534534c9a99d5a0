"""A hub that can be killed, and everything one must be able to do with it afterwards."""

import base64
import hashlib
import json
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from tests.clients.harness.git import Git
from tests.clients.harness.server import Server

LFS = {"Accept": "application/vnd.git-lfs+json", "Content-Type": "application/vnd.git-lfs+json"}


class Hub(Server):
    """`hubkeep serve` with one person, ada, and the few calls of the API that these tests make."""

    token = ""

    @property
    def api(self) -> httpx.Client:
        """Return a client of ada's, with a connection of its own."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=120)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def scratch(self) -> Path:
        return self.folder / "data" / "tmp"

    def furnish(self) -> None:
        """Add ada."""
        self.add_users("ada")
        self.token = self.make_tokens(ada="ada:write")["ada"]

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def create(self, name: str) -> str:
        with self.api as api:
            api.post("/api/repos/create", json={"name": name}).raise_for_status()
        return f"ada/{name}"

    def link(self, repo: str, body: bytes, **more: Any) -> Any:
        """Ask where to put a large object; None when the repository holds it."""
        asked = {"operation": "upload", "objects": [{"oid": sha(body), "size": len(body)}], **more}
        with self.api as api:
            answer = api.post(
                f"/{repo}.git/info/lfs/objects/batch", json=asked, headers=LFS
            ).raise_for_status()
        return answer.json()["objects"][0].get("actions", {}).get("upload")

    def upload(self, repo: str, body: bytes) -> None:
        link = self.link(repo, body)
        if link is not None:
            httpx.put(link["href"], content=body, timeout=120).raise_for_status()

    def commit(
        self, repo: str, files: Mapping[str, bytes], large: Mapping[str, bytes] | None = None
    ) -> httpx.Response:
        """Commit small files and large ones that were uploaded."""
        lines: list[dict[str, Any]] = [{"key": "header", "value": {"summary": "a change", "description": ""}}]
        for path, body in files.items():
            content = base64.b64encode(body).decode()
            lines.append({"key": "file", "value": {"path": path, "content": content, "encoding": "base64"}})
        for path, body in (large or {}).items():
            value = {"path": path, "algo": "sha256", "oid": sha(body), "size": len(body)}
            lines.append({"key": "lfsFile", "value": value})
        payload = "".join(json.dumps(line) + "\n" for line in lines)
        with self.api as api:
            kind = {"Content-Type": "application/x-ndjson"}
            return api.post(f"/api/models/{repo}/commit/main", content=payload.encode(), headers=kind)

    def read(self, repo: str, path: str, rev: str = "main") -> bytes:
        with self.api as api:
            return api.get(f"/{repo}/resolve/{rev}/{path}").raise_for_status().content

    def git(self, home: Path) -> Git:
        return Git(self.address, self.token, home)

    def check(self, repo: str, folder: Path, expected: Mapping[str, bytes]) -> dict[str, str]:
        """Prove that the repository is whole; return path to blob id of its main branch.

        Every ref leads to a commit, every file of it comes with the bytes that its name stands for, a fresh clone passes
        `git fsck`, and what was promised is there.
        """
        with self.api as api:
            refs = api.get(f"/api/models/{repo}/refs").raise_for_status().json()
            tips = {ref["name"]: ref["targetCommit"] for ref in refs["branches"] + refs["tags"]}
            assert "main" in tips
            trees = {name: _whole(api, repo, oid) for name, oid in tips.items()}
        for path, body in expected.items():
            assert self.read(repo, path) == body, path
        git = self.git(folder)
        clone = git.clone(repo, "check", GIT_LFS_SKIP_SMUDGE="1")
        git("fsck", "--full", "--strict", cwd=clone)
        assert git("rev-parse", "origin/main", cwd=clone).strip() == tips["main"]
        return trees["main"]


def _whole(api: httpx.Client, repo: str, oid: str) -> dict[str, str]:
    """Download every file at a commit and compare it with its name."""
    tree = api.get(f"/api/models/{repo}/tree/{oid}", params={"recursive": "true"}).raise_for_status().json()
    files = [entry for entry in tree if entry["type"] == "file"]
    for entry in files:
        body = api.get(f"/{repo}/resolve/{oid}/{entry['path']}").raise_for_status().content
        assert len(body) == entry["size"], entry
        if "lfs" in entry:
            assert sha(body) == entry["lfs"]["oid"], entry
        else:
            assert hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest() == entry["oid"], entry
    return {entry["path"]: entry["oid"] for entry in files}


class Slow:
    """A request whose body is sent by hand."""

    def __init__(self, url: str, length: int) -> None:
        host, _, path = url.removeprefix("http://").partition("/")
        name, _, port = host.partition(":")
        self.sock = socket.create_connection((name, int(port)), timeout=60)
        head = f"PUT /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n"
        self.sock.sendall(head.encode())

    def send(self, body: bytes) -> None:
        self.sock.sendall(body)

    def close(self) -> None:
        self.sock.close()


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def noise(size: int) -> bytes:
    return os.urandom(size)


def until(condition: Any, what: str, seconds: float = 120.0) -> None:
    """Wait for something that happens soon."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not happen: {what}"
        time.sleep(0.01)


def bytes_in(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    found = 0
    for path in folder.rglob("*"):
        try:
            found += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return found


def descriptors(pid: int) -> int:
    """Return how many sockets and files a process has open, apart from its pool of database connections."""
    found = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found += "sqlite3" not in str(descriptor.readlink())
        except FileNotFoundError:
            continue
    return found
