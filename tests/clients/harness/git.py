"""git and git-lfs as a person runs them: real processes, an empty home, the token from an askpass program."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.clients.harness import venvs


class Git:
    """One person's git. `home` holds the configuration and is where clones go."""

    def __init__(self, url: str, token: str | None, home: Path) -> None:
        self.url, self.home = url, home
        home.mkdir(parents=True, exist_ok=True)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": str(self._askpass(token)) if token else "",
        }
        (home / ".gitconfig").write_text(
            "[user]\n name = Ada\n email = ada@example.org\n[init]\n defaultBranch = main\n[advice]\n detachedHead = false\n"
        )
        venvs.tool("git-lfs")
        self("lfs", "install", "--skip-repo")

    def __call__(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        ok: bool = True,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Run `git …`; return what it printed, both streams together."""
        __tracebackhide__ = True
        done = subprocess.run(
            ["git", *arguments],
            env=self.env | dict(env or {}),
            cwd=cwd or self.home,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        said = done.stdout.decode(errors="replace")
        if (done.returncode == 0) is not ok:
            shown = " ".join(str(argument) for argument in arguments)
            pytest.fail(f"`git {shown}` ended with {done.returncode}:\n{said}", pytrace=False)
        return said

    def clone(self, repo: str, name: str = "clone", *options: str, ok: bool = True, **env: str) -> Path:
        """Clone `repo` (with `datasets/` or `spaces/` before it if it is one) and return the folder."""
        self("clone", *options, f"{self.url}/{repo}", name, ok=ok, env=env)
        return self.home / name

    def commit_all(self, clone: Path, message: str = "a change") -> str:
        """Commit everything in the folder and return the commit's id."""
        self("add", "--all", cwd=clone)
        self("commit", "--quiet", "--message", message, cwd=clone)
        return self("rev-parse", "HEAD", cwd=clone).strip()

    def _askpass(self, token: str | None) -> Path:
        """Write the program that answers git's two questions: any user name, and the token as password."""
        program = self.home / "askpass"
        program.write_text(f'#!/bin/sh\ncase "$1" in Username*) echo ada;; *) echo {token};; esac\n')
        program.chmod(0o700)
        return program
