"""A hub with everybody in it, for the tests that walk through every route."""

import contextlib
import itertools
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from tests.unit.wire.client import Client
from tests.unit.wire.conftest import House, add, open_hub
from tests.unit.wire.doors import AT, Door

from hubkeep import accounts, repos
from hubkeep import app as roof
from hubkeep.accounts import Role, Scopes, TokenRole
from hubkeep.accounts.tables import tokens
from hubkeep.community import pulls
from hubkeep.kit import now
from hubkeep.repos import Changes, Kind, NewRepo, Whose

PASSWORD = "correct horse battery"
# Members of the organization that owns the repositories.
MEMBERS = {
    "ada": Role.ADMIN,
    "writer": Role.WRITE,
    "helper": Role.CONTRIBUTOR,
    "member": Role.READ,
    "shut": Role.NO_ACCESS,
}
PEOPLE = (*MEMBERS, "eve", "grace")  # grace was let through the gate
OPERATOR = "root"
# Tokens: ada's to read, one of grace's without a scope, one of somebody locked out, one of ada's that is over.
TOKENS = ("reader", "scoped", "gone", "over")
USELESS = ("gone", "over")
# The mighty come last: what they do to a repository must not stand in the others' way.
ACTORS = ("nobody", *TOKENS, *reversed(PEOPLE))
KINDS = ("public", "private", "gated")
INSIDE = {"ada", "reader", "writer", "helper", "member"}
_numbers = itertools.count()


class Town(House):
    """A hub with everybody in it."""

    api: FastAPI
    sessions: dict[str, str]
    kept: dict[str, str]
    comments: dict[str, str]

    def found(self, kind: str) -> str:
        """Make a repository with a file, a pull request and a discussion."""
        new = NewRepo(Kind.MODEL, "tidewater", f"{kind}{next(_numbers)}", private=kind == "private")
        repo = repos.create(self.stores, self.actor(), new)
        self.commit(repo, add("secret.txt", b"a secret\n"), add("folder/inside.txt", b"a secret\n"))
        lines = [
            {"key": "header", "value": {"summary": "A proposal", "description": ""}},
            add("b.txt", b"a secret\n"),
        ]
        body = self.stores.scratch / "proposal"
        body.write_text("".join(json.dumps(line) + "\n" for line in lines))
        pulls.open_with_commit(self.stores, self.actor(), repo.kind, repo.full_name, "main", body)
        if kind == "gated":
            with self.stores.db.write() as tx:
                args = (tx, self.actor(), repo.kind, repo.full_name)
                repos.update_settings(*args, Changes(gated="manual"))
                repos.grant_access(*args, Whose("grace"))
        talk = self.client.get(f"/api/models/{repo.full_name}/discussions/1", headers=self.auth()).json()
        self.comments[repo.full_name] = talk["events"][0]["id"]
        return repo.full_name

    def read_only(self, kind: str) -> str:
        """Return a repository that nobody changes."""
        if kind not in self.kept:
            self.kept[kind] = self.found(kind)
        return self.kept[kind]

    def ask(self, key: str, door: Door, actor: str, full_name: str) -> httpx.Response:
        method, _, path = key.partition(" ")
        path = path.replace("API", f"/api/models/{full_name}").replace("/REPO", f"/{full_name}")
        path = path.replace("REPO", f"/{full_name}")
        for name, value in (AT | door.at | {"comment_id": self.comments[full_name]}).items():
            path = path.replace(f"{{{name}}}", value)
        headers = dict(door.headers) | self.proof(actor, page=is_page(key))
        return self.client.request(
            method, path + door.query, headers=headers, content=door.content(full_name)
        )

    def proof(self, actor: str, *, page: bool) -> dict[str, str]:
        if actor == "nobody":
            return {"Accept": "text/html"} if page else {}
        if page:
            return {"Cookie": f"hubkeep_session={self.sessions[actor]}", "Accept": "text/html"}
        return self.auth(actor)


@contextlib.contextmanager
def open_town(folder: Path) -> Iterator[Town]:
    """Open the hub and let everybody in."""
    hub = open_hub(folder)
    hashed = accounts.hash_password(PASSWORD)
    people = {}
    with hub.stores.db.write() as tx:
        ids = {}
        for name in (*PEOPLE, "gone", "guest", OPERATOR):
            mail, boss = f"{name}@example.org", name == OPERATOR
            user = accounts.add_user(tx, name, mail, password_hash=hashed, is_admin=boss)
            ids[name] = user.id
        accounts.add_org(tx, "tidewater", MEMBERS)
        for name, number in ids.items():
            _, token = accounts.add_token(tx, number, "tests", TokenRole.WRITE)
            people[name] = (accounts.actor_of(tx, number, True), token)
        _, reading = accounts.add_token(tx, ids["ada"], "reading", TokenRole.READ)
        old, over = accounts.add_token(tx, ids["ada"], "over", TokenRole.WRITE)
        past = now() - timedelta(minutes=1)
        tx.sql.execute(sa.update(tokens).where(tokens.c.id == old.id).values(expires_at=past))
        nothing = accounts.NewToken("scoped", TokenRole.FINE_GRAINED, scopes=Scopes())
        _, scoped = accounts.issue(tx, ids["grace"], nothing)
        people |= {"reader": (people["ada"][0], reading), "scoped": (people["grace"][0], scoped)}
        people |= {"over": (people["ada"][0], over)}
        accounts.set_disabled(tx, "gone", disabled=True)
    app, api = assembled(hub)
    made = Town(hub, app, Client(app), people)
    made.api, made.kept, made.comments = api, {}, {}
    signing_in = (*PEOPLE, OPERATOR)
    made.sessions = {name: accounts.sign_in(hub.stores.db, name, PASSWORD).secret for name in signing_in}
    yield made
    hub.sql.shutdown()
    hub.slow.shutdown()
    hub.stores.db.close()


def assembled(hub):
    """Return the whole application, and the framework's part of it, which knows its routes."""
    built: list[FastAPI] = []

    class Kept(FastAPI):
        def __init__(self, **options) -> None:
            super().__init__(**options)
            built.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hubkeep.app.FastAPI", Kept)
        return roof.assemble(hub), built[0]


def every_route(town: Town) -> Iterator[tuple[str, set[str]]]:
    """Yield the addresses and methods of the whole application; HEAD where it is not a GET without a body."""
    for route in [*(route for module in roof.BYTES_FIRST for route in module.routes), *town.api.routes]:
        router = getattr(route, "original_router", None)  # what FastAPI keeps of a router that was included
        for one in router.routes if router is not None else [route]:
            methods = set(one.methods or ())
            yield one.path, methods - {"HEAD"} or methods


def keys_of(town: Town) -> set[str]:
    """Return every route as the tables write it."""
    return {f"{method} {short(path)}" for path, methods in every_route(town) for method in methods}


def short(path: str) -> str:
    """Write an address as the tables do."""
    path = path.replace("/api/{kind:plural}/{ns:seg}/{name:seg}", "API")
    path = path.replace("{kind:prefix}{ns:seg}/{name:seg}", "REPO").replace(
        "/REPO", "REPO", 1 if path.startswith("/{kind") else 0
    )
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def is_page(key: str) -> bool:
    """Tell whether people look at this: pages know sessions only."""
    return " API" not in key and key not in _PROGRAMS and "/info/lfs/" not in key


_PROGRAMS = {
    "GET REPO/resolve/{rev}/{path}",
    "GET REPO/raw/{rev}/{path}",
    "GET REPO/info/refs",
    "POST REPO/git-upload-pack",
    "POST REPO/git-receive-pack",
    "POST REPO/ask-access",
    "GET REPO/user-access-report",
}
