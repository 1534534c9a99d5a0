"""A client that costs nearly nothing: bytes are counted in the kernel and thrown away there, or sent from a file."""

import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

CHUNK = 1 << 20


def connect(url: str) -> tuple[socket.socket, str, str]:
    """Return a connected socket, the Host header's value, and the path with its query."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return socket.create_connection((parts.hostname, parts.port)), f"{parts.hostname}:{parts.port}", path


def ask(
    method: str, url: str, headers: Mapping[str, str] | None = None
) -> tuple[socket.socket, int, dict[str, str], bytes]:
    """Send a request without a body; return the socket, status, headers, and what already came of the body."""
    sock, host, path = connect(url)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return (sock, *answer(sock))


def answer(sock: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read the head of an answer."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = sock.recv(65536)
        if not more:
            raise ConnectionError(got)
        got += more
    head, _, rest = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}, rest


def download(url: str, headers: Mapping[str, str] | None = None) -> int:
    """Fetch a URL and throw the bytes away; return how many came. They never reach user space."""
    sock, status, found, rest = ask("GET", url, headers)
    assert status in (200, 206), status
    left = int(found["content-length"]) - len(rest)
    total, buffer = len(rest), bytearray(CHUNK)
    with sock:
        while left > 0:
            got = sock.recv_into(buffer, min(CHUNK, left), socket.MSG_TRUNC)
            if got == 0:
                raise ConnectionError(f"{left} bytes missing")
            left -= got
            total += got
    return total


def download_in_ranges(url: str, size: int, streams: int, headers: Mapping[str, str] | None = None) -> int:
    """Fetch a URL in parallel ranges; return the bytes that came."""
    step, totals = size // streams, [0] * streams

    def one(number: int) -> None:
        last = size - 1 if number == streams - 1 else (number + 1) * step - 1
        totals[number] = download(url, {**(headers or {}), "Range": f"bytes={number * step}-{last}"})

    threads = [threading.Thread(target=one, args=(number,)) for number in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(totals)


def upload(url: str, file: Path, headers: Mapping[str, str] | None = None) -> int:
    """PUT a file by sendfile; return the status."""
    sock, host, path = connect(url)
    size = file.stat().st_size
    lines = [f"PUT {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {size}"]
    lines += [f"{k}: {v}" for k, v in (headers or {}).items()]
    with sock, file.open("rb") as body:
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        sock.sendfile(body)
        return answer(sock)[0]


def seconds(run: object) -> float:
    """Time one call."""
    assert callable(run)
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
