"""Fixtures of every tier that runs real clients: one hub per session, people on it, and their clients."""

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.clients.harness.client import Client, Clients
from tests.clients.harness.git import Git
from tests.clients.harness.node import run_story
from tests.clients.harness.server import Server

NEWEST = "hub-2.4.0"
PEOPLE = ("ada", "bob", "eve")  # ada does things, bob is in an organization with her, eve is a stranger.


@pytest.fixture(scope="session")
def hub(tmp_path_factory) -> Iterator[Server]:
    """The hub, with PEOPLE and their organization. Without it there is nothing to test: the run ends.

    After everything that the tests did to it, it must be sound, and must never have been surprised.
    """
    server = Server(tmp_path_factory.mktemp("hub"))
    try:
        server.start()
        server.add_users(*PEOPLE)
        server.add_org("lab", "ada:admin", "bob:read")
    except RuntimeError as problem:
        server.stop()
        pytest.exit(f"the hub cannot be set up: {problem}", returncode=1)
    yield server
    server.stop()
    if surprises := server.surprises():
        pytest.fail("the hub was surprised:\n" + "\n".join(surprises), pytrace=False)
    server.command("fsck", "--deep")


@pytest.fixture(scope="session")
def tokens(hub: Server) -> dict[str, str]:
    """A write token of each person, and one of ada's that may only read."""
    return hub.make_tokens(ada="ada:write", bob="bob:write", eve="eve:write", **{"ada-reads": "ada:read"})


@pytest.fixture(scope="session")
def clients(tmp_path_factory) -> Iterator[Clients]:
    made = Clients(tmp_path_factory.mktemp("clients"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def client(hub: Server, tokens: dict[str, str], clients: Clients) -> Callable[..., Client]:
    """`client("hub-1.33.0", "ada")`: the long-lived client of that version for that person (None: not signed in)."""

    def client(venv: str, user: str | None, **env: str) -> Client:
        return clients.of(venv, hub.url, user and tokens[user], **env)

    return client


@pytest.fixture
def fresh(hub, tokens, clients) -> Iterator[Callable[..., Client]]:
    """Like `client`, but a new process with an empty home: nothing cached. Ends with the test."""
    made: list[Client] = []

    def fresh(user: str | None, venv: str = NEWEST, *, endpoint: str = "", **env: str) -> Client:
        made.append(clients.fresh(venv, endpoint or hub.url, user and tokens[user], **env))
        return made[-1]

    yield fresh
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def ada(client: Callable[..., Client]) -> Client:
    return client(NEWEST, "ada")


@pytest.fixture(scope="session")
def bob(client: Callable[..., Client]) -> Client:
    return client(NEWEST, "bob")


@pytest.fixture(scope="session")
def eve(client: Callable[..., Client]) -> Client:
    return client(NEWEST, "eve")


@pytest.fixture(scope="session")
def nobody(client: Callable[..., Client]) -> Client:
    return client(NEWEST, None)


@pytest.fixture
def repo(request) -> str:
    """A repository name of ada's that no other test uses. Nothing is created."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())
    return f"ada/{next(_numbers)}-{words[:40].strip('-')}"


@pytest.fixture
def git(hub, tokens, tmp_path) -> Callable[[str | None], Git]:
    """`git("ada")`: git and git-lfs for one person, in an empty home (None: no credentials)."""
    return lambda user: Git(hub.url, user and tokens[user], tmp_path / f"git-{user}")


@pytest.fixture
def node(hub, tokens, tmp_path) -> Callable[..., Any]:
    """`node("story", "ada", repo=…)`: run a story of @huggingface/hub (None: no token); returns what it returned."""

    def node(story: str, user: str | None = "ada", **given: object) -> Any:
        return run_story(story, hub.url, user and tokens[user], tmp_path, **given)

    return node


_numbers = itertools.count(1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show what the hub logged during a failed test."""
    report = yield
    hub = item.funcargs.get("hub") if hasattr(item, "funcargs") else None
    if report.failed and isinstance(hub, Server) and hub.log.exists():
        report.sections.append(("hub's log during this test", hub.tail(_log_at_start.get(item.nodeid, 0))))
    return report


@pytest.fixture(autouse=True)
def remember_log_position(request) -> None:
    log: Path | None = request.getfixturevalue("hub").log if "hub" in request.fixturenames else None
    _log_at_start[request.node.nodeid] = log.stat().st_size if log else 0


_log_at_start: dict[str, int] = {}
