import logging

import pytest
from starlette.responses import PlainTextResponse, StreamingResponse
from tests.unit.wire.asgi import body_of, drive, header_of, scope_of, status_of

from hubkeep.kit import Settings
from hubkeep.wire.contract import EXPOSED_HEADERS
from hubkeep.wire.middleware import wrap


def shell(app, **over):
    return wrap(app, Settings(**over))


async def hello(scope, receive, send):
    await PlainTextResponse("hello", headers={"X-Method": scope["method"]})(scope, receive, send)


@pytest.mark.parametrize("name", ["X-Request-Id", "X-Amzn-Trace-Id"])
def test_the_request_id_of_the_client_comes_back(name):
    sent = drive(shell(hello), scope_of("GET", "/", {name: "5f3e-a:b;Root=1"}))
    assert header_of(sent, "x-request-id") == "5f3e-a:b;Root=1"


@pytest.mark.parametrize("bad", ["", "a b", "x" * 200, "ü", '"', "<script>"])
def test_an_id_that_is_no_plain_word_is_replaced(bad):
    ids = [
        header_of(drive(shell(hello), scope_of("GET", "/", {"X-Request-Id": bad})), "x-request-id")
        for _ in range(2)
    ]
    assert bad not in ids
    assert ids[0] != ids[1]
    assert all(ids)


def test_every_answer_is_protected_and_says_who_serves():
    sent = drive(shell(hello), scope_of("GET", "/"))
    assert header_of(sent, "server") == "hubkeep"
    assert header_of(sent, "x-content-type-options") == "nosniff"
    assert header_of(sent, "referrer-policy")
    assert header_of(sent, "strict-transport-security") is None
    sent = drive(shell(hello, public_url="https://hub.example"), scope_of("GET", "/"))
    assert header_of(sent, "strict-transport-security")


def test_what_a_handler_says_itself_is_said_once():
    async def app(scope, receive, send):
        await PlainTextResponse("", headers={"X-Content-Type-Options": "other"})(scope, receive, send)

    names = [name for name, _ in drive(shell(app), scope_of("GET", "/"))[0]["headers"]]
    assert len(names) == len(set(names))


def test_pages_of_other_origins_may_read_without_cookies():
    sent = drive(shell(hello), scope_of("GET", "/", {"Origin": "https://elsewhere.example"}))
    assert header_of(sent, "access-control-allow-origin") == "*"
    assert header_of(sent, "access-control-allow-credentials") is None
    assert header_of(sent, "access-control-expose-headers") == EXPOSED_HEADERS
    assert header_of(drive(shell(hello), scope_of("GET", "/")), "access-control-allow-origin") is None


def test_a_preflight_is_answered_for_every_path():
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, x-whatever",
    }
    sent = drive(shell(hello), scope_of("OPTIONS", "/anything", asked))
    assert (status_of(sent), body_of(sent)) == (204, b"")
    assert header_of(sent, "access-control-allow-headers") == "authorization, x-whatever"
    assert "PUT" in str(header_of(sent, "access-control-allow-methods"))
    hostile = asked | {"Access-Control-Request-Headers": "a: b"}
    assert (
        header_of(drive(shell(hello), scope_of("OPTIONS", "/", hostile)), "access-control-allow-headers")
        is None
    )


def test_an_ordinary_options_reaches_the_application():
    assert header_of(drive(shell(hello), scope_of("OPTIONS", "/")), "x-method") == "OPTIONS"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/models/ada/there", 200),
        ("/api/models/ada/there/tree/main", 200),
        ("/api/models/ada/there/nothing", 404),
        ("/api/models/ada/nope", 401),
        ("/api/agent-harnesses", 200),
        ("/api/whoami-v2", 401),
        ("/api/nothing", 404),
        ("/", 200),
        ("/ada/there", 200),
        ("/nobody/here", 401),
    ],
)
def test_head_says_what_get_says(house, path, status):
    house.make_repo(name="there")
    get, head = house.client.get(path), house.client.head(path)
    assert get.status_code == status
    assert (head.status_code, head.content) == (status, b"")
    assert head.headers["content-length"] == str(len(get.content))
    assert head.headers.get("x-error-message") == get.headers.get("x-error-message")
    assert head.headers.get("x-error-code") == get.headers.get("x-error-code")


def test_head_of_a_post_only_route_is_405(house):
    answer = house.client.head("/api/validate-yaml")
    assert answer.status_code == 405
    assert answer.headers["x-error-message"]


def test_a_large_body_is_refused_before_it_is_in_memory(make_house):
    house = make_house(json_max_bytes=1000)
    answer = house.client.post("/api/validate-yaml", json={"content": "x" * 1000})
    assert answer.status_code == 413
    assert "1,000 bytes" in answer.headers["x-error-message"] == answer.json()["error"]

    pieces = iter([b" " * 100] * 100)
    json = {"Content-Type": "application/json"}
    sent = drive(house.app, scope_of("POST", "/api/validate-yaml", json), pieces)
    assert status_of(sent) == 413
    assert len(list(pieces)) > 80
    assert house.client.post("/api/validate-yaml", json={"content": "---\n---\n"}).status_code == 200


def test_an_exception_nobody_expected_is_a_json_500_and_is_logged_with_the_request_id(caplog):
    async def app(scope, receive, send):
        raise ValueError("a secret detail")

    sent = drive(shell(app), scope_of("GET", "/", {"X-Request-Id": "req-7"}))
    assert status_of(sent) == 500
    assert b"secret" not in body_of(sent)
    assert body_of(sent).startswith(b'{"error":')
    assert any("req-7" in record.getMessage() and record.exc_info for record in caplog.records)


def test_an_answer_that_broke_off_is_not_ended_politely(caplog):
    async def pieces():
        yield b"half"
        raise ValueError

    async def app(scope, receive, send):
        await StreamingResponse(pieces())(scope, receive, send)

    sent = drive(shell(app), scope_of("GET", "/"))
    assert all(message.get("more_body", True) for message in sent[1:])
    assert any("broke off" in record.getMessage() for record in caplog.records)


def test_the_access_log_tells_who_did_what_without_secrets(caplog):
    caplog.set_level(logging.INFO, "hubkeep.access")
    headers = {
        "Authorization": "Bearer hf_secret",
        "Cookie": "hubkeep_session=secret",
        "X-Request-Id": "req-1",
    }
    drive(
        shell(hello), scope_of("GET", "/a%2Fb", headers, "recursive=true&ticket=secret&token=secret&secret")
    )
    (line,) = [record.getMessage() for record in caplog.records if record.name == "hubkeep.access"]
    assert line.startswith("127.0.0.1 GET /a%2Fb?recursive=true&ticket=...&token=...&secret=... 200 5 ")
    assert line.endswith(" req-1")
    assert "hf_" not in line


def test_a_line_cannot_be_forged_in_the_log(caplog):
    caplog.set_level(logging.INFO, "hubkeep.access")
    scope = scope_of("GET", "/") | {"raw_path": b"/a\nb", "query_string": b"service=\nx"}
    drive(shell(hello), scope)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "hubkeep.access"]
    assert "\n" not in line


def test_a_client_that_left_before_the_answer_is_a_499(caplog):
    caplog.set_level(logging.INFO, "hubkeep.access")

    async def app(scope, receive, send):
        await receive()

    drive(shell(app), scope_of("GET", "/"))
    assert " 499 " in caplog.records[-1].getMessage()


def test_other_protocols_pass_through():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    drive(shell(app), {"type": "lifespan"})
    drive(shell(app), {"type": "websocket"})
    assert seen == ["lifespan", "websocket"]
