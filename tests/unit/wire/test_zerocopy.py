"""The protocol under downloads, on both event loops."""

import os
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from tests.unit.wire.conftest import open_hub
from tests.unit.wire.server import Wire, serving

from hubkeep.wire import threads, zerocopy
from hubkeep.wire.bytes import FileSlice, Stream, content_response
from hubkeep.wire.zerocopy import EXTENSION

SIZE = 5_000_001


@pytest.fixture
def big(tmp_path):
    path = tmp_path / "big"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def app(big, tmp_path):
    hub = open_hub(tmp_path)
    seen = []

    async def file(request: Request) -> Response:
        seen.append(EXTENSION in request.scope.get("extensions", {}))
        source = FileSlice(big, 0, SIZE)
        return content_response(request, etag="e", size=SIZE, source=source, headers={})

    def pieces(start, length):
        with big.open("rb") as body:
            body.seek(start)
            while piece := body.read(min(100_000, start + length - body.tell())):
                yield piece

    async def stream(request: Request) -> Response:
        return content_response(request, etag="e", size=SIZE, source=Stream(pieces), headers={})

    async def ping(request: Request) -> Response:
        return PlainTextResponse("pong")

    app = Starlette(routes=[Route("/file", file), Route("/stream", stream), Route("/ping", ping)])
    app.state.hub, app.state.seen = hub, seen
    yield app
    hub.stores.db.close()


@pytest.fixture(params=["uvloop", "asyncio"])
def port(app, request):
    with serving(app, request.param) as port:
        yield port


@pytest.mark.parametrize("path", ["/file", "/stream"])
def test_one_connection_carries_many_downloads(app, port, big, path):
    content = big.read_bytes()
    with Wire(port) as wire:
        for _ in range(3):
            wire.ask(path)
            assert wire.answer() == (200, content)
            wire.ask(path, Range="bytes=1000000-3999999")
            assert wire.answer() == (206, content[1_000_000:4_000_000])
            wire.ask(path, "HEAD")
            assert wire.head()[1]["content-length"] == str(SIZE)
            wire.ask("/ping")
            assert wire.answer() == (200, b"pong")
    assert all(app.state.seen)


@pytest.mark.parametrize("path", ["/file", "/stream"])
def test_several_ranges_of_a_file_come_in_parts_and_the_connection_goes_on(port, big, path):
    content = big.read_bytes()
    with Wire(port) as wire:
        for _ in range(2):
            wire.ask(path, Range="bytes=4000000-4999999,0-9,1000000-2999999")
            status, headers = wire.head()
            kind, _, boundary = headers["content-type"].partition("; boundary=")
            assert (status, kind) == (206, "multipart/byteranges")
            got = wire.body(int(headers["content-length"]))
            told = b""
            for first, last in ((4_000_000, 4_999_999), (0, 9), (1_000_000, 2_999_999)):
                head = f"--{boundary}\r\nContent-Range: bytes {first}-{last}/{SIZE}\r\n\r\n"
                told += head.encode() + content[first : last + 1] + b"\r\n"
            assert got == told + f"--{boundary}--\r\n".encode()
            wire.ask("/ping")
            assert wire.answer() == (200, b"pong")


def test_a_client_that_reads_one_of_several_ranges_and_leaves_leaves_nothing_open(port, big):
    with Wire(port) as wire:
        wire.ask("/ping")
        wire.answer()
        before = open_files(big)
        with Wire(port, receive_buffer=4096) as leaving:
            leaving.ask("/file", Range="bytes=0-9,100-4999999,5000000-")
            leaving.head()
            leaving.body(200)
        until(lambda: open_files(big) == before)
        wire.ask("/ping")
        assert wire.answer() == (200, b"pong")


def test_a_file_that_ends_while_it_is_sent_breaks_the_connection(port, big):
    with Wire(port, receive_buffer=4096) as wire:
        wire.ask("/file", Range=f"bytes=0-{SIZE - 10},{SIZE - 5}-")
        _, headers = wire.head()
        os.truncate(big, 4096)
        assert wire.ended_after() < int(headers["content-length"])


@pytest.mark.parametrize("path", ["/file", "/stream"])
def test_pipelined_requests_are_answered_in_order(port, big, path):
    content = big.read_bytes()
    with Wire(port) as wire:
        wire.ask(path)
        wire.ask("/ping")
        wire.ask(path, Range="bytes=-7")
        wire.ask("/ping")
        assert wire.answer() == (200, content)
        assert wire.answer() == (200, b"pong")
        assert wire.answer() == (206, content[-7:])
        assert wire.answer() == (200, b"pong")


def test_a_connection_that_is_to_be_closed_is_closed_after_the_last_byte(port, big):
    with Wire(port) as wire:
        wire.ask("/file", Connection="close")
        assert wire.answer() == (200, big.read_bytes())
        assert wire.ended()


def test_eight_ranges_at_once(port, big):
    content, step, got = big.read_bytes(), SIZE // 8 + 1, {}

    def take(start: int) -> None:
        with Wire(port) as wire:
            wire.ask("/file", Range=f"bytes={start}-{start + step - 1}")
            got[start] = wire.answer()[1]

    threads = [threading.Thread(target=take, args=(start,)) for start in range(0, SIZE, step)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b"".join(got[start] for start in sorted(got)) == content


def test_what_is_not_in_the_page_cache_is_read_by_a_thread(port, big, monkeypatch):
    content, cold = big.read_bytes(), []
    in_thread = threads.in_thread

    async def counted(*args):
        cold.append(args)
        return await in_thread(*args)

    monkeypatch.setattr(zerocopy, "in_thread", counted)
    # Both ends of the first window are there, and something in between is not.
    hole = range(zerocopy.LEAST * 3, zerocopy.LEAST * 4)
    monkeypatch.setattr(zerocopy, "_cached", lambda _, offset: offset not in hole)
    with Wire(port) as wire:
        wire.ask("/file")
        assert wire.answer() == (200, content)
    assert cold


@pytest.mark.parametrize(("connections", "mib"), [(1, 2), (8, 2), (16, 1), (64, 0.25), (5000, 0.25)])
def test_few_connections_get_more_in_one_call_than_many(monkeypatch, connections, mib):
    monkeypatch.setattr(zerocopy, "_sending", set(range(connections)))
    assert zerocopy._window() == mib * (1 << 20)


def test_what_was_just_written_is_in_the_page_cache_and_nothing_is_behind_the_end(big):
    with big.open("rb") as file:
        assert zerocopy._cached(file.fileno(), SIZE - 1)
        assert not zerocopy._cached(file.fileno(), SIZE)


@pytest.mark.parametrize("path", ["/file", "/stream"])
def test_a_client_that_leaves_in_the_middle_leaves_nothing_open(port, big, path):
    big.write_bytes(bytes(SIZE))
    with Wire(port) as wire:
        wire.ask("/ping")
        wire.answer()
        before = open_files(big)
        for _ in range(5):
            with Wire(port, receive_buffer=4096) as leaving:
                leaving.ask(path)
                leaving.head()
        until(lambda: open_files(big) == before)
        assert zerocopy._sending == set()
        wire.ask("/ping")
        assert wire.answer() == (200, b"pong")


def test_a_client_that_reads_nothing_stops_nobody(port, big):
    with Wire(port, receive_buffer=4096) as slow, Wire(port) as quick:
        slow.ask("/file")
        slow.head()
        quick.ask("/file")
        assert quick.answer() == (200, big.read_bytes())
        quick.ask("/ping")
        assert quick.answer() == (200, b"pong")
        assert slow.body(SIZE) == big.read_bytes()


@pytest.mark.parametrize("path", ["/file", "/stream"])
def test_a_client_that_stalls_for_too_long_is_cut_off(port, big, monkeypatch, path):
    monkeypatch.setattr(zerocopy, "STALL_SECONDS", 0.2)
    with Wire(port, receive_buffer=4096) as wire:
        wire.ask("/ping")
        wire.answer()
        before = open_files(big)
        wire.ask(path)
        wire.head()
        until(lambda: open_files(big) == before)
        with pytest.raises((EOFError, ConnectionResetError)):
            wire.body(SIZE)


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_a_file_may_be_one_piece_of_a_body(big, loop):
    async def app(scope, receive, send):
        fd = os.open(big, os.O_RDONLY)
        try:
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"25")]}
            )
            await send({"type": "http.response.body", "body": b"begin", "more_body": True})
            await send({"type": EXTENSION, "file": fd, "offset": 5, "count": 10, "more_body": True})
            await send({"type": EXTENSION, "file": fd, "offset": 0, "count": 5, "more_body": True})
            await send({"type": "http.response.body", "body": b"ended"})
        finally:
            os.close(fd)

    content = big.read_bytes()
    with serving(app, loop) as port, Wire(port) as wire:
        for _ in range(2):
            wire.ask("/")
            assert wire.answer() == (200, b"begin" + content[5:15] + content[:5] + b"ended")


@pytest.mark.parametrize(("length", "count"), [(b"5", 6), (None, 5), (b"7000000", 7_000_000)])
def test_a_file_that_does_not_fit_its_length_breaks_the_connection(big, length, count, caplog):
    async def app(scope, receive, send):
        fd = os.open(big, os.O_RDONLY)
        try:
            headers = [(b"content-length", length)] if length else []
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": EXTENSION, "file": fd, "offset": 0, "count": count})
        finally:
            os.close(fd)

    with serving(app) as port, Wire(port) as wire:
        wire.ask("/")
        wire.head()
        assert wire.ended()
    assert caplog.records


def test_over_tls_the_bytes_go_the_ordinary_way(app, big, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run(
        [*command, "-keyout", str(key), "-out", str(certificate), *name], check=True, capture_output=True
    )
    trust = ssl.create_default_context(cafile=str(certificate))
    with serving(app, ssl_keyfile=str(key), ssl_certfile=str(certificate)) as port, Wire(port) as wire:
        wire.sock = trust.wrap_socket(wire.sock, server_hostname="127.0.0.1")
        wire.ask("/file")
        assert wire.answer() == (200, big.read_bytes())
        wire.ask("/file", Range="bytes=5-9")
        assert wire.answer() == (206, big.read_bytes()[5:10])
    assert app.state.seen == [False, False]


def open_files(path) -> int:
    """Return how many descriptors of this process are open on a file."""
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found += descriptor.readlink() == path
        except FileNotFoundError:
            continue
    return found


def until(condition, seconds=60.0) -> None:
    """Wait for something that happens soon."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
