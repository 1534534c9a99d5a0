import errno
import hashlib
import os

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from tests.unit.wire.asgi import body_of, drive, scope_of, status_of

from hubkeep.kit import HubError, Settings
from hubkeep.wire import receive
from hubkeep.wire.errors import on_hub_error, on_os_error
from hubkeep.wire.middleware import wrap
from hubkeep.wire.receive import receive_into, receive_to_file

LIMIT = 5 << 20


@pytest.fixture
def door(tmp_path):
    """Receives whatever is sent and tells what it got; `/keep` moves the file away, `/into` writes into a place."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    async def take(request: Request) -> Response:
        if request.url.path == "/into":
            (tmp_path / "place").write_bytes(b"0123456789")
            await receive_into(request, tmp_path / "place", 2, 5)
            return PlainTextResponse((tmp_path / "place").read_text())
        async with receive_to_file(request, scratch, LIMIT, sha256=True) as got:
            assert got.path.stat().st_size == got.size
            if request.url.path == "/keep":
                got.path.rename(tmp_path / "kept")
            if request.url.path == "/fail":
                raise ValueError
            return PlainTextResponse(f"{got.size} {got.sha256}")

    app = Starlette(routes=[Route("/{way}", take, methods=["PUT"])])
    app.add_exception_handler(HubError, on_hub_error)
    app.add_exception_handler(OSError, on_os_error)
    # The shell's own limit is far lower: a handler that streams lifts it.
    return wrap(app, Settings(json_max_bytes=10))


def put(door, pieces, path="/x", headers=None, **more):
    return drive(door, scope_of("PUT", path, headers), pieces, **more)


def left(tmp_path):
    return list((tmp_path / "scratch").iterdir())


@pytest.mark.parametrize("sizes", [[], [1], [1000] * 700, [3 << 20, 1 << 20], [receive.BLOCK] * 3, [0, 5, 0]])
def test_a_body_arrives_whole_and_hashed_however_it_is_cut(door, tmp_path, sizes):
    pieces = [os.urandom(size) for size in sizes]
    whole = b"".join(pieces)
    sent = put(door, pieces)
    assert body_of(sent).decode() == f"{len(whole)} {hashlib.sha256(whole).hexdigest()}"
    assert left(tmp_path) == []


def test_a_file_that_was_moved_away_stays(door, tmp_path):
    put(door, [b"keep me"], "/keep")
    assert (tmp_path / "kept").read_bytes() == b"keep me"
    assert left(tmp_path) == []


def test_a_body_announced_too_large_is_refused_before_a_byte_is_read(door, tmp_path):
    pieces = iter([b"x"])
    sent = put(door, pieces, headers={"Content-Length": str(LIMIT + 1)})
    assert status_of(sent) == 413
    assert list(pieces) == [b"x"]
    assert f"{LIMIT:,} bytes" in body_of(sent).decode()
    assert left(tmp_path) == []


def test_a_body_that_grows_too_large_is_refused_while_counting(door, tmp_path):
    pieces = iter([bytes(1 << 20)] * 100)
    assert status_of(put(door, pieces)) == 413
    assert len(list(pieces)) > 90
    assert left(tmp_path) == []


def test_a_connection_cut_in_the_middle_leaves_nothing(door, tmp_path):
    sent = put(door, [bytes(1 << 20)] * 2, cut=True)
    assert status_of(sent) == 400
    assert left(tmp_path) == []


def test_a_handler_that_fails_leaves_nothing(door, tmp_path):
    assert status_of(put(door, [b"x"], "/fail")) == 500
    assert left(tmp_path) == []


def test_more_than_the_disk_has_room_for_is_refused_at_once(tmp_path, door, monkeypatch):
    usage = type("usage", (), {"free": 100})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert status_of(put(door, [bytes(200)], headers={"Content-Length": "200"})) == 507
    assert status_of(put(door, [bytes(50)], headers={"Content-Length": "50"})) == 200


def test_a_disk_that_fills_up_meanwhile_is_told_as_such(tmp_path, door, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr("os.write", full)
    sent = put(door, [bytes(1 << 20)])
    assert status_of(sent) == 507
    assert b"no room" in body_of(sent)
    assert left(tmp_path) == []


def test_a_part_is_written_into_its_place_and_nowhere_else(door, tmp_path):
    assert body_of(put(door, [b"ab", b"cde"], "/into")) == b"01abcde789"
    assert status_of(put(door, [b"abcdef"], "/into")) == 413
    assert (tmp_path / "place").read_bytes()[7:] == b"789"
    assert status_of(put(door, [b"abc"], "/into")) == 400
