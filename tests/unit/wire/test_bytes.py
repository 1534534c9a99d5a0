"""What HEAD and GET answer, for content in hand, in a file and made on the way."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.unit.wire.asgi import drive, scope_of
from tests.unit.wire.client import Client
from tests.unit.wire.conftest import open_hub

from hubkeep.wire import bytes as wire_bytes
from hubkeep.wire.bytes import Bytes, FileSlice, Stream, content_response
from hubkeep.wire.errors import on_hub_error
from hubkeep.wire.send_bytes import BytesDamaged

ETAG = "c" * 64
CONTENT = bytes(range(256)) * 40
SHAPES = ["bytes", "file", "stream"]


class Door:
    """An application with one answer per shape of content."""

    def __init__(self, hub, folder, content=CONTENT):
        self.content, self.path, self.hub = content, folder / "content", hub
        self.path.write_bytes(b"before" + content + b"after")
        self.closed = threading.Event()
        shapes: dict[str, Callable[[], Bytes | FileSlice | Stream]] = {
            "bytes": lambda: Bytes(self.content),
            "file": lambda: FileSlice(self.path, 6, len(self.content)),
            "stream": lambda: Stream(self.pieces),
        }

        async def answer(request: Request) -> Response:
            headers = {"Content-Type": "text/x-test", "X-Own": "kept"}
            source = shapes[request.path_params["shape"]]()
            return content_response(
                request, etag=ETAG, size=len(self.content), source=source, headers=headers
            )

        self.app = Starlette(
            routes=[Route("/{shape}", answer, methods=["GET", "HEAD"])],
            exception_handlers={BytesDamaged: on_hub_error},
        )
        self.app.state.hub = hub
        self.client = Client(self.app)

    def pieces(self, start, length):
        try:
            for at in range(start, start + length, 1000):
                yield self.content[at : min(at + 1000, start + length)]
        finally:
            self.closed.set()

    def get(self, shape, **headers):
        return self.client.get(
            f"/{shape}", headers={name.replace("_", "-"): value for name, value in headers.items()}
        )


def parts_of(answer):
    """Take a multipart answer apart, strictly: place, type and content of each part."""
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/byteranges"
    assert answer.headers["content-length"] == str(len(answer.content))
    mark = f"\r\n--{boundary}".encode()
    first, *parts, end = (b"\r\n" + answer.content).split(mark)
    assert (first, end) == (b"", b"--\r\n")
    found = []
    for part in parts:
        head, _, content = part.partition(b"\r\n\r\n")
        lines = dict(line.split(": ") for line in head.decode().split("\r\n")[1:])
        found.append((lines["Content-Range"], lines.get("Content-Type"), content))
    return found


@pytest.fixture
def hub(tmp_path):
    hub = open_hub(tmp_path)
    yield hub
    hub.stores.db.close()


@pytest.fixture
def door(hub, tmp_path):
    return Door(hub, tmp_path)


@pytest.mark.parametrize("shape", SHAPES)
def test_everything_comes_with_its_exact_length_and_strong_tag(door, shape):
    answer = door.get(shape)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["etag"] == f'"{ETAG}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert (answer.headers["content-type"], answer.headers["x-own"]) == ("text/x-test", "kept")
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("shape", SHAPES)
def test_head_says_the_same_without_a_body_and_ignores_ranges(door, shape):
    whole, head = door.get(shape), door.client.head(f"/{shape}", headers={"Range": "bytes=0-1"})
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=25)
@given(first=st.integers(0, len(CONTENT) - 1), length=st.integers(1, len(CONTENT)))
def test_a_range_is_206_with_exact_bounds(door, shape, first, length):
    last = first + length - 1
    wanted = CONTENT[first : last + 1]
    answer = door.get(shape, Range=f"bytes={first}-{last}")
    assert (answer.status_code, answer.content) == (206, wanted)
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(CONTENT)}"
    assert answer.headers["content-length"] == str(len(wanted))


@pytest.mark.parametrize("shape", SHAPES)
def test_open_and_suffix_ranges(door, shape):
    assert door.get(shape, Range="bytes=10000-").content == CONTENT[10000:]
    assert door.get(shape, Range="bytes=-7").content == CONTENT[-7:]
    assert door.get(shape, Range="bytes=-99999999").content == CONTENT


@pytest.mark.parametrize("shape", SHAPES)
def test_a_range_behind_the_end_is_416_and_tells_the_size(door, shape):
    answer = door.get(shape, Range=f"bytes={len(CONTENT)}-")
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"
    assert answer.json()["error"] == answer.headers["x-error-message"]


@pytest.mark.parametrize("shape", SHAPES)
def test_several_ranges_come_in_parts_in_the_order_asked(door, shape):
    answer = door.get(shape, Range="bytes=5000-5999, 0-1,-3")
    assert answer.status_code == 206
    assert "content-range" not in answer.headers
    assert parts_of(answer) == [
        ("bytes 5000-5999/10240", "text/x-test", CONTENT[5000:6000]),
        ("bytes 0-1/10240", "text/x-test", CONTENT[:2]),
        ("bytes 10237-10239/10240", "text/x-test", CONTENT[-3:]),
    ]
    assert (answer.headers["etag"], answer.headers["x-own"]) == (f'"{ETAG}"', "kept")


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 11_000), st.integers(0, 11_000)).map(sorted), min_size=2, max_size=9)
)
def test_whatever_ranges_are_asked_their_bytes_come_once(door, shape, wanted):
    answer = door.get(shape, Range="bytes=" + ",".join(f"{first}-{last}" for first, last in wanted))
    there = {place for first, last in wanted for place in range(len(CONTENT))[first : last + 1]}
    if not there:
        assert answer.status_code == 416
        return
    assert answer.status_code == 206
    one = [(answer.headers.get("content-range"), None, answer.content)]
    got = one if "content-range" in answer.headers else parts_of(answer)
    seen: list[int] = []
    for place, _, content in got:
        first, last = map(int, place.removeprefix("bytes ").partition("/")[0].split("-"))
        assert content == CONTENT[first : last + 1]
        seen += range(first, last + 1)
    assert sorted(seen) == sorted(there)


@pytest.mark.parametrize("shape", SHAPES)
def test_of_several_ranges_one_that_is_left_is_sent_as_one(door, shape):
    answer = door.get(shape, Range="bytes=0-5,3-9,99999-")
    assert (answer.status_code, answer.content) == (206, CONTENT[:10])
    assert answer.headers["content-range"] == "bytes 0-9/10240"
    assert door.get(shape, Range="bytes=99999-,20000-").status_code == 416


@pytest.mark.parametrize("shape", SHAPES)
def test_too_many_ranges_are_answered_with_everything(door, shape):
    answer = door.get(shape, Range="bytes=" + ",".join(f"{9 * n}-{9 * n}" for n in range(101)))
    assert (answer.status_code, answer.content) == (200, CONTENT)
    most = door.get(shape, Range="bytes=" + ",".join(f"{9 * n}-{9 * n}" for n in range(100)))
    assert [content for _, _, content in parts_of(most)] == [CONTENT[9 * n : 9 * n + 1] for n in range(100)]


@pytest.mark.parametrize("shape", SHAPES)
def test_several_ranges_of_another_state_are_answered_with_everything(door, shape):
    assert len(parts_of(door.get(shape, Range="bytes=0-1,5-6", If_Range=f'"{ETAG}"'))) == 2
    answer = door.get(shape, Range="bytes=0-1,5-6", If_Range='"other"')
    assert (answer.status_code, answer.content) == (200, CONTENT)


def test_ranges_of_a_stream_that_lost_bytes_break_the_connection(door):
    door.content = bytes(1_000_000)
    door.pieces = lambda start, length: iter([bytes(length - (start == 500_000))])
    with pytest.raises(RuntimeError, match="already started"):
        drive(door.app, scope_of("GET", "/stream", {"Range": "bytes=0-99999,500000-599999,800000-"}))


def test_ranges_of_a_file_that_lost_bytes_are_refused(door):
    door.path.write_bytes(b"short")
    assert door.get("file", Range="bytes=0-1,9-10").status_code == 500


def test_a_client_that_leaves_between_two_ranges_ends_it(door):
    door.content = bytes(10_000_000)
    door.path.write_bytes(b"before" + door.content + b"after")
    ranges = "bytes=0-999999,5000000-9999999"
    for shape in ("file", "stream"):
        sent = drive(door.app, scope_of("GET", f"/{shape}", {"Range": ranges}), leave_after=4)
        assert sum(len(message.get("body", b"")) for message in sent) < 5_000_000


@pytest.mark.parametrize("shape", SHAPES)
def test_conditions(door, shape):
    known = door.get(shape, If_None_Match=f'W/"{ETAG}"')
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", f'"{ETAG}"')
    assert "content-type" not in known.headers
    assert door.get(shape, If_None_Match='"other"').status_code == 200
    assert door.get(shape, If_Match='"other"').status_code == 412
    assert door.get(shape, If_Match="*").status_code == 200
    assert door.get(shape, Range="bytes=0-1", If_Range=f'"{ETAG}"').status_code == 206
    for old in ('"other"', f'W/"{ETAG}"', "Wed, 21 Oct 2015 07:28:00 GMT"):
        answer = door.get(shape, Range="bytes=0-1", If_Range=old)
        assert (answer.status_code, answer.content) == (200, CONTENT)


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_content_too(hub, tmp_path, shape):
    door = Door(hub, tmp_path, b"")
    answer = door.get(shape)
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")
    assert door.get(shape, Range="bytes=0-").status_code == 416
    assert door.get(shape, Range="bytes=-5").status_code == 200


def test_large_content_in_hand_waits_on_disk_and_leaves_nothing_there(hub, tmp_path):
    content = bytes(wire_bytes.SPOOL_BYTES * 3)
    door = Door(hub, tmp_path, content)
    assert door.get("bytes").content == content
    assert door.get("bytes", Range="bytes=1-").content == content[1:]
    half = len(content) // 2
    parts = parts_of(door.get("bytes", Range=f"bytes={half}-,0-{half - 2}"))
    assert [each for _, _, each in parts] == [content[half:], content[: half - 1]]
    assert list(hub.stores.scratch.iterdir()) == []


def test_a_file_that_lost_bytes_is_told_before_anything_is_sent(door):
    door.path.write_bytes(b"short")
    answer = door.get("file")
    assert answer.status_code == 500
    assert "fsck" in answer.json()["error"]
    door.path.unlink()
    assert door.get("file").status_code == 500


def test_a_stream_that_ends_early_breaks_the_connection_instead_of_lying(door):
    door.content = bytes(1_000_000)
    door.pieces = lambda *_: iter([bytes(500_000)])
    with pytest.raises(RuntimeError, match="already started"):
        drive(door.app, scope_of("GET", "/stream"))
    door.pieces = lambda *_: iter([])
    assert door.get("stream").status_code == 500


def test_a_client_that_leaves_ends_the_stream(door):
    door.content = bytes(10_000_000)
    sent = drive(door.app, scope_of("GET", "/stream"), leave_after=3)
    assert door.closed.wait(60)
    assert sum(len(message.get("body", b"")) for message in sent) < len(door.content)


def test_nginx_sends_the_file_where_it_is_told_to(tmp_path):
    hub = open_hub(tmp_path, accel_redirect="/_data/")
    try:
        door = Door(hub, tmp_path)
        door.path = door.path.rename(tmp_path / "blobs" / "a b#c")
        answer = door.get("file", Range="bytes=0-1")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["x-accel-redirect"] == "/_data/blobs/a%20b%23c"
        assert answer.headers["etag"] == f'"{ETAG}"'
        assert door.client.head("/file").headers["content-length"] == str(len(CONTENT))
        assert door.get("file", If_None_Match=f'"{ETAG}"').status_code == 304
    finally:
        hub.stores.db.close()
