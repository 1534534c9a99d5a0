"""A real S3 server on loopback for tests: OpenStack Swift with its own `s3api`, from PyPI, without root services.

Swift is what speaks S3 among the real object stores that a Python package index carries: it keeps objects on disk with
listings, multipart uploads, ranges and signed links, and refuses a wrong signature. It is installed once into
`.venvs/swift`. Run by hand: `python -m tests.tools.swift_s3` serves until the input ends and prints the settings.
"""

import fcntl
import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from hubkeep.kit.settings import StorageSettings

VENV = Path(__file__).parents[2] / ".venvs" / "swift"
PACKAGES = ["swift==2.38.3", "setuptools<81", "pyeclib"]
KINDS = ["account", "container", "object"]
ACCESS, SECRET = "hub:main", "hubsecret"
START_SECONDS, ATTEMPTS = 60, 3

_CLUSTER = """[swift-hash]
swift_hash_path_suffix = test
swift_hash_path_prefix = test
[storage-policy:0]
name = only
default = yes
"""
_NODE = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {etc}
devices = {disks}
mount_check = false
disable_fallocate = true
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
_FILTERS = ["catch_errors", "gatekeeper", "cache", "listing_formats", "s3api", "tempauth", "slo"]
_PROXY = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {etc}
[pipeline:main]
pipeline = {filters} proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_hub_main = hubsecret .admin
"""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run the server with its data in `folder`; yield its endpoint."""
    install()
    for attempt in range(ATTEMPTS):
        with _running(folder / str(attempt)) as endpoint:
            if endpoint is not None:
                yield endpoint
                return
    _fail("Swift found no free ports")


@contextmanager
def _running(folder: Path) -> Iterator[str | None]:
    """Start the four servers; yield None when one of them ended at once: somebody else was faster to take its port."""
    ports = _free_ports(len(KINDS) + 1)
    _configure(folder, ports)
    servers: list[subprocess.Popen[bytes]] = []
    with (folder / "swift.log").open("wb") as log:
        try:
            for name in [*KINDS, "proxy"]:
                command = [VENV / "bin" / f"swift-{name}-server", folder / "etc" / f"{name}.conf"]
                servers.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=folder))
            endpoint = f"http://127.0.0.1:{ports[-1]}"
            yield endpoint if _answers(endpoint, servers, folder / "swift.log") else None
        finally:
            for server in servers:
                server.kill()  # its data go with the test
            for server in servers:
                server.wait()


def make_bucket(endpoint: str, name: str) -> StorageSettings:
    """Create a bucket and return the settings that open it."""
    import obstore  # noqa: PLC0415  only those who use S3 load its client
    from obstore.store import S3Store  # noqa: PLC0415

    store = S3Store(
        name,
        endpoint=endpoint,
        region="us-east-1",
        access_key_id=ACCESS,
        secret_access_key=SECRET,
        client_options={"allow_http": True},
    )
    url = obstore.sign(store, "PUT", "", timedelta(minutes=1))
    urllib.request.urlopen(urllib.request.Request(url, method="PUT")).close()
    return StorageSettings(
        backend="s3", bucket=name, endpoint=endpoint, access_key=ACCESS, secret_key=SECRET, part_bytes=5 << 20
    )


def install() -> None:
    """Install Swift into `.venvs/swift` unless it is there; one of several test processes does it."""
    VENV.parent.mkdir(exist_ok=True)
    done = VENV / ".done"
    with VENV.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists() and done.read_text() == " ".join(PACKAGES):
            return
        shutil.rmtree(VENV, ignore_errors=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", VENV], check=True, capture_output=True)
            subprocess.run(
                [VENV / "bin" / "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES],
                check=True,
                capture_output=True,
            )
        except subprocess.CalledProcessError as error:
            _fail(f"Swift cannot be installed into {VENV}:\n{error.stderr.decode(errors='replace')[-2000:]}")
        done.write_text(" ".join(PACKAGES))


def _configure(folder: Path, ports: list[int]) -> None:
    etc = folder / "etc"
    for made in (etc, folder / "srv" / "d1"):
        made.mkdir(parents=True)
    (etc / "swift.conf").write_text(_CLUSTER)
    facts = {"user": getpass.getuser(), "etc": etc, "disks": folder / "srv"}
    for kind, port in zip(KINDS, ports, strict=False):
        (etc / f"{kind}.conf").write_text(_NODE.format(kind=kind, port=port, **facts))
        ring = [VENV / "bin" / "swift-ring-builder", etc / f"{kind}.builder"]
        subprocess.run([*ring, "create", "4", "1", "1"], check=True, capture_output=True)
        subprocess.run([*ring, "add", f"r1z1-127.0.0.1:{port}/d1", "1"], check=True, capture_output=True)
        subprocess.run([*ring, "rebalance"], check=False, capture_output=True)  # 1 is its word for a warning
    (etc / "proxy.conf").write_text(
        _PROXY.format(port=ports[-1], filters=" ".join(_FILTERS), **facts)
        + "".join(
            f"[filter:{name}]\nuse = egg:swift#{name}\n"
            for name in _FILTERS
            if name not in ("cache", "s3api", "tempauth")
        )
    )


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in held]
    for listener in held:
        listener.close()
    return ports


def _answers(endpoint: str, servers: list[subprocess.Popen[bytes]], log: Path) -> bool:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if any(server.poll() is not None for server in servers):
            return False
        with suppress(OSError):
            try:
                urllib.request.urlopen(endpoint, timeout=5).close()
            except urllib.error.HTTPError:
                return True  # it answers, and refuses us: we sent no signature
        time.sleep(0.1)
    raise RuntimeError(f"Swift did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _fail(text: str) -> NoReturn:
    raise RuntimeError(text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made, serving(Path(made)) as at:
        print(make_bucket(at, os.environ.get("BUCKET", "hub")).model_dump_json(), flush=True)
        sys.stdin.read()
