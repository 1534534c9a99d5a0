"""The pages of a small hub, without sockets: a browser that keeps cookies, people, and one function that commits."""

import asyncio
import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from hubkeep import accounts, repos
from hubkeep.accounts import Actor, Role
from hubkeep.cas import keep_whole, link_whole
from hubkeep.git import GitCache
from hubkeep.hub import Hub
from hubkeep.kit import Database, HubError, Settings, Signer
from hubkeep.repos import Kind, NewRepo, Repo, Stores
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

    def repo(
        self,
        name: str = "ada/bert",
        kind: Kind = Kind.MODEL,
        files: dict[str, bytes] | None = None,
        **over: object,
    ) -> Repo:
        owner, _, short = name.partition("/")
        actor = self.eve if owner == "eve" else self.ada
        made = repos.create(self.stores, actor, NewRepo(kind, owner, short, **over))  # type: ignore[arg-type]
        if files:
            self.commit(made, files)
        return made

    def commit(
        self, repo: Repo, files: dict[str, bytes], summary: str = "a change", description: str = ""
    ) -> str:
        lines = [{"key": "header", "value": {"summary": summary, "description": description}}]
        lines += [_file(path, content) for path, content in files.items()]
        return self.commit_lines(repo, lines)

    def commit_lines(self, repo: Repo, lines: list[dict]) -> str:
        body = self.stores.scratch / "body"
        body.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return repos.commit(self.stores, self.ada, repo.kind, repo.full_name, "main", body).oid

    def large(self, repo: Repo, path: str, content: bytes) -> dict:
        """Keep a large file and return the line of a commit that names it."""
        aside = self.stores.scratch / "large"
        aside.write_bytes(content)
        sha256, size = keep_whole(self.stores.blobs, aside)
        with self.stores.db.write() as tx:
            link_whole(tx, self.stores.blobs, repo.id, self.ada.user_id, sha256, size)
        return {"key": "lfsFile", "value": {"path": path, "algo": "sha256", "oid": sha256, "size": size}}


def _file(path: str, content: bytes) -> dict:
    text = base64.b64encode(content).decode()
    return {"key": "file", "value": {"path": path, "content": text, "encoding": "base64"}}


def build(data: Path, **over: object) -> Site:
    settings = Settings(data=data, **over)  # type: ignore[arg-type]  # fields by name
    db = Database(settings.sql_url)
    db.create_all()
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
