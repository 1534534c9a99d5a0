"""The pages of a small hub, without sockets: a browser that keeps cookies, people, and one function that commits."""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from tests.tools.schema import with_tables
from tests.unit.web.furniture import Furniture

from hubkeep import accounts, community, repos, search
from hubkeep.accounts import Actor, Role
from hubkeep.git import GitCache
from hubkeep.hub import Hub
from hubkeep.kit import Database, HubError, Settings, Signer
from hubkeep.kit.jobs import Worker
from hubkeep.repos import Kind, Repo, Stores
from hubkeep.storage import LocalBlobs
from hubkeep.wire import errors, raw_path

# isort: split
from hubkeep import web  # after wire, which makes the router know `{x:seg}` and its like

PASSWORD = "correct horse battery"
HASHED = accounts.hash_password(PASSWORD)  # slow on purpose, so once
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Browser:
    """Keeps cookies, follows nothing by itself, and says what browsers say."""

    def __init__(self, site: "Site") -> None:
        self._app, self._base = site.app, site.stores.settings.url
        self.cookies = httpx.Cookies()

    def get(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, options))

    async def _ask(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=False)
        headers = HTML | (options.pop("headers", None) or {})
        async with httpx.AsyncClient(
            transport=transport, base_url=self._base, cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, headers=headers, **options)
            self.cookies = client.cookies
            return answer

    def page(self, path: str, status: int = 200) -> str:
        answer = self.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def send(
        self, path: str, fields: dict[str, str], *, at: str = "", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Open a page and send one of its forms, as a browser would."""
        token = form_token(self.get(at or path).text)
        return self.post(path, data={"form_token": token} | fields, headers=headers)

    def sign_in(self, name: str, password: str = PASSWORD) -> "Browser":
        answer = self.send("/login", {"login": name, "password": password, "next": "/"})
        assert answer.status_code == 303, answer
        return self


def form_token(html: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found, html
    return found[1]


@dataclass
class Site:
    """A hub's pages, and the people in it: ada and eve, and the organization tidewater where both write."""

    stores: Stores
    app: raw_path.RawPath
    ada: Actor
    eve: Actor

    def browser(self, user: str = "") -> Browser:
        browser = Browser(self)
        return browser.sign_in(user) if user else browser

    def furniture(self, actor: Actor | None = None) -> Furniture:
        return Furniture(self.stores, actor or self.ada)

    def repo(
        self,
        name: str = "ada/bert",
        kind: Kind = Kind.MODEL,
        files: Mapping[str, bytes] | None = None,
        **over: Any,
    ) -> Repo:
        return self.furniture().repo(name, kind, files, **over)

    def commit(
        self, repo: Repo, files: Mapping[str, bytes], summary: str = "a change", description: str = ""
    ) -> str:
        return self.furniture().commit(repo, files, summary, description)

    def work(self) -> None:
        """Run the jobs that are due: reading cards for the search inside them, telling people what happened."""
        rooms = {**search.HANDLERS, **community.HANDLERS}
        handlers = {kind: partial(handler, self.stores) for kind, handler in rooms.items()}
        worker = Worker(self.stores.db, handlers)
        while worker.run_one():
            pass


def build(data: Path, **over: object) -> Site:
    settings = Settings(data=data, **over)  # type: ignore[arg-type]  # fields by name
    db = Database(with_tables(settings.sql_url))
    repos.subscribe(db.bus)
    search.subscribe(db.bus)
    community.subscribe(db.bus)
    scratch = data / "tmp"
    scratch.mkdir()
    blobs = LocalBlobs(data / "blobs")
    stores = Stores(
        db, blobs, GitCache(data / "git-cache", blobs, scratch), scratch, settings, Signer("test")
    )
    with db.write() as tx:
        ada = accounts.add_user(tx, "ada", "ada@example.org", fullname="Ada Lovelace", password_hash=HASHED)
        eve = accounts.add_user(tx, "eve", "eve@example.org", password_hash=HASHED)
        accounts.add_org(
            tx, "tidewater", {"ada": Role.ADMIN, "eve": Role.READ}, fullname="Tidewater Institute"
        )
    with db.read() as tx:
        people = [accounts.actor_of(tx, user.id, True) for user in (ada, eve)]
    app = Starlette(routes=web.routes)
    app.router.redirect_slashes = False  # as in app.py
    app.state.hub = Hub(settings, stores, ThreadPoolExecutor(4), ThreadPoolExecutor(4), "e1")
    for kind, handler in (
        (HubError, errors.on_hub_error),
        (HTTPException, errors.on_http),
        (Exception, errors.on_bug),
    ):
        app.add_exception_handler(kind, web.or_page(handler))
    return Site(stores, raw_path.RawPath(app), *people)


@pytest.fixture
def site(tmp_path: Path):
    found = build(tmp_path)
    yield found
    found.stores.db.close()
