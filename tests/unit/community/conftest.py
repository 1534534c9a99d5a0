"""A small hub without HTTP, with people who talk about its repositories."""

import itertools
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp
from tests.tools.schema import with_tables
from tests.unit.repos.conftest import House as Repos
from tests.unit.wire.client import URL, Client

from hubkeep import accounts, community, repos, search
from hubkeep.accounts import STRANGER, Actor, Role, TokenRole
from hubkeep.community import discussions, pulls
from hubkeep.community.discussions import Details, Happened
from hubkeep.community.pulls import Opened, PullDetails
from hubkeep.git import GitCache
from hubkeep.hub import Hub
from hubkeep.kit import Bus, Database, HubError, Settings, Signer
from hubkeep.kit.jobs import Worker
from hubkeep.repos import Repo, Stores
from hubkeep.storage import LocalBlobs
from hubkeep.wire import activity as wire_activity
from hubkeep.wire import attachments as wire_attachments
from hubkeep.wire import collections as wire_collections
from hubkeep.wire import commit as wire_commit
from hubkeep.wire import discussions as wire_discussions
from hubkeep.wire import errors, likes, middleware, notifications, people, raw_path, refs
from hubkeep.wire import repos as wire_repos
from hubkeep.wire import webhooks as wire_webhooks
from hubkeep.wire.shapes.speech import renderer

# isort: split
from hubkeep import web  # after wire, which makes the router know `{x:seg}` and its like

_numbers = itertools.count()


@dataclass
class House(Repos):
    """Ada owns what is made, Eve is a stranger to it, Rob reads and Wim writes in the organization `acme`."""

    rob: Actor
    wim: Actor
    root: Actor

    def ask(self, verb: Callable[..., Any], actor: Actor, *args: Any, **kwargs: Any) -> Any:
        """Run a reading verb in a transaction of its own."""
        with self.stores.db.read() as tx:
            return verb(tx, actor, *args, **kwargs)

    def do(self, verb: Callable[..., Any], actor: Actor, *args: Any, **kwargs: Any) -> Any:
        """Run a writing verb in a transaction of its own."""
        with self.stores.db.write() as tx:
            return verb(tx, actor, *args, **kwargs)

    def on(self, verb: Callable[..., Any], actor: Actor, repo: Repo, *args: Any, **kwargs: Any) -> Any:
        """Run a writing verb on a repository."""
        return self.do(verb, actor, repo.kind, repo.full_name, *args, **kwargs)

    def work(self) -> int:
        """Run every job that is due; return how many there were."""
        handlers = {**repos.HANDLERS, **search.HANDLERS, **community.HANDLERS}
        worker = Worker(self.stores.db, {kind: partial(job, self.stores) for kind, job in handlers.items()})
        done = 0
        while worker.run_one():
            done += 1
        return done

    def discuss(
        self, repo: Repo, actor: Actor | None = None, title: str = "A question", text: str = "Why?"
    ) -> Happened:
        """Open a discussion through the real verb."""
        happened: Happened = self.on(discussions.create, actor or self.ada, repo, title, text)
        return happened

    def details(self, repo: Repo, num: int, actor: Actor = STRANGER, **kwargs: Any) -> Details:
        """Return a discussion with its events."""
        found: Details = self.ask(discussions.details, actor, repo.kind, repo.full_name, num, **kwargs)
        return found

    def propose(
        self, repo: Repo, *operations: dict, actor: Actor | None = None, rev: str = "main", **header: Any
    ) -> Opened:
        """Open a pull request with a commit, as `create_pr=1` does."""
        lines = [
            {"key": "header", "value": {"summary": "a proposal", "description": ""} | header},
            *operations,
        ]
        body = self.stores.scratch / f"proposal{next(_numbers)}"
        body.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return pulls.open_with_commit(self.stores, actor or self.eve, repo.kind, repo.full_name, rev, body)

    def merge(self, repo: Repo, num: int, actor: Actor | None = None, comment: str | None = None) -> Happened:
        """Merge a pull request."""
        return pulls.merge(self.stores, actor or self.ada, repo.kind, repo.full_name, num, comment)

    def pull(self, repo: Repo, num: int, actor: Actor = STRANGER, **kwargs: Any) -> PullDetails:
        """Return a pull request with everything about it."""
        return pulls.details(self.stores, actor, repo.kind, repo.full_name, num, **kwargs)

    def file(self, repo: Repo, path: str, rev: str = "main") -> bytes:
        """Return a small file's bytes."""
        with self.stores.db.read() as tx:
            found = repos.resolve(tx, self.ada, self.stores, repo.kind, repo.full_name, rev, path, body=True)
        assert found.data is not None
        return found.data

    def ref(self, repo: Repo, name: str = "refs/heads/main") -> str:
        """Return where a ref stands."""
        with self.stores.db.read() as tx:
            return repos.refs_of(tx, repo.id)[name]


def open_house(tmp_path: Path, **over: Any) -> House:
    """Build the house; `over` are settings."""
    settings = Settings(data=tmp_path, **over)
    db = Database(with_tables(settings.sql_url), Bus())
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    blobs = LocalBlobs(tmp_path / "blobs")
    stores = Stores(
        db, blobs, GitCache(tmp_path / "git-cache", blobs, scratch), scratch, settings, Signer("test")
    )
    search.subscribe(db.bus)
    community.subscribe(db.bus)
    with db.write() as tx:
        people = {
            name: accounts.add_user(tx, name, f"{name}@example.org") for name in ("ada", "eve", "rob", "wim")
        }
        root = accounts.add_user(tx, "root", "root@example.org", is_admin=True)
        accounts.add_org(tx, "acme", {"ada": Role.ADMIN, "rob": Role.READ, "wim": Role.WRITE})
    with db.read() as tx:
        actors = {name: accounts.actor_of(tx, user.id, True) for name, user in people.items()}
        return House(stores, **actors, root=accounts.actor_of(tx, root.id, True))


@pytest.fixture
def make_house(tmp_path):
    """Return a function that opens a house with other settings."""
    opened: list[House] = []

    def make(**over: Any) -> House:
        opened.append(open_house(tmp_path, **over))
        return opened[-1]

    yield make
    for house in opened:
        house.stores.db.close()


@pytest.fixture
def house(make_house):
    return make_house()


@dataclass
class Doors:
    """The house behind its HTTP doors, without a socket: a client, and what people send to prove who they are."""

    house: House
    client: Client
    tokens: dict[str, str]

    def __call__(self, method: str, path: str, who: str | None = "ada", **options: Any) -> httpx.Response:
        """Ask as one of the people; None is nobody."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return self.client.request(method, path, headers=headers | options.pop("headers", {}), **options)


@pytest.fixture
def doors(tmp_path):
    house = open_house(tmp_path, public_url=URL)
    tokens = {}
    with house.stores.db.write() as tx:
        for name in ("ada", "eve", "rob", "wim", "root"):
            user = accounts.user_named(tx, name)
            _, tokens[name] = accounts.add_token(tx, user.id, "tests", TokenRole.WRITE)
        _, tokens["reader"] = accounts.add_token(
            tx, accounts.user_named(tx, "eve").id, "reading", TokenRole.READ
        )
    hub = Hub(house.stores.settings, house.stores, ThreadPoolExecutor(2), ThreadPoolExecutor(2), "e1")
    yield Doors(house, Client(build(hub)), tokens)
    hub.sql.shutdown()
    hub.slow.shutdown()
    house.stores.db.close()


def build(hub: Hub) -> ASGIApp:
    """Build the part of the application that these tests are about, as `hubkeep.app` builds the whole."""
    api = FastAPI(redirect_slashes=False)
    api.state.hub = hub
    renderer.use(web.said_elsewhere)
    for module in (
        wire_repos,
        wire_commit,
        refs,
        wire_discussions,
        wire_attachments,
        likes,
        people,
        notifications,
        wire_collections,
        wire_activity,
        wire_webhooks,
    ):
        api.include_router(module.router)
    api.add_exception_handler(HubError, errors.on_hub_error)
    api.add_exception_handler(RequestValidationError, errors.on_invalid)
    api.add_exception_handler(HTTPException, errors.on_http)
    api.add_exception_handler(Exception, errors.on_bug)
    return middleware.wrap(raw_path.RawPath(api), hub.settings)
