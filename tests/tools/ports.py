"""Ports for servers that must be told theirs, or that come back on the same one."""

import itertools
import os
import random
import socket
from pathlib import Path

_FALLBACK = 32_768
_held: list[socket.socket] = []


def free_port() -> int:
    """Return a port of 127.0.0.1 that is this process's own until it ends.

    It lies below those that the kernel gives to outgoing connections, so that none of them takes it before the server does, or
    while the server is down. Test processes agree among themselves by the UDP port of the same number, which is held.
    """
    first = random.Random(os.urandom(8)).randrange(20_000, _first_outgoing())
    for port in itertools.chain(range(first, _first_outgoing()), range(20_000, first)):
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", port))
            with socket.create_server(("127.0.0.1", port)):
                _held.append(claim)
                return port
        except OSError:
            claim.close()
    raise RuntimeError("no port of this machine is free")


def _first_outgoing() -> int:
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return _FALLBACK
    return first if first > 21_000 else _FALLBACK
