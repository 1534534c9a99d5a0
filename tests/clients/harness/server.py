"""A real hub, started and furnished as an operator would: by its commands."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from tests.tools.ports import free_port

# What takes a second or two, with room for a machine that has other things to do. The end must come before the 30 seconds
# that the hub grants to transfers in flight: where there is none, it waits for nobody.
START_SECONDS, STOP_SECONDS = 120, 25


class Server:
    """`hubkeep serve` in a process of its own, with its data in `folder`."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        public_url: str = "",
        restored_from: Path | None = None,
        **settings: str,
    ) -> None:
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
        self._backup = restored_from

    def start(self) -> None:
        """Start the process and wait until it answers. Raises RuntimeError with the log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._backup:
            self.command("restore", str(self._backup))
            self._backup = None
        serve = [sys.executable, "-m", "hubkeep", "serve", "--data", str(self.folder / "data")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*serve, "--host", "127.0.0.1", "--port", str(self.port), *self._options],
                env=self._env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Tell the process to end, as an operator would, and wait for it. Raises RuntimeError if it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise RuntimeError(
                f"the hub did not end within {STOP_SECONDS} s of SIGTERM\n{self.tail()}"
            ) from None
        finally:
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def command(self, *arguments: str, stdin: str | None = None, env: dict[str, str] | None = None) -> str:
        """Run `hubkeep …` on this hub's data and return what it printed on stdout."""
        command = [sys.executable, "-m", "hubkeep", *arguments]
        done = subprocess.run(
            command,
            env=self._env | (env or {}),
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(
                f"hubkeep {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def add_users(self, *names: str) -> None:
        """Add people. Several commands run at once: starting each is what takes time."""
        with ThreadPoolExecutor() as at_once:
            list(
                at_once.map(
                    lambda name: self.command("user", "add", name, "--email", f"{name}@example.org"), names
                )
            )

    def add_org(self, name: str, *members: str) -> None:
        """Add an organization; a member is written `name:role`."""
        self.command("org", "add", name, *[part for member in members for part in ("--member", member)])

    def make_tokens(self, **wanted: str) -> dict[str, str]:
        """Return a new token for each name; what is wanted is written `user:role`."""

        def make(name: str) -> str:
            user, _, role = wanted[name].partition(":")
            return self.command("token", "add", user, "--name", name, "--role", role).strip()

        with ThreadPoolExecutor() as at_once:
            return dict(zip(wanted, at_once.map(make, wanted), strict=True))

    def tail(self, since: int = 0, lines: int = 60) -> str:
        """Return the last lines of the log after the byte `since`."""
        with self.log.open("rb") as log:
            log.seek(since)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def surprises(self) -> list[str]:
        """Return the log's lines about what nobody expected: 500s and exceptions that reached the top."""
        bad = re.compile(r"Traceback|hubkeep\.access: \S+ \S+ \S+ 50[02-9] | (error|critical) ")
        told = "is not available on this hub yet"  # a 501, said aloud: the hub logs what people miss
        return [
            line for line in self.tail(lines=1_000_000).splitlines() if bad.search(line) and told not in line
        ]

    def _wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        assert self._process is not None
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"the hub ended with {self._process.returncode}:\n{self.tail()}")
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=seconds):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise RuntimeError(f"the hub was not ready within {seconds} s:\n{self.tail()}")
