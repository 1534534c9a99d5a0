"""Call a receiver: one POST, no redirects, and never into the operator's own network.

The name is looked up once, every address is checked, and the connection goes to an address that was checked: a name that
means something else a moment later changes nothing.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from hubkeep.community.webhooks.errors import AddressRefused
from hubkeep.community.webhooks.types import MAX_URL

MAX_ANSWER = 16 << 10  # bytes of an answer that are read
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")


@dataclass(frozen=True)
class Answer:
    """What a receiver said: a status, or 0 and why there is none."""

    status: int
    error: str = ""

    @property
    def good(self) -> bool:
        """True when the receiver took it."""
        return 200 <= self.status < 300


def check_url(url: str, own_url: str) -> str:
    """Return the address of a receiver if it is one. What its name means is asked at every call.

    Raises:
        AddressRefused: naming the rule.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused(reason="is not an address") from None
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefused(reason=f"must be plain text of at most {MAX_URL:,} characters")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise AddressRefused(reason="must start with http:// or https:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(reason="must not hold a name or password; use the secret")
    own = urlsplit(own_url)
    if (parts.hostname, _port(parts)) == (own.hostname, _port(own)):
        raise AddressRefused(reason="must not be this hub: it would call itself for ever")
    return url


def post(url: str, body: bytes, headers: dict[str, str], seconds: float, *, private: bool) -> Answer:
    """Send `body`; `private` lets the call reach private addresses and this machine. Takes about `seconds` at most."""
    parts = urlsplit(url)
    try:
        address = _address(parts, private=private)
    except AddressRefused as refused:
        return Answer(0, str(refused.facts["reason"]))
    except OSError as error:
        return Answer(0, f"the host is not known: {error}"[:300])
    try:
        return _post(parts, address, body, headers, seconds)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(0, f"{type(error).__name__}: {error}"[:300])


def is_public(text: str) -> bool:
    """Return whether an address is one of the open internet, however it is written."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address.teredo is not None:
            return False
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if address in _LOCAL_NAT64 or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _address(parts: SplitResult, *, private: bool) -> str:
    """Look the host up and return an address to connect to. Raises AddressRefused when any of them is not public."""
    assert parts.hostname is not None
    found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not private and not all(is_public(address) for address in addresses):
        raise AddressRefused(reason="the address is private; the operator of this hub does not allow that")
    return addresses[0]


def _post(parts: SplitResult, address: str, body: bytes, headers: dict[str, str], seconds: float) -> Answer:
    sock: socket.socket = socket.create_connection((address, _port(parts)), timeout=seconds)
    held = [sock]
    # A receiver that sends a byte now and then would keep us for ever: the clock of the whole call ends it.
    clock = threading.Timer(seconds, lambda: _end(held[0]))
    clock.start()
    try:
        if parts.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=parts.hostname)
            held[0] = sock  # the plain one handed its connection over
        connection = http.client.HTTPConnection(str(parts.hostname), _port(parts), timeout=seconds)
        connection.sock = sock
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {"Host": parts.netloc, **headers})
        answer = connection.getresponse()
        answer.read(MAX_ANSWER)
        said = "" if 200 <= answer.status < 300 else f"the receiver answered {answer.status}"
        return Answer(answer.status, said)
    finally:
        clock.cancel()
        sock.close()


def _end(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
