"""Everybody at every route that is about one repository, be it public, private or gated: in, refused, or told of nothing.

A new route without a line in `doors.py` fails here.
"""

import itertools
import json
import re
from collections.abc import Iterator

import httpx
import pytest
from tests.unit.wire.client import Client
from tests.unit.wire.conftest import House, add, open_hub
from tests.unit.wire.doors import AT, DOORS, Door, Needs

from hubkeep import accounts, repos, web
from hubkeep import app as roof
from hubkeep.accounts import Role, Scopes, TokenRole
from hubkeep.community import pulls
from hubkeep.repos import Changes, Kind, NewRepo, Whose
from hubkeep.wire import health

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
TOKENS = (
    "reader",
    "scoped",
    "gone",
)  # ada's to read, one of grace's without a scope, one of somebody locked out
# The mighty come last: what they do to a repository must not stand in the others' way.
ACTORS = ("nobody", *TOKENS, *reversed(PEOPLE))
KINDS = ("public", "private", "gated")
INSIDE = {"ada", "reader", "writer", "helper", "member"}
_numbers = itertools.count()


class Town(House):
    """A hub with everybody in it."""

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
            return {}
        if page:
            return {"Cookie": f"hubkeep_session={self.sessions[actor]}", "Accept": "text/html"}
        return self.auth(actor)


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Iterator[Town]:
    hub = open_hub(tmp_path_factory.mktemp("town"))
    hashed = accounts.hash_password(PASSWORD)
    people = {}
    with hub.stores.db.write() as tx:
        ids = {}
        for name in (*PEOPLE, "gone"):
            user = accounts.add_user(tx, name, f"{name}@example.org", password_hash=hashed)
            ids[name] = user.id
        accounts.add_org(tx, "tidewater", MEMBERS)
        for name, number in ids.items():
            _, token = accounts.add_token(tx, number, "tests", TokenRole.WRITE)
            people[name] = (accounts.actor_of(tx, number, True), token)
        _, reading = accounts.add_token(tx, ids["ada"], "reading", TokenRole.READ)
        nothing = accounts.NewToken("scoped", TokenRole.FINE_GRAINED, scopes=Scopes())
        _, scoped = accounts.issue(tx, ids["grace"], nothing)
        people |= {"reader": (people["ada"][0], reading), "scoped": (people["grace"][0], scoped)}
        accounts.set_disabled(tx, "gone", disabled=True)
    app = roof.assemble(hub)
    made = Town(hub, app, Client(app), people)
    made.kept, made.comments = {}, {}
    made.sessions = {name: accounts.sign_in(hub.stores.db, name, PASSWORD).secret for name in PEOPLE}
    yield made
    hub.sql.shutdown()
    hub.slow.shutdown()
    hub.stores.db.close()


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


def outcome(door: Door, answer: httpx.Response) -> str:
    """Say in a word what came of it."""
    if door.needs is Needs.FORM:  # the page is shown again, or another one; what was done would be a 303
        return "refused" if answer.status_code == 302 or answer.status_code >= 400 else "in"
    if answer.status_code == 302 and answer.headers["location"].startswith("/login"):
        return "401"
    code = answer.headers.get("x-error-code")
    if code == "GatedRepo" or (answer.status_code in (401, 403) and "is restricted" in answer.text):
        return "gated"
    if code == "RepoNotFound" or re.search(r"Repository model/\S+ not found", answer.text):
        return "missing"
    return str(answer.status_code) if answer.status_code in (401, 403) else "in"


def expected(needs: Needs, actor: str, kind: str) -> set[str]:
    """Say what may come of it."""
    if needs is Needs.TICKET:
        return {"403", "401"}
    if needs is Needs.FORM:
        return {"refused"}
    if needs is Needs.NOTHING:
        return {"in"}  # and there is nothing
    if actor == "gone":
        return {"401"}
    if needs is Needs.OWN and actor == "nobody":
        return {"401", "missing"} if kind == "private" else {"401"}
    if kind == "private" and (actor not in INSIDE or needs is Needs.PUBLIC):
        return {"missing"}
    outside = kind == "gated" and actor not in INSIDE | {"grace"}
    if needs in (Needs.CONTENT, Needs.PROPOSE) and outside:
        return {"gated"} if needs is Needs.CONTENT else {"gated", "401", "403"}
    if needs in (Needs.ABOUT, Needs.CONTENT, Needs.PUBLIC):
        return {"in"}
    if actor == "nobody":
        return {"401", "gated"} if outside else {"401"}
    if needs is Needs.OWN:
        return {"in"}
    if actor in ("reader", "scoped"):
        return {"403", "gated"} if outside else {"403"}
    if needs in (Needs.SPEAK, Needs.PROPOSE):
        return {"in", "403"}  # whether it is theirs to do there, the rooms' own tests say
    if actor in ("ada", "writer"):
        return {"in"}
    return {"403", "gated"} if outside else {"403"}


@pytest.mark.parametrize("key", DOORS)
def test_a_door_lets_in_whom_it_should_and_nobody_else(town, key):
    door = DOORS[key]
    wrong = []
    for kind in KINDS:
        repo = town.read_only(kind) if key.startswith("GET ") else town.found(kind)
        for actor in ACTORS:
            if is_page(key) and actor in TOKENS:
                continue
            answer = town.ask(key, door, actor, repo)
            if outcome(door, answer) not in expected(door.needs, actor, kind):
                want = expected(door.needs, actor, kind)
                wrong.append(
                    f"{actor} at {kind}: {answer.status_code} {outcome(door, answer)}, not {want}: {answer.text[:200]}"
                )
            if outcome(door, answer) not in ("in", "refused"):
                assert b"a secret" not in answer.content
    assert wrong == []


def test_every_route_about_a_repository_has_a_line_in_the_table(town):
    found = {
        f"{method} {short(path)}"
        for path, methods in every_route()
        for method in methods - {"HEAD"}
        if "{ns:seg}/{name:seg}" in path
    }
    assert found == set(DOORS)


def every_route() -> Iterator[tuple[str, set[str]]]:
    """Yield the addresses and methods of the whole application."""
    modules = [*roof.BYTES_FIRST, *(one.router for one in roof.JSON_ROUTERS), health, web]
    for module in modules:
        for route in module.routes:
            yield route.path, set(route.methods or ())


def short(path: str) -> str:
    """Write an address as the table does."""
    path = path.replace("/api/{kind:plural}/{ns:seg}/{name:seg}", "API")
    path = path.replace("{kind:prefix}{ns:seg}/{name:seg}", "REPO").replace(
        "/REPO", "REPO", 1 if path.startswith("/{kind") else 0
    )
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)
