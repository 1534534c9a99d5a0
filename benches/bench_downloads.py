"""Large downloads: one stream and eight ranges against nginx sendfile, memory, and two hundred slow readers."""

import os
import socket
import threading
import time
from pathlib import Path

from benches.rig import http
from benches.rig.hub import Hub, Payload, hub
from benches.rig.nginx import nginx
from benches.rig.process import cpu_seconds, memory_kib
from benches.rig.report import interleaved, percentile, report
from benches.rig.upload import put_large

GIB, ROUNDS, SLOW = 1 << 30, 5, 200


def main(folder: Path) -> None:
    """Answer the first two rows of the table."""
    big = folder / "www" / "big.bin"
    big.parent.mkdir(parents=True)
    with big.open("wb") as file:
        for _ in range(GIB >> 20):
            file.write(os.urandom(1 << 20))
    with hub(folder) as ours, nginx(folder) as theirs:
        ours.create("big")
        Payload("add").large("big.bin", *put_large(ours, "ada/big", big)).send(ours, "ada/big")
        url, rival = f"{ours.url}/ada/big/resolve/main/big.bin", f"{theirs}/big.bin"
        http.download(url), http.download(rival)
        _fast(ours, url, rival)
        _slow(ours, url)


def _fast(ours: Hub, url: str, rival: str) -> None:
    before, cpu = memory_kib(ours.pid), cpu_seconds(ours.pid)
    got = interleaved(
        ROUNDS,
        ours=lambda: http.seconds(lambda: http.download(url)),
        nginx=lambda: http.seconds(lambda: http.download(rival)),
        ours_8=lambda: http.seconds(lambda: http.download_in_ranges(url, GIB, 8)),
        nginx_8=lambda: http.seconds(lambda: http.download_in_ranges(rival, GIB, 8)),
    )
    spent = (cpu_seconds(ours.pid) - cpu) / (2 * ROUNDS)
    grown = memory_kib(ours.pid) - before
    for name, streams in (("", 1), ("_8", 8)):
        ratio = got[f"nginx{name}"] / got[f"ours{name}"]
        speeds = {"ours_mb_s": GIB / got[f"ours{name}"] / 1e6, "nginx_mb_s": GIB / got[f"nginx{name}"] / 1e6}
        more = {"streams": streams, "cpu_s_per_gib": spent, "memory_grew_kib": grown}
        report(
            "download_1_gib",
            target="speed at least 0.9 of nginx",
            reached=ratio >= 0.9,
            ratio=ratio,
            **speeds,
            **more,
        )


def _slow(ours: Hub, url: str) -> None:
    """Hold many downloads that read about 64 KiB a second, and time small requests meanwhile."""
    before = memory_kib(ours.pid)
    readers = [_SlowReader(url) for _ in range(SLOW)]
    stop = threading.Event()
    reading = threading.Thread(target=_sip, args=(readers, stop))
    reading.start()
    time.sleep(3)
    each = (memory_kib(ours.pid) - before) / SLOW
    times = [_small(ours) for _ in range(1000)]
    stop.set()
    reading.join()
    for reader in readers:
        reader.sock.close()
    worst = percentile(times, 0.99) * 1000
    reached = each <= 64 and worst < 25
    target = "at most 64 KiB each; small requests p99 under 25 ms"
    p50 = percentile(times, 0.5) * 1000
    report(
        "slow_downloads",
        target=target,
        reached=reached,
        downloads=SLOW,
        kib_each=each,
        small_p50_ms=p50,
        small_p99_ms=worst,
    )


class _SlowReader:
    def __init__(self, url: str) -> None:
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        host, port = url.split("/")[2].split(":")
        self.sock.connect((host, int(port)))
        path = "/" + url.split("/", 3)[3]
        self.sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        self.sock.setblocking(False)


def _sip(readers: list[_SlowReader], stop: threading.Event) -> None:
    buffer = bytearray(6554)
    while not stop.wait(0.1):
        for reader in readers:
            try:
                reader.sock.recv_into(buffer)
            except BlockingIOError:
                continue


def _small(ours: Hub) -> float:
    return http.seconds(lambda: ours.call("GET", "/api/whoami-v2"))
