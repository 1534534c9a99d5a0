"""Whose word about an address counts."""

import pytest
from pydantic import ValidationError
from starlette.responses import PlainTextResponse
from tests.unit.wire.asgi import body_of, drive, scope_of

from hubkeep.kit import Settings
from hubkeep.wire.client_address import Proxies
from hubkeep.wire.middleware import wrap

OURS = Proxies("10.0.0.0/8, 2001:db8::/32")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.1.1.1", "192.0.2.7", "192.0.2.7"),
        ("10.1.1.1", "192.0.2.7:4711", "192.0.2.7"),
        ("10.1.1.1", "[2001:dead::1]:443", "2001:dead::1"),
        ("10.1.1.1", "203.0.113.9, 192.0.2.7, 10.2.2.2", "192.0.2.7"),
        ("10.1.1.1", "10.9.9.9", "10.9.9.9"),  # all ours: the farthest of them
        ("2001:db8::1", "192.0.2.7", "192.0.2.7"),
        ("::ffff:10.1.1.1", "192.0.2.7", "192.0.2.7"),
        ("192.0.2.99", "127.0.0.1", "192.0.2.99"),  # a stranger's word is worth nothing
        ("10.1.1.1", "<script>", "10.1.1.1"),
        ("10.1.1.1", "192.0.2.7, unknown", "10.1.1.1"),
        ("10.1.1.1", ",".join(["10.0.0.1"] * 5000 + ["192.0.2.7"]), "192.0.2.7"),
        ("10.1.1.1", "", "10.1.1.1"),
    ],
)
def test_the_client_is_the_last_address_that_a_proxy_of_ours_has_seen(peer, forwarded, client):
    assert OURS.client(peer, [forwarded.encode()]) == client


def test_two_headers_are_one_list():
    assert OURS.client("10.1.1.1", [b"203.0.113.9", b"192.0.2.7"]) == "192.0.2.7"


@pytest.mark.parametrize(("trusted", "seen"), [("", "127.0.0.1"), ("127.0.0.1", "192.0.2.7")])
def test_the_application_sees_the_client_that_trusted_proxies_name(trusted, seen):
    async def app(scope, receive, send):
        await PlainTextResponse(scope["client"][0])(scope, receive, send)

    sent = drive(
        wrap(app, Settings(trusted_proxies=trusted)),
        scope_of("GET", "/", {"X-Forwarded-For": "192.0.2.7"}),
    )
    assert body_of(sent) == seen.encode()


@pytest.mark.parametrize("bad", ["proxy.example.org", "10.0.0.0/99", "10.0.0.1/8"])
def test_a_setting_that_names_no_network_is_refused(bad):
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Settings(trusted_proxies=bad)
