"""Every role by action by visibility, spelled out."""

from dataclasses import dataclass

import pytest

from hubkeep.accounts import STRANGER, Action, Actor, Entity, EntityType, Role, may, may_create

ORG, ADA, EVE = 10, 1, 2


ENTITY = Entity(EntityType.MODEL, 77)


@dataclass(frozen=True)
class Thing:
    owner_id: int
    creator_id: int | None
    private: bool
    resource_group_id: int | None = None
    entity: Entity = ENTITY


def member(role: Role | None, *, user_id: int = EVE, can_write: bool = True, is_admin: bool = False) -> Actor:
    roles = {user_id: Role.ADMIN} | ({ORG: role} if role else {})
    return Actor(user_id, "x", is_admin, can_write, roles)


# role → (read public, read private, write, manage) on an organization's repository that somebody else made
TABLE = {
    None: (True, False, False, False),
    Role.NO_ACCESS: (True, False, False, False),
    Role.READ: (True, True, False, False),
    Role.CONTRIBUTOR: (True, True, False, False),
    Role.WRITE: (True, True, True, True),
    Role.ADMIN: (True, True, True, True),
}


@pytest.mark.parametrize("role", TABLE, ids=str)
@pytest.mark.parametrize("can_write", [True, False], ids=["write token", "read token"])
def test_each_role_may_exactly_this_with_what_somebody_else_made(role, can_write):
    actor = member(role, can_write=can_write)
    public, private = Thing(ORG, ADA, private=False), Thing(ORG, ADA, private=True)
    read_public, read_private, write, manage = TABLE[role]
    for thing, read in ((public, read_public), (private, read_private)):
        assert may(actor, Action.READ, thing) is read
        assert may(actor, Action.WRITE, thing) is (write and can_write)
        assert may(actor, Action.MANAGE, thing) is (manage and can_write)


@pytest.mark.parametrize("action", Action)
def test_a_contributor_may_everything_with_what_they_made(action):
    made = Thing(ORG, EVE, private=True)
    assert may(member(Role.CONTRIBUTOR), action, made)
    assert may(member(Role.CONTRIBUTOR, can_write=False), action, made) is (action is Action.READ)


@pytest.mark.parametrize("action", Action)
def test_having_made_it_gives_nothing_after_leaving(action):
    assert not may(member(None), action, Thing(ORG, EVE, private=True))


@pytest.mark.parametrize("action", Action)
def test_a_stranger_only_reads_what_is_public(action):
    assert may(STRANGER, action, Thing(ORG, ADA, private=False)) is (action is Action.READ)
    assert not may(STRANGER, action, Thing(ORG, ADA, private=True))
    assert not may(STRANGER, action, Thing(ORG, None, private=True))


@pytest.mark.parametrize("action", Action)
def test_operators_may_everything_but_write_with_a_read_token(action):
    thing = Thing(ORG, ADA, private=True)
    assert may(member(None, is_admin=True), action, thing)
    assert may(member(None, is_admin=True, can_write=False), action, thing) is (action is Action.READ)


@pytest.mark.parametrize("action", Action)
def test_people_may_everything_at_home(action):
    assert may(member(None, user_id=ADA), action, Thing(ADA, ADA, private=True))


@pytest.mark.parametrize(
    ("role", "answer"),
    [
        (None, False),
        (Role.NO_ACCESS, False),
        (Role.READ, False),
        (Role.CONTRIBUTOR, True),
        (Role.WRITE, True),
        (Role.ADMIN, True),
    ],
    ids=str,
)
def test_who_may_create_in_an_organization(role, answer):
    assert may_create(member(role), ORG) is answer
    assert not may_create(member(role, can_write=False), ORG)
    assert not may_create(STRANGER, ORG)
