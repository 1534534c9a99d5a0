import json
import logging
import re
import sys

import pytest

from hubkeep.kit.log import configure, hide_secrets

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error) +[\w.]+: .*")


@pytest.fixture
def log(monkeypatch):
    """A logger, and the root as it was afterwards."""
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield logging.getLogger("hubkeep.test")
    root.handlers, root.level = before


def fail() -> None:
    raise ValueError("no\nhope hf_abcdefghijklmnopqrstuvwxyz")


def test_an_event_is_one_line_with_its_facts(log, capfd):
    configure("info")
    log.info("request", extra={"status": 200, "path": "/a b", "ms": 1.5})
    line = capfd.readouterr().err
    assert LINE.fullmatch(line.rstrip("\n"))
    assert line.endswith(' hubkeep.test: request status=200 path="/a b" ms=1.5\n')


def test_for_machines_an_event_is_an_object(log, capfd):
    configure("info", "json")
    log.warning("request", extra={"status": 200, "path": "/ä\n"})
    found = json.loads(capfd.readouterr().err)
    assert found.pop("time").endswith("Z")
    assert found == {
        "level": "warning",
        "logger": "hubkeep.test",
        "event": "request",
        "status": 200,
        "path": "/ä\n",
    }


def test_nobody_outside_writes_lines_of_ours(log, capfd):
    configure("info")
    log.info("GET /\n2026-01-01T00:00:00.000Z info forged: x", extra={"agent": "a\r\nb\x1b[31m\u2028c"})
    assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_stays_in_the_line_of_its_event(log, capfd, form):
    configure("info", form)
    try:
        fail()
    except ValueError:
        log.exception("it failed")
    told = capfd.readouterr().err
    assert told.count("\n") == 1
    assert "ValueError: no" in told
    assert "test_log.py" in told
    assert "hf_abcd…" in told
    assert "hf_abcde" not in told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token hf_abcdefghijklmnopqrstuvwxyz012345 used", "token hf_abcd… used"),
        ("Authorization: Bearer hf_abcdefghij", "Authorization: Bearer …"),
        ("authorization: Basic dXNlcjpwYXNz", "authorization: Basic …"),
        ("postgresql://hub:hunter2@db/hub", "postgresql://hub:…@db/hub"),
        ("https://user:hf_abcdefghij@host/x.git", "https://user:…@host/x.git"),
        ("GET /b?X-Amz-Signature=0123abc&X-Amz-Date=1", "GET /b?X-Amz-Signature=…&X-Amz-Date=1"),
        ("{'password': 'hunter2', 'name': 'ada'}", "{'password': '…', 'name': 'ada'}"),
        ("secret_key=abc other=1", "secret_key=… other=1"),
        ("PUT /lfs?token=eyJ.abc.def", "PUT /lfs?token=…"),
        ("a token expired, the secret of life", "a token expired, the secret of life"),
        ("tokenizer=fast sha256=abcdef0123", "tokenizer=fast sha256=abcdef0123"),
        ("http://localhost:8000/x", "http://localhost:8000/x"),
    ],
)
def test_secrets_are_never_logged(text, shown):
    assert hide_secrets(text) == shown


def test_secrets_in_facts_are_hidden_too(log, capfd):
    configure("info", "json")
    log.info("x", extra={"url": "/?sig=abcdef", "error": ValueError("hf_abcdefghijkl")})
    told = capfd.readouterr().err
    assert "abcdef" not in told
    assert "hf_abcde" not in told


def test_the_level_is_the_least_severity_shown(log, capfd):
    configure("warning")
    log.info("quiet")
    log.warning("loud")
    assert "quiet" not in capfd.readouterr().err


def test_other_programs_loggers_speak_through_ours(log, capfd):
    configure("info")
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("alembic.runtime.migration").info("Running upgrade")
    told = capfd.readouterr().err
    assert "uvicorn.error: Started" in told
    assert "alembic" not in told


def test_configuring_twice_tells_nothing_twice(log, capfd):
    configure("info")
    configure("info")
    log.info("once")
    assert capfd.readouterr().err.count("once") == 1
    assert logging.getLogger().handlers[0].stream is sys.stderr  # type: ignore[attr-defined]
