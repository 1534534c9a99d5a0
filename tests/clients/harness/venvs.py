"""One environment per client version, made on demand in `.venvs/` and kept while its pins are unchanged.

    python tests/clients/harness/venvs.py hub-2.4.0 datasets node     makes or renews them, then prints where they are

The pins are in `tests/requirements/`: NAME.txt for Python, `node/package-lock.json` for JavaScript.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
PINS = ROOT / "tests" / "requirements"
VENVS = ROOT / ".venvs"
CLIENTS = ("hub-2.4.0", "hub-1.33.0", "hub-0.36.2", "datasets", "node")


def python_of(name: str) -> Path:
    """Return the interpreter of the environment `name`, which is made if it is missing or its pins changed."""
    return _made(name) / "bin" / "python"


def node_home() -> Path:
    """Return the folder from which `import "@huggingface/hub"` works."""
    return _made("node")


def tool(name: str) -> str:
    """Return the path of a program that the machine must have."""
    path = shutil.which(name)
    if path is None:
        package = {"npm": "npm", "node": "nodejs"}.get(name, name)
        raise RuntimeError(f"{name} is needed by these tests and is not installed: apt-get install {package}")
    return path


def _made(name: str) -> Path:
    """Make the environment unless a stamp says that it was made from these very pins."""
    home, stamp = VENVS / name, VENVS / name / ".pins"
    want = _fingerprint(name)
    if stamp.exists() and stamp.read_text() == want:
        return home
    with _alone(name):
        if not (stamp.exists() and stamp.read_text() == want):
            print(f"making .venvs/{name} …", file=sys.stderr, flush=True)
            shutil.rmtree(home, ignore_errors=True)
            (_make_node if name == "node" else _make_python)(name, home)
            stamp.write_text(want)
    return home


def _make_python(name: str, home: Path) -> None:
    venv.create(home, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python")]
    _run([*pip, "install", "--quiet", "--disable-pip-version-check", "-r", str(PINS / f"{name}.txt")])


def _make_node(name: str, home: Path) -> None:
    home.mkdir(parents=True)
    for pin in (PINS / name).iterdir():
        shutil.copy(pin, home)
    _run([tool("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(home)])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}")


def _fingerprint(name: str) -> str:
    """Return a hash over the pin files and the interpreter's version: any change makes a new environment."""
    pins = sorted((PINS / name).iterdir()) if name == "node" else [PINS / f"{name}.txt", PINS / "worker.txt"]
    seal = hashlib.sha256(sys.version.encode())
    for pin in pins:
        seal.update(pin.read_bytes())
    return seal.hexdigest()


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Let one process at a time make the environment."""
    VENVS.mkdir(exist_ok=True)
    with (VENVS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    for wanted in sys.argv[1:] or CLIENTS:
        print(f"{wanted}: {_made(wanted)}", flush=True)
