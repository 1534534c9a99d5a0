"""A webhook that was promised is delivered: whatever happens to its receiver, and to the hub."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.faults.hub import Hub, until
from tests.tools.ports import free_port

QUICK: dict[str, Any] = {
    "HUBKEEP_WEBHOOKS__PRIVATE_ADDRESSES": "true",
    "HUBKEEP_WEBHOOKS__RETRY_SECONDS": "0.3",
    "HUBKEEP_WEBHOOKS__ATTEMPTS": "8",
    "HUBKEEP_JOBS__LEASE_SECONDS": "5",
}


class Receiver:
    """Keeps what it is sent; `hold` makes it take a call and never answer."""

    def __init__(self, port: int) -> None:
        self.got: queue.Queue[tuple[dict, dict]] = queue.Queue()
        self.called, self.hold = threading.Event(), False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                held = receiver.hold
                receiver.called.set()
                if held:
                    self.connection.settimeout(120)
                    while self.connection.recv(1):  # until the caller is gone
                        pass
                    return
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                receiver.got.put((dict(self.headers), json.loads(body)))

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hub(tmp_path):
    hub = Hub(tmp_path, **QUICK)
    with hub:
        hub.furnish()
        yield hub


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def receive(port):
    made: list[Receiver] = []

    def receive() -> Receiver:
        made.append(Receiver(port))
        return made[-1]

    yield receive
    for one in made:
        one.stop()


def watch(hub: Hub, repo: str, port: int) -> str:
    """Make a webhook; return the address of its log."""
    wish = {
        "url": f"http://127.0.0.1:{port}/hook",
        "watched": [{"type": "model", "name": repo}],
        "domains": ["repo"],
        "secret": "psst",
    }
    with hub.api as api:
        made = api.post("/api/settings/webhooks", json=wish).raise_for_status().json()["webhook"]
    return f"/api/settings/webhooks/{made['id']}/deliveries"


def log(hub: Hub, path: str) -> list[dict]:
    with hub.api as api:
        return list(api.get(path).raise_for_status().json())


def test_a_receiver_that_was_down_is_called_by_a_hub_that_was_killed(hub, port, receive):
    repo = hub.create("bert")
    path = watch(hub, repo, port)
    hub.commit(repo, {"a.txt": b"a"}).raise_for_status()
    until(lambda: log(hub, path) and log(hub, path)[0]["attempts"] >= 1, "the first call failed")
    first = log(hub, path)[0]
    assert (first["status"], first["statusCode"]) == ("waiting", None)
    assert first["error"]
    hub.kill()
    receiver = receive()
    hub.start()
    headers, payload = receiver.got.get(timeout=120)
    assert headers["X-Webhook-Secret"] == "psst"
    assert payload["event"] == {"action": "update", "scope": "repo.content"}
    assert payload["repo"]["name"] == repo
    assert payload["updatedRefs"][0]["ref"] == "refs/heads/main"
    until(lambda: log(hub, path)[0]["status"] == "delivered", "the log tells of it")
    done = log(hub, path)[0]
    assert (done["id"], done["statusCode"]) == (first["id"], 200)
    assert done["attempts"] > first["attempts"]


def test_a_hub_killed_in_the_middle_of_a_call_calls_again(hub, port, receive):
    repo = hub.create("bert")
    path = watch(hub, repo, port)
    receiver = receive()
    receiver.hold = True
    hub.commit(repo, {"a.txt": b"a"}).raise_for_status()
    assert receiver.called.wait(120)
    hub.kill()
    receiver.hold = False
    hub.start()
    headers, payload = receiver.got.get(timeout=120)
    assert payload["event"]["scope"] == "repo.content"
    until(lambda: log(hub, path)[0]["status"] == "delivered", "the log tells of it")
    assert int(headers["X-Webhook-Delivery"]) > 0
    assert receiver.got.empty()
