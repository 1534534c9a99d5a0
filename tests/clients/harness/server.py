"""A real hub, started and furnished as an operator would: by its commands."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self


class Server:
    """`hubkeep serve` in a process of its own, with its data in `folder`."""

    def __init__(self, folder: Path, *, port: int = 0, public_url: str = "", **settings: str) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.url = public_url or self.address
        self.log = folder / "server.log"
        self._options = ["--public-url", public_url] if public_url else []
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "HUBKEEP_DATA": str(folder / "data"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        } | settings
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "hubkeep",
            "serve",
            "--data",
            str(self.folder / "data"),
            "--host",
            "127.0.0.1",
        ]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port), *self._options],
                env=self._env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise RuntimeError(f"the hub did not end within 20 s of SIGTERM\n{self.tail()}") from None
            finally:
                self._process = None

    def command(self, *arguments: str, stdin: str | None = None) -> str:
        """Run `hubkeep …` on this hub's data and return what it printed on stdout."""
        command = [sys.executable, "-m", "hubkeep", *arguments]
        done = subprocess.run(
            command,
            env=self._env,
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(
                f"hubkeep {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def add_user(self, name: str, password: str | None = None) -> None:
        """Add a person."""
        secret = ["--password-stdin"] if password else []
        self.command("user", "add", name, "--email", f"{name}@example.org", *secret, stdin=password)

    def add_org(self, name: str, *members: str) -> None:
        """Add an organization; a member is written `name:role`."""
        self.command("org", "add", name, *[part for member in members for part in ("--member", member)])

    def token(self, user: str, role: str = "write", name: str = "tests") -> str:
        """Return a new token of a user."""
        return self.command("token", "add", user, "--name", name, "--role", role).strip()

    def tail(self, since: int = 0, lines: int = 60) -> str:
        """Return the last lines of the log after the byte `since`."""
        with self.log.open("rb") as log:
            log.seek(since)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def _wait_until_ready(self, seconds: float = 60) -> None:
        assert self._process is not None
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"the hub ended with {self._process.returncode}:\n{self.tail()}")
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise RuntimeError(f"the hub was not ready within {seconds} s:\n{self.tail()}")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
