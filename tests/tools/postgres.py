"""A real PostgreSQL for tests: Debian's binaries, its own data folder, reached by a Unix socket only."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

START_SECONDS = 120
_numbers = itertools.count()
# Crash safety is PostgreSQL's own business; the tests need its answers, quickly.
_FAST = [
    "-c",
    "fsync=off",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "max_connections=200",
]


class Missing(RuntimeError):
    """PostgreSQL is not installed: a failure, never a silent skip."""


@contextmanager
def serving() -> Iterator[Path]:
    """Run a server; yield the folder of its socket. PostgreSQL refuses to run as root: then it runs as `postgres`."""
    binaries = programs()
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="hubkeep-pg-"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    init = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "-N",
    ]
    made = subprocess.run(
        [str(word) for word in init], user=user, cwd=folder, capture_output=True, text=True, check=False
    )
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise RuntimeError(f"initdb failed: {made.stderr}")
    log = (folder / "log").open("wb")
    start = [binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", *_FAST]
    server = subprocess.Popen([str(word) for word in start], user=user, cwd=folder, stdout=log, stderr=log)
    try:
        _wait_for(folder, server)
        yield folder
    finally:
        server.send_signal(signal.SIGINT)  # waits for no client; `immediate` would leave shared memory behind
        try:
            server.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def make_database(socket: Path) -> str:
    """Create an empty database; return its SQLAlchemy URL."""
    name = f"hub{next(_numbers)}"
    with psycopg.connect(f"host={socket} user=postgres dbname=postgres", autocommit=True) as sql:
        sql.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type,call-overload,unused-ignore]  # a name of ours
    return f"postgresql+psycopg://postgres@/{name}?host={socket}"


def programs() -> Path:
    """Return where PostgreSQL's programs are. Raises Missing."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not installed:
        raise Missing("PostgreSQL's server is missing. Run: apt-get install postgresql")
    return installed[-1].parent


def _wait_for(folder: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            psycopg.connect(f"host={folder} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}")
