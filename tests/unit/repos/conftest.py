"""A small hub without HTTP: a database and blobs in a temporary folder, people, and one function that commits."""

import base64
import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.tools.schema import with_tables

from hubkeep import accounts, repos
from hubkeep.accounts import Actor
from hubkeep.git import GitCache
from hubkeep.kit import Database, Settings, Signer
from hubkeep.repos import Kind, NewRepo, Repo, Stores
from hubkeep.storage import LocalBlobs


@dataclass
class House:
    """Stores and the people in them."""

    stores: Stores
    ada: Actor
    eve: Actor

    def make_repo(self, owner: Actor | None = None, **over: object) -> Repo:
        """Create a repository through the real verb; only what the test is about is named."""
        owner = owner or self.ada
        fields = {"kind": Kind.MODEL, "owner": owner.name, "name": f"repo{next(_numbers)}"} | over
        return repos.create(self.stores, owner, NewRepo(**fields))  # type: ignore[arg-type]  # fields by name

    def commit(
        self,
        repo: Repo,
        *operations: dict,
        actor: Actor | None = None,
        parent: str | None = None,
        rev: str = "main",
        **header,
    ):
        """Commit operations given as (key, value) dicts."""
        top = (
            {"summary": "a change", "description": ""} | header | ({"parentCommit": parent} if parent else {})
        )
        lines = [{"key": "header", "value": top}, *operations]
        body = self.stores.scratch / f"body{next(_numbers)}"
        body.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return repos.commit(self.stores, actor or self.ada, repo.kind, repo.full_name, rev, body)

    def tree(
        self, repo: Repo, rev: str = "main", *, actor: Actor | None = None, recursive: bool = True
    ) -> dict[str, repos.File]:
        """Return path to file."""
        with self.stores.db.read() as tx:
            page = repos.tree(
                tx, actor or self.ada, self.stores, repo.kind, repo.full_name, rev, "", recursive=recursive
            )
        return {listed.file.path: listed.file for listed in page.entries}

    def read(self, repo: Repo, path: str, rev: str = "main") -> bytes:
        """Return a small file's bytes."""
        with self.stores.db.read() as tx:
            found = repos.resolve(tx, self.ada, self.stores, repo.kind, repo.full_name, rev, path, body=True)
        assert found.data is not None
        return found.data


_numbers = itertools.count()


def add(path: str, content: bytes = b"hello\n") -> dict:
    return {
        "key": "file",
        "value": {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"},
    }


def remove(path: str) -> dict:
    return {"key": "deletedFile", "value": {"path": path}}


def large(path: str, sha256: str, size: int | None = None) -> dict:
    return {
        "key": "lfsFile",
        "value": {"path": path, "algo": "sha256", "oid": sha256}
        | ({"size": size} if size is not None else {}),
    }


@pytest.fixture
def house(tmp_path: Path):
    settings = Settings(data=tmp_path)
    db = Database(with_tables(settings.sql_url))
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    blobs = LocalBlobs(tmp_path / "blobs")
    stores = Stores(
        db, blobs, GitCache(tmp_path / "git-cache", blobs, scratch), scratch, settings, Signer("test")
    )
    with db.write() as tx:
        ada = accounts.add_user(tx, "ada", "ada@example.org")
        eve = accounts.add_user(tx, "eve", "eve@example.org")
    with db.read() as tx:
        yield House(stores, accounts.actor_of(tx, ada.id, True), accounts.actor_of(tx, eve.id, True))
    db.close()
