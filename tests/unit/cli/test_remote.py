"""Another hub as it may behave: slow, broken off, lying, or leading elsewhere."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hubkeep.cli import remote
from hubkeep.cli.import_large import Downloads, WrongBytes
from hubkeep.cli.options import opened
from hubkeep.cli.remote import Remote, RemoteRefused
from hubkeep.kit import BadInput

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            answer(self)

        def log_message(self, *_):
            pass

    asked: list[tuple[str, dict[str, str]]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(handler, status, body=b"", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


@pytest.mark.parametrize("bad", ["", "huggingface.co", "ftp://hub.example", "file:///etc/passwd", "http://"])
def test_only_addresses_of_hubs_are_taken(bad):
    with pytest.raises(BadInput, match="--from"):
        Remote(bad)


def test_the_token_is_shown_to_the_hub_and_to_nobody_it_leads_to():
    with serving(lambda h: send(h, 200, b"[]")) as (elsewhere, seen_there):

        def lead_away(handler):
            send(handler, 302, Location=f"{elsewhere}/list")

        with serving(lead_away) as (base, seen_here):
            assert Remote(base, "hf_secret").json("/api/models") == []
    assert seen_here[0][1]["Authorization"] == "Bearer hf_secret"
    assert "Authorization" not in seen_there[0][1]


def test_a_list_goes_on_at_the_same_hub_only():
    def lists(handler):
        links = {"/api/models?author=a": "/api/models?next", "/api/models?next": None}
        following = links[handler.path]
        host = handler.headers["Host"]
        more = {"Link": f'<http://{host}{following}>; rel="next"'} if following else {}
        send(handler, 200, json.dumps([handler.path]).encode(), **more)

    with serving(lists) as (base, _):
        pages = list(Remote(base).pages("/api/models", author="a"))
        assert pages == ["/api/models?author=a", "/api/models?next"]

    def elsewhere(handler):
        send(handler, 200, b"[1]", Link='<http://169.254.169.254/x>; rel="next"')

    with serving(elsewhere) as (base, _), pytest.raises(RemoteRefused, match="another host"):
        list(Remote(base).pages("/api/models"))


def test_what_is_busy_is_asked_again_after_as_long_as_it_says(no_waiting):
    left = [429, 503, 503]

    def busy(handler):
        if left:
            send(handler, left.pop(0), Retry_After="7")
        else:
            send(handler, 200, b"{}")

    with serving(busy) as (base, asked):
        assert Remote(base).json("/api/x") == {}
    assert len(asked) == 4
    assert no_waiting == [8, 8, 8]


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (401, 1), (500, remote.ATTEMPTS)])
def test_what_is_refused_is_told_with_the_hub_s_own_words(status, tries):
    with serving(lambda h: send(h, status, X_Error_Message="Repository not found")) as (base, asked):
        with pytest.raises(RemoteRefused, match=f"{status} Repository not found"):
            Remote(base).json("/api/x")
        assert len(asked) == tries


def test_what_is_no_hub_is_told_so():
    with serving(lambda h: send(h, 200, b"<html>")) as (base, _), pytest.raises(RemoteRefused, match="JSON"):
        Remote(base).json("/api/x")


def test_a_large_file_goes_on_at_the_byte_where_it_broke_off(tmp_path):
    breaks = [300_000, 500_000]

    def sends_some(handler):
        start = int(handler.headers.get("Range", "bytes=0-")[6:-1])
        rest = CONTENT[start:]
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(rest)))
        handler.end_headers()
        handler.wfile.write(rest[: breaks.pop(0)] if breaks else rest)

    with opened(tmp_path / "data") as stores, serving(sends_some) as (base, asked):
        work = tmp_path / "work"
        work.mkdir()
        action = {"href": f"{base}/blob", "header": {"X-Ticket": "t"}}
        Downloads(stores, Remote(base), "ada/x", work).one(SHA256, len(CONTENT), action)
        assert stores.blobs.open(f"lfs/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}").read() == CONTENT
    assert [headers.get("Range") for _, headers in asked] == [None, "bytes=300000-", "bytes=800000-"]
    assert all(headers["X-Ticket"] == "t" and "Authorization" not in headers for _, headers in asked)


def test_other_bytes_than_promised_are_thrown_away(tmp_path):
    with opened(tmp_path / "data") as stores:
        work = tmp_path / "work"
        work.mkdir()
        with serving(lambda h: send(h, 200, CONTENT[::-1])) as (base, _):
            action = {"href": f"{base}/blob"}
            with pytest.raises(WrongBytes):
                Downloads(stores, Remote(base), "ada/x", work).one(SHA256, len(CONTENT), action)
        with pytest.raises(WrongBytes):
            Downloads(stores, Remote(base), "x", work).one(SHA256, 5, {"href": "file:///etc/passwd"})
        assert list(work.iterdir()) == []
        assert list(stores.blobs.list()) == []
