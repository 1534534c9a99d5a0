"""Connections that end in the middle: nothing half is kept, nothing is held, nobody else notices."""

import os
import random
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
from tests.faults.hub import Slow, bytes_in, descriptors, noise, until

MIB = 1 << 20


def test_uploads_that_are_cut_leave_nothing_behind(hub, tmp_path):
    repo, body = hub.create("cut"), noise(4 * MIB)
    href = hub.link(repo, body)["href"]
    before = bytes_in(hub.scratch), descriptors(hub.pid)

    def cut(number: int) -> None:
        slow = Slow(href, len(body))
        slow.send(body[: random.Random(number).randrange(len(body))])
        if number % 2:  # a reset instead of an orderly end
            slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        slow.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(cut, range(40)))
    until(lambda: (bytes_in(hub.scratch), descriptors(hub.pid)) <= before, "everything is given back")
    assert not list((hub.folder / "data" / "blobs" / "lfs").rglob("*.*"))
    hub.upload(repo, body)
    assert hub.commit(repo, {}, {"big.bin": body}).status_code == 200
    hub.check(repo, tmp_path, {"big.bin": body})
    assert not hub.surprises()


def test_commits_that_are_cut_change_nothing(hub, tmp_path):
    repo = hub.create("half")
    assert hub.commit(repo, {"a.txt": b"a"}).status_code == 200
    payload = (
        b'{"key":"header","value":{"summary":"never"}}\n{"key":"file","value":{"path":"never.txt","content":"'
    )
    for _ in range(10):
        sock = socket.create_connection(("127.0.0.1", hub.port))
        head = f"POST /api/models/{repo}/commit/main HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {hub.token}\r\n"
        sock.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode() + payload)
        sock.close()
    tree = hub.check(repo, tmp_path, {"a.txt": b"a"})
    assert "never.txt" not in tree


def test_downloads_that_are_left_give_everything_back(hub):
    repo, body = hub.create("left"), noise(8 * MIB)
    hub.upload(repo, body)
    small = noise(2 * MIB).hex().encode()  # regular: in git
    assert hub.commit(repo, {"a.txt": small}, {"big.bin": body}).status_code == 200
    hub.read(repo, "big.bin"), hub.read(repo, "a.txt")
    before = descriptors(hub.pid)
    for number in range(30):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", hub.port))
        path = ("big.bin", "a.txt")[number % 2]
        sock.sendall(
            f"GET /{repo}/resolve/main/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {hub.token}\r\n\r\n".encode()
        )
        sock.recv(1000)
        sock.close()
    until(lambda: descriptors(hub.pid) <= before, "every file and socket is closed")
    assert not hub.surprises()


def test_clients_that_send_nothing_and_take_nothing_stop_nobody(hub):
    repo, body = hub.create("idle"), noise(16 * MIB)
    hub.upload(repo, body)
    assert hub.commit(repo, {"a.txt": b"a"}, {"big.bin": body}).status_code == 200
    other = noise(MIB)
    link = hub.link(repo, other)["href"]
    alone = _usual_time(hub, repo)
    idle = [Slow(link, len(other)) for _ in range(50)]
    takers = []
    for _ in range(50):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", hub.port))
        sock.sendall(f"GET /{repo}/resolve/main/big.bin HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        takers.append(sock)
    assert _usual_time(hub, repo) < 10 * alone
    assert hub.read(repo, "big.bin") == body
    for each in idle:
        each.close()
    for sock in takers:
        sock.close()


def _usual_time(hub, repo) -> float:
    """Return the median of how long a small file takes, in seconds."""
    times = []
    for _ in range(50):
        began = time.monotonic()
        assert hub.read(repo, "a.txt") == b"a"
        times.append(time.monotonic() - began)
    return sorted(times)[25]


def test_told_to_stop_the_hub_lets_transfers_end(hub, tmp_path):
    repo, body = hub.create("stop"), noise(4 * MIB)
    slow = Slow(hub.link(repo, body)["href"], len(body))
    before = bytes_in(hub.scratch)
    slow.send(body[: 2 * MIB])
    until(lambda: bytes_in(hub.scratch) > before, "the hub takes the body")
    os.kill(hub.pid, signal.SIGTERM)
    until(lambda: _is_closed(hub), "nobody new is let in")
    slow.send(body[2 * MIB :])
    answer = slow.sock.recv(1000)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    slow.close()
    hub.stop()
    hub.start()
    assert hub.link(repo, body) is None
    assert hub.commit(repo, {}, {"big.bin": body}).status_code == 200
    hub.check(repo, tmp_path, {"big.bin": body})


def _is_closed(hub) -> bool:
    try:
        with hub.api as api:
            api.get("/healthz")
    except httpx.TransportError:
        return True
    return False


def test_one_upload_by_many_at_once_is_one_object(hub, tmp_path):
    repo, body = hub.create("race"), noise(2 * MIB)
    href = hub.link(repo, body)["href"]
    answers: list[int] = []

    def put() -> None:
        answers.append(httpx.put(href, content=body, timeout=60).status_code)

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8
    assert hub.commit(repo, {}, {"big.bin": body}).status_code == 200
    hub.check(repo, tmp_path, {"big.bin": body})
