"""Webhooks call a real receiver on this machine: one that takes everything, is down for a while, redirects, or dawdles."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa
from tests.tools.ports import free_port
from tests.unit.community.conftest import make_house as make_house

from hubkeep.community import webhooks
from hubkeep.community.webhooks import Fate, State, Wish
from hubkeep.kit import now
from hubkeep.kit.tables import jobs

LOOPBACK = {"private_addresses": True, "attempts": 3, "suspend_after": 2, "timeout_seconds": 2}


class Receiver:
    """Keeps what it is sent; `status` is what it answers, `location` where it sends callers on."""

    def __init__(self):
        self.got: list[tuple] = []
        self.status, self.location, self.drip = 200, "", False
        self.left = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0" if not receiver.drip else "100000")
                self.end_headers()
                while receiver.drip:
                    try:
                        self.wfile.write(b".")
                    except OSError:
                        receiver.left.set()
                        return
                    time.sleep(0.1)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.drip = False
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.stop()


def hasten(house):
    """Let every waiting job be due, as if time had passed."""
    with house.stores.db.write() as tx:
        tx.sql.execute(sa.update(jobs).where(jobs.c.kind == webhooks.DELIVER).values(run_at=now()))


def hook(house, repo, url, **over):
    return house.do(
        webhooks.create, house.ada, Wish("http://hub.test", url, [("model", repo.full_name)], **over)
    )


def log(house, made):
    return house.ask(webhooks.deliveries, house.ada, made.id)[0]


def test_a_call_has_the_payload_and_the_secret(make_house, receiver):
    house = make_house(webhooks=LOOPBACK, public_url="https://hub.example")
    repo = house.make_repo()
    made = hook(house, repo, receiver.url, secret="sesame")
    house.discuss(repo, house.eve, text="Grüße")
    house.work()
    ((path, headers, told),) = receiver.got
    assert path == "/hook?x=1"
    assert headers["X-Webhook-Secret"] == "sesame"
    assert headers["Content-Type"] == "application/json"
    assert told["event"] == {"action": "create", "scope": "discussion"}
    assert told["webhook"]["version"] == 3
    assert told["repo"]["url"]["web"] == f"https://hub.example/{repo.full_name}"
    assert told["discussion"]["url"]["api"].startswith("https://hub.example/api/models/")
    assert told["comment"]["content"] == "Grüße"
    (entry,) = log(house, made)
    assert (entry.fate, entry.status, entry.attempts) == (Fate.DELIVERED, 200, 1)


def test_a_receiver_that_is_down_for_a_while_gets_everything_later(make_house, receiver):
    house = make_house(webhooks=LOOPBACK)
    repo = house.make_repo()
    made = hook(house, repo, receiver.url)
    receiver.status = 503
    house.discuss(repo)
    house.work()
    (entry,) = log(house, made)
    assert (entry.fate, entry.status, entry.attempts) == (Fate.WAITING, 503, 1)
    receiver.status = 204
    hasten(house)
    house.work()
    (entry,) = log(house, made)
    assert (entry.fate, entry.status, entry.attempts) == (Fate.DELIVERED, 204, 2)
    assert receiver.got[0][2] == receiver.got[1][2]


def test_long_failure_suspends_and_switching_on_again_lets_replay(make_house, receiver):
    house = make_house(webhooks=LOOPBACK)
    repo = house.make_repo()
    closed = f"http://127.0.0.1:{free_port()}/"
    made = hook(house, repo, closed)
    for _ in range(2):
        house.discuss(repo)
        for _ in range(3):
            house.work()
            hasten(house)
    assert [entry.fate for entry in log(house, made)] == [Fate.FAILED, Fate.FAILED]
    assert house.ask(webhooks.find, house.ada, made.id).state is State.SUSPENDED
    house.discuss(repo)
    house.work()
    assert len(log(house, made)) == 2
    house.do(webhooks.update, house.ada, made.id, Wish("http://hub.test", receiver.url))
    house.do(webhooks.switch, house.ada, made.id, on=True)
    house.do(webhooks.replay, house.ada, made.id, log(house, made)[-1].id)
    house.work()
    assert receiver.got[0][2]["discussion"]["num"] == 1
    assert log(house, made)[0].fate is Fate.DELIVERED


def test_a_webhook_switched_off_meanwhile_is_not_called(make_house, receiver):
    house = make_house(webhooks=LOOPBACK)
    repo = house.make_repo()
    made = hook(house, repo, receiver.url)
    receiver.status = 500
    house.discuss(repo)
    house.work()
    house.do(webhooks.switch, house.ada, made.id, on=False)
    hasten(house)
    house.work()
    assert (len(receiver.got), log(house, made)[0].fate) == (1, Fate.DROPPED)


def test_redirects_are_not_followed(make_house, receiver):
    house = make_house(webhooks=LOOPBACK)
    repo = house.make_repo()
    made = hook(house, repo, receiver.url)
    receiver.status, receiver.location = 307, f"http://127.0.0.1:{receiver.port}/elsewhere"
    house.discuss(repo)
    house.work()
    assert [path for path, _, _ in receiver.got] == ["/hook?x=1"]
    assert log(house, made)[0].status == 307


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0"]
)
def test_private_addresses_are_not_called_however_they_are_written(make_house, receiver, host):
    house = make_house(webhooks={**LOOPBACK, "private_addresses": False})
    repo = house.make_repo()
    made = hook(house, repo, f"http://{host}:{receiver.port}/")
    house.discuss(repo)
    house.work()
    assert receiver.got == []
    (entry,) = log(house, made)
    assert entry.status == 0
    assert entry.error


def test_a_name_that_turns_private_after_the_check_is_not_reached(make_house, receiver, monkeypatch):
    """The name is looked up once; what was checked is what is connected to."""
    asked: list[str] = []
    answers = [("93.184.216.34", 80), ("127.0.0.1", receiver.port)]

    def lookup(host, port, **_):
        if host != "rebinding.example":  # an address is looked up by the library too, as itself
            return real(host, port, **_)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", answers[len(asked) - 1])]

    connected = []

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connect)
    house = make_house(webhooks={**LOOPBACK, "private_addresses": False})
    repo = house.make_repo()
    hook(house, repo, "http://rebinding.example/")
    house.discuss(repo)
    house.work()
    assert (asked, connected) == (["rebinding.example"], [("93.184.216.34", 80)])


def test_a_receiver_that_dawdles_is_left(make_house, receiver):
    house = make_house(webhooks={**LOOPBACK, "timeout_seconds": 1})
    repo = house.make_repo()
    made = hook(house, repo, receiver.url)
    receiver.drip = True
    house.discuss(repo)
    house.work()
    assert log(house, made)[0].attempts == 1
    assert receiver.left.wait(60)
