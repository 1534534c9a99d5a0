"""Everybody at every route that is not about one repository: in, refused, or told of nothing.

A new route without a line in `doors_elsewhere.py` fails here.
"""

import itertools
from dataclasses import dataclass

import httpx
import pytest
from tests.unit.wire.doors_elsewhere import AT, DOORS, Who
from tests.unit.wire.town import (
    ACTORS,
    INSIDE,
    MEMBERS,
    OPERATOR,
    TOKENS,
    USELESS,
    Town,
    keys_of,
    open_town,
)

from hubkeep import accounts, repos
from hubkeep.accounts import Role, Scopes, TokenRole, orgs
from hubkeep.accounts.orgs import NewGroup
from hubkeep.community import collections, webhooks
from hubkeep.community.collections import ItemKind, NewCollection, NewItem
from hubkeep.repos import Kind, NewRepo
from hubkeep.wire.shapes.names import object_id

EVERYBODY = (*ACTORS, OPERATOR)
_numbers = itertools.count()
# Programs speak to these with a token; all other addresses outside /api are pages, and know sessions only.
_PROGRAMS = (
    "/cas/",
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/userinfo",
    "/oauth/device",
    "/uploads",
    "/feeds/",
)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with open_town(tmp_path_factory.mktemp("town")) as made:
        yield made


@dataclass(frozen=True)
class Place:
    """An organization with something of everything in it, and how addresses name that."""

    name: str
    at: dict[str, str]


def place(town: Town, *, hooks: bool = True) -> Place:
    """Make an organization of ada's, and a token, an invitation and with `hooks` a webhook of hers elsewhere."""
    name = f"org{next(_numbers)}"
    ada, root = town.actor(), town.actor(OPERATOR)
    assert ada.user_id is not None
    assert root.user_id is not None
    with town.stores.db.write() as tx:
        org = accounts.add_org(tx, name, MEMBERS)
        me = ada.user_id
        ada = accounts.actor_of(tx, me, can_write=True)
        group = orgs.create_group(tx, ada, name, NewGroup("team"))
        orgs.add_to_group(tx, ada, name, group.id, [("helper", Role.READ)])
        account = orgs.create_service_account(tx, ada, name, f"robot {name}")
        token, _ = orgs.make_service_token(tx, ada, name, account.id, "one", Scopes())
        wish = webhooks.Wish("http://hub.test", "https://receiver.example/", [("user", "ada")])
        hook = webhooks.create(tx, ada, wish).id if hooks else 0
        kept = collections.create(tx, ada, NewCollection(name, "Kept", private=True))
        full = collections.add_item(tx, ada, kept.collection.id, NewItem(ItemKind.PAPER, "2401.00002"))
        other = accounts.add_org(tx, f"other-{name}", {OPERATOR: Role.ADMIN})
        root = accounts.actor_of(tx, root.user_id, can_write=True)
        asked = orgs.invite(tx, root, f"other-{name}", "ada", Role.READ)
        hers, _ = accounts.add_token(tx, me, f"tests {name}", TokenRole.WRITE)
    del other
    repos.create(town.stores, ada, NewRepo(Kind.MODEL, name, "kept", private=True))

    def wire(number: int) -> str:
        return f"{number:024x}"

    slug = f"kept-{object_id(kept.collection.id, kept.collection.created_at)}"
    at = {"org": name, "name": name, "ns": name, "owner": name, "user": "helper", "group": wire(group.id)}
    at |= {"account": wire(account.id), "token": wire(token.id), "hers": str(hers.id)}
    at |= {"webhook_id": wire(hook), "hook": wire(hook), "number": wire(asked.id), "log_id": wire(1)}
    at |= {"slug": slug, "item": wire(full.items[0].id), "path": "nothing", "rev": "main"}
    return Place(org.name, at)


def ask(town: Town, key: str, actor: str, where: Place) -> httpx.Response:
    method, _, path = key.partition(" ")
    _, door = DOORS[key]
    at = AT | where.at
    if "/api/users/{name}" in path or path.startswith(("/-/owners", "/avatars")):
        at |= {"name": "guest", "user": "guest"}
    if path == "/settings/tokens/{token}":
        at |= {"token": at["hers"]}
    for name, value in at.items():
        path = path.replace(f"{{{name}}}", value)
    content = door.content(where.name)
    headers = dict(door.headers) | town.proof(actor, page=is_page(key))
    body = None
    if content is not None:
        body = content.replace(b"ORG", where.name.encode()).replace(b"ITEM", at["item"].encode())
    return town.client.request(method, path + door.query, headers=headers, content=body)


def is_page(key: str) -> bool:
    method, _, path = key.partition(" ")
    program = path.startswith(("/api/", "/v1/", *_PROGRAMS)) or "/resolve/" in path
    return not program or (path.startswith("/oauth/device") and method == "GET") or "decide" in path


def outcome(who: Who, answer: httpx.Response) -> str:
    """Say in a word what came of it."""
    if answer.status_code == 302 and answer.headers["location"].startswith("/login"):
        return "401"
    if who is Who.FORM:  # what was done would be a 303
        elsewhere = answer.headers.get("location") in ("/", "/login")  # where there is nothing to fill in
        return "refused" if answer.status_code >= 400 or elsewhere else "in"
    if answer.status_code in (401, 403):
        missing = answer.headers.get("x-error-code") == "RepoNotFound"
        return "missing" if missing else str(answer.status_code)
    return "missing" if answer.status_code == 404 else "in"


SPOILING = (Who.RULES, Who.RULES_HIDDEN, Who.CHANGES, Who.MINE, Who.MAKES)
SIGNED_OUT = {"nobody", *USELESS}
WRITERS = {"ada", "writer"}


def expected(key: str, who: Who, actor: str) -> set[str]:
    """Say what may come of it."""
    if who is Who.FORM:
        return {"refused", "401"}
    if who is Who.OPERATES_HIDDEN:
        return {"in"} if actor == OPERATOR else {"missing"}
    if who is Who.TICKET:
        return {"401", "403"}
    if who is Who.CLOSED:
        return {"403"} if actor == "nobody" else {"403", "in"}  # who is signed in is sent home
    if who is Who.NOT_YET:
        return {"in"} if actor not in USELESS else {"401"}
    if who is Who.ALL:
        return {"in", "missing"} if actor not in USELESS else {"in", "missing", "401"}
    if who in (Who.INSIDE, Who.CHANGES, Who.SPEAKS) and actor == "nobody":
        return {"missing", "401"}
    if actor in SIGNED_OUT:
        return {"401"}
    return _of_somebody(key, who, actor)


def _of_somebody(key: str, who: Who, actor: str) -> set[str]:
    whole, writes = actor != "scoped", actor not in ("scoped", "reader")
    leads = actor in ("ada", OPERATOR, "reader")
    rules = leads and writes
    match who:
        case Who.KNOWN:
            return {"in"}
        case Who.WHOLE:
            return {"in"} if whole else {"403"}
        case Who.VOICE:
            return {"in", "missing"} if writes else {"403"}
        case Who.MINE:
            return {"403"} if not writes else {"in", "missing"} if actor == "ada" else {"missing"}
        case Who.MINE_TO_SEE:
            return {"403"} if not whole else {"in"} if actor in ("ada", "reader") else {"missing"}
        case Who.OPERATES:
            return {"in"} if actor == OPERATOR else {"403"}
        case Who.MEMBER:
            return {"in", "403"} if actor == "shut" else {"in"} if leads or actor in MEMBERS else {"403"}
        case Who.LEADS:
            return {"in"} if leads else {"403"}
        case Who.RULES:
            return {"in", "missing"} if rules else {"403"} if "{group}" not in key else {"403", "missing"}
        case Who.LEADS_HIDDEN:
            return {"in"} if leads else {"in", "missing", "403"} if actor == "helper" else {"missing"}
        case Who.RULES_HIDDEN:
            return {"in"} if rules else {"403"} if actor in ("helper", "reader") else {"missing", "403"}
        case Who.INSIDE:
            return {"in", "missing"} if actor in INSIDE | {OPERATOR} else {"missing"}
        case Who.SPEAKS:
            inside = actor in INSIDE | {OPERATOR}
            return {"missing"} if not inside else {"in"} if writes else {"403"}
        case Who.MAKES:
            return {"in"} if writes and actor in {*WRITERS, "helper", OPERATOR} else {"403"}
        case _:
            return _of_changer(actor)


def _of_changer(actor: str) -> set[str]:
    if actor in {*WRITERS, OPERATOR}:
        return {"in"}
    return {"403", "in"} if actor == "helper" else {"403"} if actor in INSIDE else {"missing"}


@pytest.mark.parametrize("key", DOORS)
def test_a_door_lets_in_whom_it_should_and_nobody_else(town, key):
    who, _ = DOORS[key]
    harmless = key.startswith(("GET ", "HEAD ")) or who in (Who.FORM, Who.TICKET)
    shared = town_place(town)
    wrong = []
    for actor in EVERYBODY:
        if is_page(key) and actor in TOKENS:
            continue
        want = expected(key, who, actor)
        spoils = (who in SPOILING and "in" in want) or key.endswith("/leave")
        where = place(town, hooks="hook" in key) if spoils and not harmless else shared
        answer = ask(town, key, actor, where)
        broken = answer.status_code >= 500 and not (who is Who.NOT_YET and answer.status_code == 501)
        if broken or outcome(who, answer) not in want:
            wrong.append(
                f"{actor}: {answer.status_code} {outcome(who, answer)}, not {want}: {answer.text[:150]}"
            )
    assert wrong == [], "\n".join(wrong)


_shared: dict[int, Place] = {}


def town_place(town: Town) -> Place:
    if id(town) not in _shared:
        _shared[id(town)] = place(town)
    return _shared[id(town)]


def test_every_other_route_has_a_line_in_the_table(town):
    assert {key for key in keys_of(town) if "API" not in key and "REPO" not in key} == set(DOORS)
