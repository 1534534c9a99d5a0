"""Who is at the other end, when proxies stand between: `X-Forwarded-For` is believed only as far as our own proxies wrote it."""

import ipaddress
from functools import lru_cache

from hubkeep.kit.settings import Network, networks_of

MAX_HOPS = 20
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies:
    """The proxies that the operator trusts to say whom they speak for: addresses and networks, separated by commas."""

    def __init__(self, trusted: str) -> None:
        self._networks = networks_of(trusted)
        self._trusts = lru_cache(maxsize=4096)(lambda text: _inside(text, self._networks))

    def client(self, peer: str, forwarded: list[bytes]) -> str:
        """Return the client's address: `peer` unless that is a proxy of ours.

        Each proxy appends whom it heard; so, from the right, the first address that is no proxy of ours is the last one
        that somebody we trust has seen. What stands left of it anybody can write.
        """
        if not forwarded or not self._trusts(peer):
            return peer
        client = peer
        for hop in reversed(b",".join(forwarded[-MAX_HOPS:]).split(b",")[-MAX_HOPS:]):
            address = _address(hop.decode("latin-1"))
            if address is None:
                break
            client = str(address)
            if not self._trusts(client):
                break
        return client


def _inside(text: str, networks: tuple[Network, ...]) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in networks)


def _address(text: str) -> Address | None:
    """Read `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or `[2001:db8::1]:443`; IPv4 inside IPv6 is IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
