"""A hub to measure: started as a user starts it, with a person in it, and filled by its own verbs or its own API."""

import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benches.rig.process import free_port, running


@dataclass(frozen=True)
class Hub:
    """A running hub: where, its server process, a writer's token, its data folder."""

    url: str
    pid: int
    token: str
    data: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """Send JSON, or bytes as they are; return what came, parsed when it is JSON."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | (headers or {})
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, data, sent, method=method)
        with urllib.request.urlopen(request, timeout=600) as answer:
            got = answer.read()
            return json.loads(got) if "json" in answer.headers.get("content-type", "") else got

    def create(self, name: str) -> None:
        self.call("POST", "/api/repos/create", {"name": name, "type": "model"})


@contextlib.contextmanager
def hub(folder: Path, *, env: dict[str, str] | None = None) -> Iterator[Hub]:
    """Start `hubkeep serve` on a fresh data folder."""
    port, data = free_port(), folder / "data"
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "hubkeep"]
    run = [*command, "serve", "--data", str(data), "--port", str(port)]
    with running(run, f"{url}/readyz", folder / "hub.log", env) as process:
        where = ["--data", str(data)]
        subprocess.run([*command, "user", "add", "ada", "--email", "a@example.org", *where], check=True)
        add = [*command, "token", "add", "ada", "--name", "bench", "--role", "write", *where]
        token = subprocess.run(add, check=True, capture_output=True, text=True).stdout.strip()
        yield Hub(url, process.pid, token, data)


@dataclass
class Payload:
    """A commit in the API's format, built line by line."""

    summary: str
    lines: list[str] = field(default_factory=list)

    def add(self, path: str, text: str) -> "Payload":
        value = {"path": path, "content": text, "encoding": "utf-8"}
        self.lines.append(json.dumps({"key": "file", "value": value}))
        return self

    def large(self, path: str, sha256: str, size: int) -> "Payload":
        value = {"path": path, "algo": "sha256", "oid": sha256, "size": size}
        self.lines.append(json.dumps({"key": "lfsFile", "value": value}))
        return self

    def send(self, hub: Hub, repo: str) -> str:
        header = json.dumps({"key": "header", "value": {"summary": self.summary, "description": ""}})
        body = "\n".join([header, *self.lines]).encode()
        kind = {"Content-Type": "application/x-ndjson"}
        return str(hub.call("POST", f"/api/models/{repo}/commit/main", body, kind)["commitOid"])
