"""The three commands that git and git-lfs give over SSH.

Source: git's `gitprotocol-pack`; the git-lfs documentation on authentication ("SSH"); hub-core contract T9.
"""

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass

import asyncssh

from hubkeep import repos
from hubkeep.accounts import Credentials
from hubkeep.git import KEEP_ALIVE, advertise_receive, talk_of_fetch
from hubkeep.hub import Hub
from hubkeep.kit import BadInput, TooLarge
from hubkeep.repos import Kind, Push, RepoMoved
from hubkeep.wire.shapes.names import repo_url
from hubkeep.wire.ssh_ticket import ticket
from hubkeep.wire.threads import finished, in_thread

FETCH, PUSH, LFS = "git-upload-pack", "git-receive-pack", "git-lfs-authenticate"
CHUNK = 256 << 10
KEEP_ALIVE_SECONDS = 5.0  # Source: git's own `receive.keepAlive`
MAX_COMMAND = 4096
MAX_MOVES = 5
# Source: hub-core contract section 3: names are letters, digits and `-_.`; datasets, Spaces and kernels have a prefix.
_REPO = re.compile(
    r"/?(?:~/)?(datasets/|spaces/|kernels/)?([\w.-]{1,96})/([\w.-]{1,100}?)(?:\.git)?/?", re.ASCII
)
_PROTOCOL = re.compile(r"[A-Za-z0-9=:._-]{1,200}")


@dataclass(frozen=True)
class Words:
    """A command: what to do, to which repository; `way` is git-lfs's `upload` or `download`."""

    command: str
    kind: Kind
    full_name: str
    way: str = ""


def words_of(line: str) -> Words:
    """Read a command. Raises BadInput for everything that git and git-lfs do not say."""
    try:
        words = shlex.split(line) if len(line) <= MAX_COMMAND else []
    except ValueError:
        words = []
    if words[:1] == ["git"] and len(words) > 1:
        words = [f"git-{words[1]}", *words[2:]]  # `git upload-pack` is an old way to say it
    if len(words) < 2 or words[0] not in (FETCH, PUSH, LFS):
        known = f"{FETCH}, {PUSH} and {LFS}"
        raise BadInput(field="command", reason=f"only {known} are served here, with a repository")
    found = _REPO.fullmatch(words[1])
    if found is None:
        raise BadInput(field="repository", reason="must be OWNER/NAME, or datasets/OWNER/NAME and the like")
    kind = next(kind for kind in Kind if kind.prefix == (found[1] or ""))
    way = words[2] if len(words) > 2 else ""
    if words[0] == LFS and way not in ("upload", "download"):
        raise BadInput(field="operation", reason="must be upload or download")
    return Words(words[0], kind, f"{found[2]}/{found[3]}", way)


async def answer(
    hub: Hub, caller: Credentials, fingerprint: str, words: Words, process: "asyncssh.SSHServerProcess[bytes]"
) -> int:
    """Carry out a command, under the repository's name of today; return the exit status."""
    for _ in range(MAX_MOVES):
        try:
            if words.command == FETCH:
                return await _fetch(hub, caller, words, process)
            if words.command == PUSH:
                return await _push(hub, caller, words, process)
            return await _authenticate(hub, caller, fingerprint, words, process)
        except RepoMoved as moved:
            words = Words(words.command, words.kind, str(moved.facts["to"]), words.way)
    raise BadInput(field="repository", reason="has moved too often")


async def _fetch(
    hub: Hub, caller: Credentials, words: Words, process: "asyncssh.SSHServerProcess[bytes]"
) -> int:
    lent = await hub.work(repos.open_for_fetch, caller, words.kind, words.full_name)
    try:
        git = await in_thread(talk_of_fetch, lent.directory, _protocol(process))
        try:
            await process.redirect(stdin=git.stdin, stdout=git.stdout, stderr=git.stderr)
            waiting = asyncio.ensure_future(in_thread(git.wait))
            leaving = asyncio.ensure_future(process.channel.wait_closed())
            await asyncio.wait([waiting, leaving], return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            _stop(git)
            status = await waiting
            await process.stdout.drain()
        finally:
            _stop(git)
            await in_thread(git.wait)
    finally:
        lent.close()
    return status if status >= 0 else 1


async def _push(
    hub: Hub, caller: Credentials, words: Words, process: "asyncssh.SSHServerProcess[bytes]"
) -> int:
    refs = await hub.read(repos.refs_for_push, caller, words.kind, words.full_name)
    process.stdout.write(advertise_receive(refs, _protocol(process), over_http=False))
    push = await hub.work(repos.begin_push, caller, words.kind, words.full_name)
    try:
        left = hub.settings.git.max_push_bytes
        while not push.complete and (data := await process.stdin.read(CHUNK)):
            left -= len(data)
            if left < 0:
                raise TooLarge(field="The push", limit=f"{hub.settings.git.max_push_bytes:,} bytes")
            await in_thread(push.feed, [data])
        process.stdout.write(await _judged(hub, push, process))
        await process.stdout.drain()
    finally:
        await in_thread(push.close)
    return 0


async def _judged(hub: Hub, push: Push, process: "asyncssh.SSHServerProcess[bytes]") -> bytes:
    """Publish what has arrived, even when its client has left; meanwhile keep the connection alive."""
    result = asyncio.ensure_future(hub.compute(push.finish))
    try:
        while not (await asyncio.wait([result], timeout=KEEP_ALIVE_SECONDS))[0]:
            if push.side_band:
                process.stdout.write(KEEP_ALIVE)
    finally:
        judged = await finished(result)
    return judged


async def _authenticate(
    hub: Hub,
    caller: Credentials,
    fingerprint: str,
    words: Words,
    process: "asyncssh.SSHServerProcess[bytes]",
) -> int:
    """Tell git-lfs where the large files are, and give it a pass for them; what it may do is judged there."""
    repo = await hub.read(repos.get, caller, words.kind, words.full_name)
    text, seconds = ticket(hub, fingerprint, repo.kind, repo.full_name, words.way)
    told = {
        "href": f"{repo_url(hub.url, repo.kind, repo.full_name)}.git/info/lfs",
        "header": {"Authorization": text},
        "expires_in": seconds,
    }
    process.stdout.write(json.dumps(told).encode() + b"\n")
    await process.stdout.drain()
    return 0


def _protocol(process: "asyncssh.SSHServerProcess[bytes]") -> str:
    """Return what the client says about versions; a value that git would not send counts as none."""
    text = str(process.env.get("GIT_PROTOCOL", ""))
    return text if _PROTOCOL.fullmatch(text) else ""


def _stop(git: "subprocess.Popen[bytes]") -> None:
    if git.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(git.pid, signal.SIGKILL)
