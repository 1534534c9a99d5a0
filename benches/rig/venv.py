"""The real client, in an environment of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINS = ["huggingface_hub==2.4.0", "hf_xet==1.8.0"]


def client_python() -> str:
    """Return the interpreter of a venv with the newest client, made on first use."""
    folder = ROOT / ".venvs" / "bench-client"
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PINS], check=True)
        (folder / ".ready").touch()
    return str(python)


def run_client(
    source: str,
    arguments: Sequence[str],
    url: str,
    token: str,
    *,
    home: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run client code in a fresh process, with an empty cache unless `home` is given; return what it printed."""
    with tempfile.TemporaryDirectory() as empty:
        home = home or Path(empty)
        clean = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "HF_HOME": f"{home}/hf",
            "HF_XET_CACHE": f"{home}/xet",
            "HF_ENDPOINT": url,
            "HF_TOKEN": token,
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        }
        command = [client_python(), "-c", source, *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env={**clean, **(env or {})}
        ).stdout
