"""@huggingface/hub under Node: runs one of the stories in `js/stories.mjs`."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.clients.harness import venvs

STORIES = Path(__file__).parents[1] / "js" / "stories.mjs"


def run_story(story: str, url: str, token: str | None, home: Path, **given: object) -> Any:
    """Run a story against the hub at `url` and return what it returned."""
    __tracebackhide__ = True
    node_home = venvs.node_home()
    script = node_home / f"{home.name}.mjs"  # beside node_modules, where the import is found
    script.write_bytes(STORIES.read_bytes())
    try:
        asked = json.dumps({"hubUrl": url} | ({"accessToken": token} if token else {}) | given)
        done = subprocess.run(
            [venvs.tool("node"), script, story, asked],
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            cwd=node_home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        script.unlink()
    if done.returncode:
        pytest.fail(f"{story}:\n{done.stdout}{done.stderr}", pytrace=False)
    return json.loads(done.stdout.splitlines()[-1])
