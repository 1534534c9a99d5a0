"""How to run a Space on one's own machine: this hub keeps Spaces, and runs none."""

import re
import shlex
from collections.abc import Sequence

from hubkeep.repos import Info, Kind
from hubkeep.web import commands

# What a card says ends up in commands that people paste: nothing but plain words may.
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.]{0,30}")
PORT = 7860  # where the Hub expects an app to listen


def run_space(info: Info, hub_url: str, paths: Sequence[str]) -> str:
    """Return the commands that fetch a Space and start it, by what its card says; "" when it does not say with what."""
    card, folder = info.metadata.card_data, info.repo.name
    start = _start(card, folder, paths)
    if not start:
        return ""
    fetch = commands.download(hub_url, Kind.SPACE, info.repo.full_name)
    return f"{fetch} --local-dir {shlex.quote(folder)}\ncd {shlex.quote(folder)}\n{start}"


def _start(card: object, folder: str, paths: Sequence[str]) -> str:
    facts = card if isinstance(card, dict) else {}
    needs = " -r requirements.txt" if "requirements.txt" in paths else ""
    match facts.get("sdk"):
        case "static":
            return f"python -m http.server {PORT}  # then open http://127.0.0.1:{PORT}"
        case "gradio":
            version = _plain(_VERSION, facts.get("sdk_version"))
            gradio = f'"gradio=={version}"' if version else "gradio"
            return f"pip install {gradio}{needs}\npython {_plain(_FILE, facts.get('app_file')) or 'app.py'}"
        case "streamlit":
            version = _plain(_VERSION, facts.get("sdk_version"))
            streamlit = f'"streamlit=={version}"' if version else "streamlit"
            return f"pip install {streamlit}{needs}\nstreamlit run {_plain(_FILE, facts.get('app_file')) or 'app.py'}"
        case "docker":
            port = facts.get("app_port")
            inside = port if isinstance(port, int) and 0 < port < 65536 else PORT
            name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-") or "space"
            return f"docker build -t {name} .\ndocker run --rm -p {PORT}:{inside} {name}"
        case _:
            return ""


def _plain(pattern: re.Pattern[str], value: object) -> str:
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return text if pattern.fullmatch(text) and ".." not in text else ""
