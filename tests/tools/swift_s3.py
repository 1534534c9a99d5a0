"""A real S3 server on loopback for tests: OpenStack Swift with its own `s3api`, from PyPI, without root services.

Swift is what speaks S3 among the real object stores that a Python package index carries: it keeps objects on disk with
listings, multipart uploads, ranges and signed links, and refuses a wrong signature. It is installed once into
`.venvs/swift`. Run by hand: `python -m tests.tools.swift_s3` serves until the input ends and prints the settings.
"""

import fcntl
import getpass
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from tests.tools.ports import free_port

from hubkeep.kit.settings import StorageSettings

VENV = Path(__file__).parents[2] / ".venvs" / "swift"
PACKAGES = ["swift==2.38.3", "setuptools<81", "pyeclib"]
KINDS = ["account", "container", "object"]
ACCESS, SECRET = "hub:main", "hubsecret"
START_SECONDS = 120

_CLUSTER = """[swift-hash]
swift_hash_path_suffix = test
swift_hash_path_prefix = test
[storage-policy:0]
name = only
default = yes
"""
# Half a second for a connection, which Swift comes with, is too little on a busy machine; and it leaves out who was late.
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
conn_timeout = 60
node_timeout = 60
"""
# What `swift-ring-builder` does in three commands for each kind.
_RINGS = """
import sys
from swift.common.ring import RingBuilder
for kind, port in zip(sys.argv[2::2], sys.argv[3::2]):
    builder = RingBuilder(4, 1, 1)
    place = {"ip": "127.0.0.1", "port": int(port)}
    again = {"replication_ip": "127.0.0.1", "replication_port": int(port)}
    builder.add_dev({"region": 1, "zone": 1, "device": "d1", "weight": 1.0, "meta": "", **place, **again})
    builder.rebalance()
    builder.get_ring().save(f"{sys.argv[1]}/{kind}.ring.gz")
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
conn_timeout = 60
node_timeout = 60
recoverable_node_timeout = 60
error_suppression_limit = 1000000
cors_allow_origin = *
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
cors_preflight_allow_origin = *
[filter:tempauth]
use = egg:swift#tempauth
user_hub_main = hubsecret .admin
"""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run the server with its data in `folder`; yield its endpoint."""
    install()
    ports = [free_port() for _ in [*KINDS, "proxy"]]
    _configure(folder, ports)
    servers: list[subprocess.Popen[bytes]] = []
    with (folder / "swift.log").open("wb") as log:
        try:
            for name in [*KINDS, "proxy"]:
                command = [VENV / "bin" / f"swift-{name}-server", folder / "etc" / f"{name}.conf"]
                servers.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=folder))
            endpoint = f"http://127.0.0.1:{ports[-1]}"
            _wait_for(ports, servers, folder / "swift.log")
            yield endpoint
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


def environment(bucket: StorageSettings) -> dict[str, Any]:
    """Return the settings of a bucket as a hub's environment tells them."""
    told = bucket.model_dump(exclude_defaults=True)
    return {f"HUBKEEP_STORAGE__{name.upper()}": str(value) for name, value in told.items()}


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
    places = [str(fact) for kind, port in zip(KINDS, ports, strict=False) for fact in (kind, port)]
    rings = subprocess.run(
        [VENV / "bin" / "python", "-c", _RINGS, etc, *places], check=False, capture_output=True, text=True
    )
    if rings.returncode:
        _fail(f"Swift makes no rings:\n{rings.stderr}")
    (etc / "proxy.conf").write_text(
        _PROXY.format(port=ports[-1], filters=" ".join(_FILTERS), **facts)
        + "".join(
            f"[filter:{name}]\nuse = egg:swift#{name}\n"
            for name in _FILTERS
            if name not in ("cache", "s3api", "tempauth")
        )
    )


def _wait_for(ports: list[int], servers: list[subprocess.Popen[bytes]], log: Path) -> None:
    """Wait until each server answers: the proxy does so before those that keep anything, and says 503 then."""
    end, silent = time.monotonic() + START_SECONDS, list(ports)
    while time.monotonic() < end and all(server.poll() is None for server in servers):
        silent = [port for port in silent if not _answers(port)]
        if not silent:
            return
        time.sleep(0.1)
    _fail(f"Swift did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _answers(port: int) -> bool:
    """Tell whether somebody speaks HTTP there; all refuse us, who sign nothing and name nothing."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=START_SECONDS).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _fail(text: str) -> NoReturn:
    raise RuntimeError(text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made, serving(Path(made)) as at:
        print(make_bucket(at, os.environ.get("BUCKET", "hub")).model_dump_json(), flush=True)
        sys.stdin.read()
