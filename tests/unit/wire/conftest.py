"""A hub behind its doors, without a socket: people with tokens, and a client that speaks ASGI."""

import base64
import hashlib
import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp
from tests.tools.schema import with_tables
from tests.unit.wire.client import URL, Client

from hubkeep import accounts, cas, repos
from hubkeep import app as roof
from hubkeep.accounts import Actor, TokenRole
from hubkeep.hub import Hub
from hubkeep.kit import Settings
from hubkeep.repos import Kind, NewRepo, Repo, Stores

_numbers = itertools.count()


@dataclass
class House:
    """A hub, its application, and the people in it."""

    hub: Hub
    app: ASGIApp
    client: Client
    people: dict[str, tuple[Actor, str]]

    @property
    def stores(self) -> Stores:
        return self.hub.stores

    @property
    def scratch_files(self) -> list[Path]:
        """Whatever requests left behind."""
        return [path for path in self.stores.scratch.rglob("*") if path.is_file()]

    def actor(self, name: str = "ada") -> Actor:
        return self.people[name][0]

    def auth(self, name: str = "ada") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.people[name][1]}"}

    def make_repo(self, owner: str = "ada", **over: Any) -> Repo:
        fields = {"kind": Kind.MODEL, "owner": owner, "name": f"repo{next(_numbers)}"} | over
        return repos.create(self.stores, self.actor(owner), NewRepo(**fields))

    def make_private(self, repo: Repo) -> None:
        with self.stores.db.write() as tx:
            repos.update_settings(
                tx, self.actor(repo.owner), repo.kind, repo.full_name, repos.Changes(private=True)
            )

    def hold(self, repo: Repo, content: bytes) -> str:
        """Let a repository hold a large object; return its sha256."""
        path = self.stores.scratch / f"hold{next(_numbers)}"
        path.write_bytes(content)
        sha256, size = cas.keep_whole(self.stores.blobs, path)
        with self.stores.db.write() as tx:
            cas.link_whole(tx, self.stores.blobs, repo.id, self.actor().user_id, sha256, size)
        return sha256

    def commit(self, repo: Repo, *operations: dict[str, Any], owner: str = "ada") -> str:
        lines = [{"key": "header", "value": {"summary": "a change", "description": ""}}, *operations]
        body = self.stores.scratch / f"body{next(_numbers)}"
        body.write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = repos.commit(self.stores, self.actor(owner), repo.kind, repo.full_name, "main", body)
        body.unlink()
        return done.oid


def add(path: str, content: bytes = b"hello\n") -> dict[str, Any]:
    text = base64.b64encode(content).decode()
    return {"key": "file", "value": {"path": path, "content": text, "encoding": "base64"}}


def large(path: str, content: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(content).hexdigest()
    return {
        "key": "lfsFile",
        "value": {"path": path, "algo": "sha256", "oid": sha256, "size": len(content)},
    }


def open_hub(folder: Path, **over: Any) -> Hub:
    """Open a hub as the application does, with an empty database."""
    settings = Settings(data=folder, **({"public_url": URL} | over))
    with_tables(settings.sql_url)
    return roof.open_hub(settings)


@pytest.fixture
def make_house(tmp_path):
    """Return a function that opens a hub with other settings."""
    opened: list[Hub] = []

    def make(**over: Any) -> House:
        hub = open_hub(tmp_path, **over)
        opened.append(hub)
        people = {}
        with hub.stores.db.write() as tx:
            for name in ("ada", "eve"):
                user = accounts.add_user(tx, name, f"{name}@example.org", fullname=name.title())
                _, token = accounts.add_token(tx, user.id, "tests", TokenRole.WRITE)
                people[name] = (accounts.actor_of(tx, user.id, can_write=True), token)
                if name == "ada":
                    _, reading = accounts.add_token(tx, user.id, "reading", TokenRole.READ)
                    people["reader"] = (people["ada"][0], reading)
        app = roof.assemble(hub)
        return House(hub, app, Client(app), people)

    yield make
    for hub in opened:
        hub.sql.shutdown()
        hub.slow.shutdown()
        hub.stores.db.close()


@pytest.fixture
def house(make_house):
    return make_house()
