"""Git over SSH: a server for keys and three commands, in the process and on the loop of the web server.

Everybody signs in as `git`; the key tells who it is. There is no shell, no forwarding, no file transfer.
Source: git's `gitprotocol-pack` ("SSH transport"), hub-core contract T9.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from functools import partial

import asyncssh

from hubkeep import accounts
from hubkeep.accounts import BadCredentials, Credentials, Origin
from hubkeep.hub import Hub
from hubkeep.kit import HubError
from hubkeep.wire.ssh_commands import Words, answer, words_of

log = logging.getLogger(__name__)
USER = "git"
CLOSE_SECONDS = 30  # for a client to take what was said last
KEEP_ALIVE_SECONDS, KEEP_ALIVE_COUNT = 30, 4  # a client that is gone is noticed within two minutes
NO_SHELL = "Hello {name}: this key is yours. There is no shell here, only git: git clone {url}\n"
BUSY = "hubkeep: too many are connected at once, please try again in a moment\n"


@contextlib.asynccontextmanager
async def serving(hub: Hub) -> AsyncIterator[None]:
    """Serve git over SSH while the block runs, if the settings name a port."""
    settings = hub.settings
    if not settings.ssh.port:
        yield
        return
    asyncssh.set_log_level(logging.WARNING)  # it tells every step of every connection otherwise
    key = asyncssh.import_private_key(await hub.compute(accounts.ssh_host_key, hub.stores.db))
    room = asyncio.Semaphore(settings.ssh.sessions)
    acceptor = await asyncssh.listen(
        settings.host,
        settings.ssh.port,
        reuse_port=settings.workers > 1,
        server_factory=partial(_Door, hub),
        process_factory=partial(_converse, hub, room),
        server_host_keys=[key],
        encoding=None,
        allow_pty=False,
        agent_forwarding=False,
        x11_forwarding=False,
        allow_scp=False,
        gss_host=None,
        login_timeout=settings.ssh.login_seconds,
        keepalive_interval=KEEP_ALIVE_SECONDS,
        keepalive_count_max=KEEP_ALIVE_COUNT,
        server_version="hubkeep",
    )
    log.info("git over SSH on port %d, host key %s", settings.ssh.port, key.get_fingerprint())
    try:
        yield
    finally:
        acceptor.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(acceptor.wait_closed(), 5)


class _Door(asyncssh.SSHServer):
    """One connection. The key that was proven is the last one that was looked at before `auth_completed`."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._looked_at = hub, ""
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember the connection."""
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        """Nobody comes in without a key."""
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        """Keys are the only way in."""
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Tell whether somebody holds that key; the library checks the signature right after, in the same step."""
        if username != USER:
            return False
        fingerprint = key.get_fingerprint()
        try:
            await self._hub.write(accounts.greet_ssh_key, Credentials("ssh", fingerprint), fingerprint)
        except BadCredentials:
            return False
        self._looked_at = fingerprint
        return True

    def auth_completed(self) -> None:
        """Keep which key it was: requests that come later cannot change it any more."""
        assert self._connection is not None
        self._connection.set_extra_info(hubkeep_fingerprint=self._looked_at)


async def _converse(hub: Hub, room: asyncio.Semaphore, process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Answer one command, and leave nothing behind."""
    if room.locked():
        process.stderr.write(BUSY.encode())
        process.exit(1)
    else:
        async with room:
            process.exit(await _status(hub, process))
    with contextlib.suppress(
        TimeoutError, asyncssh.Error, OSError
    ):  # pipes to git are closed by the library, here
        await asyncio.wait_for(process.wait_closed(), CLOSE_SECONDS)


async def _status(hub: Hub, process: "asyncssh.SSHServerProcess[bytes]") -> int:
    try:
        return await _answered(hub, process)
    except HubError as error:
        process.stderr.write(f"hubkeep: {error}\n".encode("utf-8", "replace"))
    except (asyncssh.Error, OSError):
        pass  # the client left
    except Exception:
        log.exception("a conversation over SSH failed")
        process.stderr.write(b"hubkeep: internal error: the hub's log tells more\n")
    return 1


async def _answered(hub: Hub, process: "asyncssh.SSHServerProcess[bytes]") -> int:
    fingerprint: str = process.get_extra_info("hubkeep_fingerprint", "")
    peer = process.get_extra_info("peername") or ("",)
    version = process.get_extra_info("client_version", "")
    caller = Credentials("ssh", fingerprint, Origin(str(peer[0]), f"SSH {version}"[:255]))
    if process.command is None or process.subsystem is not None:
        name = await hub.write(accounts.greet_ssh_key, caller, fingerprint)
        url = f"{hub.settings.ssh_url}/OWNER/NAME"
        process.stderr.write(NO_SHELL.format(name=name, url=url).encode())
        return 1
    words: Words = words_of(process.command)
    log.info("%s ssh %s %s%s", peer[0], words.command, words.kind.prefix, words.full_name)
    return await answer(hub, caller, fingerprint, words, process)
