"""A user of the hub with an unmodified client: an interpreter of its own, a token, a home folder.

    def test_a_file_comes_back(ada, repo):
        def story(api):
            api.create_repo(repo)
            api.upload_file(path_or_fileobj=b"hello", path_in_repo="a.txt", repo_id=repo)
            assert Path(api.hf_hub_download(repo, "a.txt")).read_bytes() == b"hello"

        ada.run(story)

`run` carries the function, and what it uses from around it, to the client's interpreter and brings back its result
(plain values) or its failure (the real traceback, and pytest's account of a failed assert).
"""

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from tests.clients.harness import venvs

WORKER = Path(__file__).with_name("worker.py")


class Client:
    """One user, one client version, one home. The process starts with the first story and stays for the next ones."""

    def __init__(
        self, venv: str, endpoint: str, token: str | None, home: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.venv, self.endpoint, self.token, self.home = venv, endpoint, token, home
        self.env = environment(endpoint, token, home) | dict(env or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None

    def run(self, story: Callable[..., Any], /, *, seconds: float = 240, **given: Any) -> Any:
        """Run a story in the client and return its result.

        Parameters named `hf`, `api` and `tmp` are filled in by the worker; `given` fills others.
        """
        __tracebackhide__ = True
        for module in (sys.modules[story.__module__], sys.modules["tests"]):
            cloudpickle.register_pickle_by_value(module)
        line = self._connected()
        line.send_bytes(cloudpickle.dumps((story, given)))
        if not line.poll(seconds):
            self._fail_hanging(story.__name__, seconds)
        try:
            outcome, value = pickle.loads(line.recv_bytes())
        except EOFError:
            pytest.fail(f"{self} died\n{self._output()}", pytrace=False)
        except ModuleNotFoundError as unknown:
            pytest.fail(
                f"a story must return plain values, not the client's own objects: {unknown}", pytrace=False
            )
        if outcome == "failed":
            pytest.fail(f"{self}\n{value}{self._output()}", pytrace=False)
        return value

    def program(
        self,
        name: str,
        *arguments: str | Path,
        ok: bool = True,
        cwd: Path | None = None,
        seconds: float = 120,
    ) -> str:
        """Run a program of the client's environment (`hf`, …) and return its stdout.

        With `ok=False` it must fail; then what it said on stderr is returned as well.
        """
        __tracebackhide__ = True
        path = venvs.python_of(self.venv).with_name(name)
        done = subprocess.run(
            [path, *arguments],
            env=self.env,
            cwd=cwd or self.home,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=seconds,
            check=False,
        )
        if (done.returncode == 0) is not ok:
            shown = " ".join(str(argument) for argument in arguments)
            said = f"`{name} {shown}` ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            pytest.fail(said, pytrace=False)
        return done.stdout if ok else done.stdout + done.stderr

    def close(self) -> None:
        """Let the process end."""
        if self._process is not None and self._line is not None:
            self._line.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = self._line = None

    def __str__(self) -> str:
        return f"[{self.venv} with {'a token' if self.token else 'no token'}, home {self.home}]"

    def _connected(self) -> Connection:
        if self._line is None:
            self._line, theirs = Pipe()
            command = [str(venvs.python_of(self.venv)), "-P", str(WORKER), str(theirs.fileno())]
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    command,
                    env=self.env,
                    cwd=self.home,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            theirs.close()
        return self._line

    @property
    def _log(self) -> Path:
        return self.home / "worker.log"

    def _output(self) -> str:
        """Return the last lines that the client printed."""
        lines = self._log.read_text(errors="replace").splitlines()[-30:]
        return "\n".join(["", "--- printed by the client ---", *lines]) if lines else ""

    def _fail_hanging(self, story: str, seconds: float) -> None:
        """Ask the process where it is, end it, and fail."""
        assert self._process is not None
        self._process.send_signal(signal.SIGUSR1)
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = self._line = None
        pytest.fail(f"{self}: {story} took more than {seconds} s\n{self._output()}", pytrace=False)


class Clients:
    """Makes clients of one hub; each asked for twice is the same one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[tuple[object, ...], Client] = {}

    def of(self, venv: str, endpoint: str, token: str | None, **env: str) -> Client:
        """Return the long-lived client for these settings."""
        key = (venv, endpoint, token, *sorted(env.items()))
        if key not in self._kept:
            self._kept[key] = self.fresh(venv, endpoint, token, **env)
        return self._kept[key]

    def fresh(self, venv: str, endpoint: str, token: str | None, **env: str) -> Client:
        """Return a new client with an empty home: no cache of files, of tokens or of chunks."""
        home = Path(tempfile.mkdtemp(dir=self._folder))
        return Client(venv, endpoint, token, home, env)

    def close(self) -> None:
        """End every long-lived client."""
        for client in self._kept.values():
            client.close()


def environment(endpoint: str, token: str | None, home: Path) -> dict[str, str]:
    """Return all that a client is told: nothing of the machine's own settings but PATH."""
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home / "hf"),
        "HF_XET_CACHE": str(home / "xet"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        # A refused request is news; the clients' minutes of polite waiting before they say so are not.
        "HF_XET_CLIENT_RETRY_BASE_DELAY": "100ms",
    } | ({"HF_TOKEN": token} if token else {})
