"""Large bodies taken off the socket, on both event loops: whole, hashed, and with nothing left over for the next request."""

import errno
import hashlib
import os
import socket
import threading
import time

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from tests.unit.wire.server import Wire, serving

from hubkeep.kit import HubError
from hubkeep.wire import receive, take_body
from hubkeep.wire.errors import on_hub_error, on_os_error
from hubkeep.wire.receive import receive_into, receive_to_file
from hubkeep.wire.take_body import EXTENSION

SIZE = 5_000_001
LIMIT = 50 << 20
BODY = os.urandom(SIZE)
TOLD = (200, f"{SIZE} {hashlib.sha256(BODY).hexdigest()}".encode())


@pytest.fixture
def taken(monkeypatch):
    """How many bodies were taken off the socket."""
    seen = []
    take = take_body.TakenBody.take

    async def counted(self, length, write):
        seen.append(length)
        await take(self, length, write)

    monkeypatch.setattr(take_body.TakenBody, "take", counted)
    return seen


@pytest.fixture
def app(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    failures: list[BaseException] = []

    async def hashed(request: Request) -> Response:
        async with receive_to_file(request, scratch, LIMIT, sha256=True) as got:
            assert hashlib.sha256(got.path.read_bytes()).hexdigest() == got.sha256
            return PlainTextResponse(f"{got.size} {got.sha256}")

    async def part(request: Request) -> Response:
        place = tmp_path / "place"
        place.write_bytes(bytes(100))
        await receive_into(request, place, 100, SIZE)
        return PlainTextResponse(hashlib.sha256(place.read_bytes()[100:]).hexdigest())

    async def broken(request: Request) -> Response:
        """Fail at the second block, as a full disk does."""
        blocks = []

        def write(block) -> None:
            blocks.append(len(block))
            if len(blocks) == 2:
                raise OSError(errno.ENOSPC, "no space")

        try:
            await receive.receive_blocks(request, write, LIMIT)
        except OSError as error:
            failures.append(error)
            return PlainTextResponse("full", 507)
        raise AssertionError

    async def unread(request: Request) -> Response:
        return PlainTextResponse("no", 403)

    async def ping(request: Request) -> Response:
        return PlainTextResponse("pong")

    async def gone(request: Request) -> Response:
        try:
            return await hashed(request)
        except BaseException as error:
            failures.append(error)
            raise

    app = Starlette(
        routes=[
            Route("/hashed", hashed, methods=["PUT"]),
            Route("/part", part, methods=["PUT"]),
            Route("/broken", broken, methods=["PUT"]),
            Route("/unread", unread, methods=["PUT"]),
            Route("/gone", gone, methods=["PUT"]),
            Route("/ping", ping),
        ],
        exception_handlers={HubError: on_hub_error, OSError: on_os_error},
    )
    app.state.scratch, app.state.failures = scratch, failures
    return app


@pytest.fixture(params=["uvloop", "asyncio"])
def port(app, request):
    with serving(app, request.param) as port:
        yield port


def put(wire, path="/hashed", body=BODY, **headers):
    wire.ask(path, "PUT", Content_Length=str(len(body)), **headers)
    wire.sock.sendall(body)


def chunked(size):
    pieces = (BODY[at : at + size] for at in range(0, SIZE, size))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_one_connection_carries_many_uploads(port, taken, app):
    with Wire(port) as wire:
        for _ in range(3):
            put(wire)
            assert wire.answer() == TOLD
            put(wire, "/part")
            assert wire.answer() == (200, TOLD[1].partition(b" ")[2])
            wire.ask("/ping")
            assert wire.answer() == (200, b"pong")
    assert taken == [SIZE] * 6
    assert list(app.state.scratch.iterdir()) == []


def test_small_bodies_and_those_of_unknown_length_come_the_ordinary_way(port, taken):
    with Wire(port) as wire:
        put(wire, body=b"small")
        assert wire.answer() == (200, f"5 {hashlib.sha256(b'small').hexdigest()}".encode())
        wire.ask("/hashed", "PUT", Transfer_Encoding="chunked")
        wire.sock.sendall(chunked(1_000_000))
        assert wire.answer() == TOLD
        wire.ask("/hashed", "PUT", Transfer_Encoding="chunked")
        wire.sock.sendall(chunked(777))
        assert wire.answer() == TOLD
        put(wire)
        assert wire.answer() == TOLD
    assert taken == [SIZE]


@pytest.mark.parametrize("first", [0, 1, 100, 70_000, 3_000_000])
def test_it_does_not_matter_how_much_came_with_the_head(port, first):
    head = f"PUT /hashed HTTP/1.1\r\nHost: hub.test\r\nContent-Length: {SIZE}\r\n\r\n".encode()
    with Wire(port) as wire:
        wire.sock.sendall(head + BODY[:first])
        time.sleep(0.05)
        wire.sock.sendall(BODY[first:])
        assert wire.answer() == TOLD


def test_what_follows_a_body_is_the_next_request(port):
    ask = "PUT {} HTTP/1.1\r\nHost: hub.test\r\nContent-Length: {}\r\n\r\n"
    one = ask.format("/hashed", SIZE).encode() + BODY
    ping = b"GET /ping HTTP/1.1\r\nHost: hub.test\r\n\r\n"
    with Wire(port) as wire:
        sending = threading.Thread(target=wire.sock.sendall, args=(one + ping + one + one + ping,))
        sending.start()
        for expected in (TOLD, (200, b"pong"), TOLD, TOLD, (200, b"pong")):
            assert wire.answer() == expected
        sending.join()


def test_a_client_that_waits_to_be_told_to_go_on_is_told_once(port):
    with Wire(port) as wire:
        wire.ask("/hashed", "PUT", Content_Length=str(SIZE), Expect="100-continue")
        assert wire.head()[0] == 100
        wire.sock.sendall(BODY)
        assert wire.answer() == TOLD


def test_a_slow_client_is_waited_for(port):
    with Wire(port) as wire:
        wire.ask("/hashed", "PUT", Content_Length=str(SIZE))
        for at in range(0, 50_000, 5000):
            wire.sock.sendall(BODY[at : at + 5000])
            time.sleep(0.005)
        wire.sock.sendall(BODY[50_000:])
        assert wire.answer() == TOLD


def test_many_at_once(port):
    got = []

    def one() -> None:
        with Wire(port) as wire:
            put(wire)
            got.append(wire.answer())

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [TOLD] * 20


@pytest.mark.parametrize("sent", [0, 10, 2_000_000])
@pytest.mark.parametrize("reset", [False, True])
def test_a_client_that_leaves_in_the_middle_leaves_nothing(port, app, sent, reset):
    with Wire(port) as wire:
        wire.ask("/gone", "PUT", Content_Length=str(SIZE))
        wire.sock.sendall(BODY[:sent])
        until(lambda: list(app.state.scratch.iterdir()))
        if reset:
            wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    until(lambda: app.state.failures)
    assert isinstance(app.state.failures[0], receive.ClientGone)
    assert list(app.state.scratch.iterdir()) == []


def test_a_client_that_stalls_for_too_long_is_cut_off(port, app, monkeypatch):
    monkeypatch.setattr(take_body, "STALL_SECONDS", 0.1)
    with Wire(port) as wire:
        wire.ask("/gone", "PUT", Content_Length=str(SIZE))
        wire.sock.sendall(BODY[:1000])
        assert wire.ended()
    until(lambda: app.state.failures)
    assert isinstance(app.state.failures[0], receive.ClientGone)


def test_the_rest_of_a_body_that_could_not_be_kept_is_not_taken_for_a_request(port, app):
    trap = b"GET /ping HTTP/1.1\r\nHost: hub.test\r\n\r\n"
    body = trap * (SIZE // len(trap))
    with Wire(port) as wire:
        for _ in range(2):
            sending = threading.Thread(target=put, args=(wire, "/broken", body))
            sending.start()
            assert wire.answer() == (507, b"full")
            sending.join()
            wire.ask("/unread", "PUT", Content_Length="3")
            wire.sock.sendall(b"abc")
            assert wire.answer() == (403, b"no")
    assert len(app.state.failures) == 2


def test_a_disk_that_fills_up_meanwhile_is_told_as_such(port, app, monkeypatch):
    write = os.write

    def full(fd, data):
        if len(data) >= receive.BESIDE_FROM:
            raise OSError(errno.ENOSPC, "no space")
        return write(fd, data)

    monkeypatch.setattr(os, "write", full)
    with Wire(port) as wire:
        put(wire)
        status, _ = wire.answer()
        assert status == 507
        wire.ask("/ping")
        assert wire.answer() == (200, b"pong")
    assert list(app.state.scratch.iterdir()) == []


def test_a_disk_that_takes_less_than_it_is_given_is_given_the_rest(port, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[: max(1, len(data) // 2)]))
    with Wire(port) as wire:
        put(wire)
        assert wire.answer() == TOLD


def test_what_does_not_stay_in_memory_is_on_the_disk_all_the_same(port, monkeypatch):
    monkeypatch.setattr(receive, "FORGET_FROM", 1 << 20)
    monkeypatch.setattr("hubkeep.wire.write_behind._STEP", 1 << 20)
    monkeypatch.setattr("hubkeep.wire.write_behind._LATER", 1 << 20)
    with Wire(port) as wire:
        put(wire)
        assert wire.answer() == TOLD


def test_a_body_that_is_refused_before_it_is_read_does_not_end_the_connection(port):
    with Wire(port) as wire:
        put(wire, "/unread")
        assert wire.answer() == (403, b"no")
        put(wire)
        assert wire.answer() == TOLD


def test_the_extension_is_there_for_bodies_over_plain_http(app):
    seen = []

    async def look(scope, receive, send):
        seen.append(EXTENSION in scope["extensions"])
        await app(scope, receive, send)

    with serving(look) as port, Wire(port) as wire:
        wire.ask("/ping")
        wire.answer()
        put(wire)
        wire.answer()
    assert seen == [False, True]
