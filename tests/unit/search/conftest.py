"""A hub that can be searched, behind its doors, without a socket: Ada, Eve, and the organization `acme` that Ada reads in."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from tests.unit.wire.client import Client
from tests.unit.wire.conftest import House as Doors
from tests.unit.wire.conftest import add, open_hub

from hubkeep import accounts, repos, search
from hubkeep.accounts import STRANGER, Actor, Role, TokenRole
from hubkeep.hub import Hub
from hubkeep.kit import HubError
from hubkeep.kit.jobs import Worker
from hubkeep.repos import Kind, Repo
from hubkeep.search import Query
from hubkeep.wire import (
    errors,
    info,
    lists,
    middleware,
    quicksearch,
    raw_path,
    resolve,
    semantic_search,
    tags_by_type,
    trending,
)
from hubkeep.wire import repos as wire_repos


class House(Doors):
    """The hub, and short words for what these tests do all the time."""

    def push(self, repo: Repo, card: dict[str, Any] | None = None, text: str = "", **files: bytes) -> None:
        """Commit a card with that front matter and text, and files (`config_json=…` is `config.json`)."""
        matter = f"---\n{json.dumps(card, ensure_ascii=False)}\n---\n" if card else ""
        made = [add("README.md", (matter + text).encode())] if card or text else []
        made += [add(name.replace("_json", ".json"), content) for name, content in files.items()]
        self.commit(repo, *made, owner="ada")

    def model(self, name: str, *tags: str, owner: str = "ada", private: bool = False, **card: Any) -> Repo:
        """Create a model with these tags."""
        repo = repos.create(
            self.stores, self.actor(), repos.NewRepo(Kind.MODEL, owner, name, private=private)
        )
        if tags or card:
            self.push(repo, {"tags": list(tags), **card})
        return repo

    def names(self, actor: Actor = STRANGER, **asked: Any) -> list[str]:
        """List the names on the first page."""
        query = Query(**({"kind": Kind.MODEL} | asked))
        with self.stores.db.read() as tx:
            return [found.repo.name for found in search.listing(tx, actor, query).items]

    def ask(self, verb: Callable[..., Any], actor: Actor, *args: Any, **kwargs: Any) -> Any:
        with self.stores.db.read() as tx:
            return verb(tx, actor, *args, **kwargs)

    def get(self, path: str, name: str | None = None, **params: Any) -> httpx.Response:
        query = urlencode(params, doseq=True)
        headers = self.auth(name) if name else {}
        return self.client.get(f"{path}?{query}" if query else path, headers=headers)

    def ids(self, path: str, name: str | None = None, **params: Any) -> list[str]:
        answer = self.get(path, name, **params)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()]

    def download(self, repo: Repo, times: int) -> None:
        """Count downloads by different people."""
        counts = search.Counts()
        for number in range(times):
            counts.note(repo, "config.json", f"visitor {number}")
        assert counts.flush(self.stores.db) == times

    def roll(self) -> None:
        """Do what is done once a day."""
        search.HANDLERS["search.roll"](self.stores, {})

    def work(self) -> None:
        """Run the jobs that are due."""
        handlers = {kind: _bound(handler, self.stores) for kind, handler in search.HANDLERS.items()}
        worker = Worker(self.stores.db, handlers)
        while worker.run_one():
            pass


def _bound(handler: Any, stores: Any) -> Any:
    return lambda args: handler(stores, args)


def build(hub: Hub) -> Any:
    api = FastAPI(redirect_slashes=False)
    api.state.hub = hub
    for module in (quicksearch, tags_by_type, trending, semantic_search, wire_repos, lists, info):
        api.include_router(module.router)
    api.router.routes.extend(resolve.routes)
    api.add_exception_handler(HubError, errors.on_hub_error)
    api.add_exception_handler(RequestValidationError, errors.on_invalid)
    api.add_exception_handler(HTTPException, errors.on_http)
    api.add_exception_handler(Exception, errors.on_bug)
    return middleware.wrap(raw_path.RawPath(api), hub.settings)


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    hub = open_hub(tmp_path)
    search.subscribe(hub.stores.db.bus)
    people = {}
    with hub.stores.db.write() as tx:
        for name in ("ada", "eve"):
            user = accounts.add_user(tx, name, f"{name}@example.org", fullname=name.title())
            token = accounts.add_token(tx, user.id, "tests", TokenRole.WRITE)[1]
            people[name] = (user.id, token)
        accounts.add_org(tx, "acme", {"ada": Role.WRITE, "eve": Role.NO_ACCESS})
        actors = {n: (accounts.actor_of(tx, i, can_write=True), token) for n, (i, token) in people.items()}
    app = build(hub)
    yield House(hub, app, Client(app), actors)
    hub.sql.shutdown()
    hub.slow.shutdown()
    hub.stores.db.close()


@pytest.fixture
def safetensors() -> Callable[[int], dict[str, Any]]:
    """Return a function that makes a commit's operation: a model of so many weights."""

    def make(count: int) -> dict[str, Any]:
        header = json.dumps(
            {"w": {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}
        ).encode()
        return add("model.safetensors", len(header).to_bytes(8, "little") + header + bytes(4 * count))

    return make
