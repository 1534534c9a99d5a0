"""Everybody at every route that is about one repository, be it public, private or gated: in, refused, or told of nothing.

A new route without a line in `doors.py` fails here.
"""

import re

import httpx
import pytest
from tests.unit.wire.doors import DOORS, Door, Needs
from tests.unit.wire.town import ACTORS, INSIDE, KINDS, TOKENS, USELESS, is_page, keys_of, open_town


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with open_town(tmp_path_factory.mktemp("town")) as made:
        yield made


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
    if actor in USELESS:
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
        harmless = key.startswith("GET ") or door.needs in (Needs.FORM, Needs.TICKET, Needs.NOTHING)
        repo = town.read_only(kind) if harmless else town.found(kind)
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
    assert {key for key in keys_of(town) if "API" in key or "REPO" in key} == set(DOORS)
