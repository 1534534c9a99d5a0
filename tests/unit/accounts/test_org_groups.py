"""Resource groups: who is in them, what that gives, and what it takes."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from tests.unit.accounts.test_access import ORG, Thing, member
from tests.unit.accounts.test_orgs import House

from hubkeep import accounts
from hubkeep.accounts import (
    Action,
    BadCredentials,
    GroupSeat,
    NotAllowed,
    NotSignedIn,
    Role,
    may,
    may_create,
    orgs,
)
from hubkeep.accounts.orgs import (
    AutoJoin,
    GroupNameTaken,
    GroupNotFound,
    NewGroup,
    NotAMember,
    NotInGroup,
    ResourceGroup,
)
from hubkeep.accounts.tables import audit_log
from hubkeep.kit import BadInput

ADA, EVE, GROUP, OTHER = 1, 2, 70, 71

# role in the group → (read private, write, manage) of what somebody else made, whatever the role in the organization is
IN_GROUP = {
    None: (False, False, False),
    Role.NO_ACCESS: (False, False, False),
    Role.READ: (True, False, False),
    Role.CONTRIBUTOR: (True, False, False),
    Role.WRITE: (True, True, True),
    Role.ADMIN: (True, True, True),
}


@pytest.mark.parametrize("in_group", IN_GROUP, ids=str)
@pytest.mark.parametrize("in_org", [*Role], ids=str)
def test_in_a_group_the_role_there_counts_but_for_administrators(in_org, in_group):
    seats = {GROUP: GroupSeat(ORG, in_group)} if in_group else {}
    actor = replace(member(in_org), groups=seats)
    read, write, manage = (True, True, True) if in_org is Role.ADMIN else IN_GROUP[in_group]
    shut = Thing(ORG, ADA, private=True, resource_group_id=GROUP)
    assert may(actor, Action.READ, shut) is read
    assert may(actor, Action.WRITE, shut) is write
    assert may(actor, Action.MANAGE, shut) is manage
    open_ = Thing(ORG, ADA, private=False, resource_group_id=GROUP)
    assert may(actor, Action.READ, open_)
    assert may(actor, Action.WRITE, open_) is write
    assert not may(replace(actor, can_write=False), Action.WRITE, shut)


def test_a_seat_gives_nothing_in_other_groups_and_outside():
    actor = replace(member(Role.NO_ACCESS), groups={GROUP: GroupSeat(ORG, Role.ADMIN)})
    for thing in (Thing(ORG, ADA, private=True, resource_group_id=OTHER), Thing(ORG, ADA, private=True)):
        assert not may(actor, Action.READ, thing)
    assert may_create(actor, ORG, resource_group_id=GROUP)
    assert not may_create(actor, ORG, resource_group_id=OTHER)
    assert not may_create(actor, ORG)


def test_a_contributor_of_a_group_manages_what_they_made():
    actor = replace(member(Role.READ), groups={GROUP: GroupSeat(ORG, Role.CONTRIBUTOR)})
    assert may(actor, Action.MANAGE, Thing(ORG, EVE, private=True, resource_group_id=GROUP))
    assert not may(actor, Action.MANAGE, Thing(ORG, ADA, private=True, resource_group_id=GROUP))


@pytest.fixture
def house(people):
    return House(people.db)


def group_of(house: House, name: str = "vision", **said) -> ResourceGroup:
    made: ResourceGroup = house.do(orgs.create_group, "ada", "keep", NewGroup(name, **said))
    return made


def seats(house: House, name: str) -> dict[int, Role]:
    return {number: seat.role for number, seat in house.actor(name).groups.items()}


def test_people_are_put_into_a_group_moved_and_taken_out(house):
    house.admit("bob", Role.READ)
    group = group_of(house)
    house.do(orgs.add_to_group, "ada", "keep", group.id, [("bob", Role.WRITE), ("ada", Role.READ)])
    assert seats(house, "bob") == {group.id: Role.WRITE}
    house.do(orgs.change_group_role, "ada", "keep", group.id, "bob", Role.READ)
    assert seats(house, "bob") == {group.id: Role.READ}
    house.do(orgs.remove_from_group, "ada", "keep", group.id, "bob")
    assert seats(house, "bob") == {}
    with pytest.raises(NotInGroup):
        house.do(orgs.remove_from_group, "ada", "keep", group.id, "bob")
    with pytest.raises(NotInGroup):
        house.do(orgs.change_group_role, "ada", "keep", group.id, "bob", Role.READ)


def test_who_is_outside_the_organization_is_in_none_of_its_groups(house):
    group = group_of(house)
    with pytest.raises(NotAMember):
        house.do(orgs.add_to_group, "ada", "keep", group.id, [("ada", Role.READ), ("bob", Role.WRITE)])
    assert seats(house, "ada") == {}  # all or none


def test_leaving_an_organization_leaves_its_groups(house):
    house.admit("bob", Role.WRITE)
    group = group_of(house)
    house.do(orgs.add_to_group, "ada", "keep", group.id, [("bob", Role.ADMIN)])
    house.do(orgs.leave, "bob", "keep")
    assert seats(house, "bob") == {}
    house.admit("bob", Role.READ)
    assert seats(house, "bob") == {}


def test_several_organizations_and_groups_do_not_mix(house):
    house.admit("bob", Role.READ)
    first, second = group_of(house, "one"), group_of(house, "two")
    house.do(orgs.add_to_group, "ada", "keep", first.id, [("bob", Role.WRITE)])
    house.do(orgs.add_to_group, "ada", "keep", second.id, [("bob", Role.READ)])
    with house.db.write() as tx:
        accounts.add_org(tx, "other", {"bob": Role.WRITE, "ada": Role.ADMIN})
    third = house.do(orgs.create_group, "ada", "other", NewGroup("one"))
    house.do(orgs.add_to_group, "ada", "other", third.id, [("bob", Role.ADMIN)])
    bob = house.actor("bob")
    assert seats(house, "bob") == {first.id: Role.WRITE, second.id: Role.READ, third.id: Role.ADMIN}
    assert len(bob.roles) == 3
    assert bob.groups[third.id].org_id != bob.groups[first.id].org_id


def test_an_actor_with_groups_is_one_query(house):
    house.admit("bob", Role.READ)
    for number in range(3):
        group = group_of(house, f"g{number}")
        house.do(orgs.add_to_group, "ada", "keep", group.id, [("bob", Role.WRITE)])
    asked: list[str] = []
    with house.db.read() as tx:
        user = accounts.user_named(tx, "bob")
        sa.event.listen(tx.sql, "before_cursor_execute", lambda *args: asked.append(args[2]))
        actor = accounts.actor_of(tx, user.id, can_write=True)
        queries = len(asked)
        plan = " ".join(
            str(row) for row in tx.sql.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", (user.id,))
        )
    assert queries == 1
    assert len(actor.groups) == 3
    assert "SCAN" not in plan


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_names_of_groups_are_bounded(house, name):
    with pytest.raises(BadInput):
        group_of(house, name)


def test_two_groups_of_an_organization_are_named_differently(house):
    group = group_of(house)
    with pytest.raises(GroupNameTaken):
        group_of(house, "VISION")
    other = group_of(house, "speech")
    with pytest.raises(GroupNameTaken):
        house.do(orgs.update_group, "ada", "keep", other.id, name="Vision")
    changed = house.do(orgs.update_group, "ada", "keep", group.id, name="Sight", description="what is seen")
    assert (changed.name, changed.description) == ("Sight", "what is seen")


def test_groups_are_not_reached_through_another_organization(house):
    group = group_of(house)
    house.do(orgs.create_org, "cid", "rival")
    attempts = [
        (orgs.get_group,),
        (orgs.update_group,),
        (orgs.set_auto_join, None),
        (orgs.delete_group,),
        (orgs.add_to_group, [("cid", Role.ADMIN)]),
        (orgs.change_group_role, "cid", Role.ADMIN),
        (orgs.remove_from_group, "cid"),
    ]
    for verb, *args in attempts:
        with pytest.raises(GroupNotFound):
            house.do(verb, "cid", "rival", group.id, *args)
        with pytest.raises((GroupNotFound, NotAllowed)):
            house.do(verb, "cid", "keep", group.id, *args)
        with pytest.raises(NotSignedIn):
            house.do(verb, "", "keep", group.id, *args)
    with pytest.raises(GroupNotFound):
        house.do(orgs.change_role, "cid", "rival", "cid", Role.ADMIN, [(group.id, Role.ADMIN)])


def test_who_administers_a_group_says_who_is_in_it_and_no_more(house):
    for name in ("bob", "cid"):
        house.admit(name, Role.READ)
    group = group_of(house)
    house.do(orgs.add_to_group, "ada", "keep", group.id, [("bob", Role.ADMIN)])
    house.do(orgs.add_to_group, "bob", "keep", group.id, [("cid", Role.WRITE)])
    assert seats(house, "cid") == {group.id: Role.WRITE}
    for verb, *args in [(orgs.delete_group,), (orgs.set_auto_join, AutoJoin(Role.ADMIN))]:
        with pytest.raises(NotAllowed):
            house.do(verb, "bob", "keep", group.id, *args)
    with pytest.raises(NotAllowed):
        house.do(orgs.add_to_group, "cid", "keep", group.id, [("cid", Role.ADMIN)])
    with pytest.raises(NotAllowed):
        house.do(orgs.create_group, "bob", "keep", NewGroup("mine"))


def test_members_see_their_groups_administrators_all_and_others_none(house):
    house.admit("bob", Role.READ)
    first, second = group_of(house, "a"), group_of(house, "b")
    house.do(orgs.add_to_group, "ada", "keep", second.id, [("bob", Role.READ)])
    assert [one.id for one in house.see(orgs.list_groups, "ada", "keep")] == [first.id, second.id]
    assert [one.id for one in house.see(orgs.list_groups, "bob", "keep")] == [second.id]
    with pytest.raises(NotAllowed):
        house.see(orgs.list_groups, "cid", "keep")


@pytest.mark.parametrize(
    ("scope", "role", "joins"),
    [("all", Role.NO_ACCESS, True), ("read_plus", Role.NO_ACCESS, False), ("read_plus", Role.READ, True)],
)
def test_who_joins_the_organization_joins_groups_that_are_open_to_them(house, scope, role, joins):
    group = group_of(house, auto_join=AutoJoin(Role.CONTRIBUTOR, scope))
    house.admit("bob", role)
    assert seats(house, "bob") == ({group.id: Role.CONTRIBUTOR} if joins else {})
    house.do(orgs.set_auto_join, "ada", "keep", group.id, None)
    house.admit("cid", Role.WRITE)
    assert seats(house, "cid") == {}


def test_a_role_and_groups_are_changed_in_one_go(house):
    house.admit("bob", Role.READ)
    group = group_of(house)
    house.do(orgs.change_role, "ada", "keep", "bob", Role.WRITE, [(group.id, Role.ADMIN)])
    assert seats(house, "bob") == {group.id: Role.ADMIN}
    found = house.see(orgs.list_members, "ada", "keep").items[1]
    assert (found.role, found.groups[0].name, found.groups[0].role) == (Role.WRITE, "vision", Role.ADMIN)
    assert house.see(orgs.list_members, "bob", "keep").items[1].groups == []


def test_what_happens_to_groups_is_audited(house):
    house.admit("bob", Role.READ)
    group = group_of(house)
    house.do(orgs.add_to_group, "ada", "keep", group.id, [("bob", Role.READ)])
    house.do(orgs.change_group_role, "ada", "keep", group.id, "bob", Role.WRITE)
    house.do(orgs.remove_from_group, "ada", "keep", group.id, "bob")
    house.do(orgs.update_group, "ada", "keep", group.id, description="new")
    house.do(orgs.set_auto_join, "ada", "keep", group.id, AutoJoin(Role.READ))
    house.do(orgs.delete_group, "ada", "keep", group.id)
    told = [kind.partition(".")[2] for kind in house.audited() if kind.startswith("resource_group.")]
    assert told == ["create", "add_users", "change_role", "remove_users", "update", "settings", "delete"]
    with house.db.read() as tx:
        org_id = orgs.org_named(tx, "keep").id
        rows = tx.sql.execute(
            sa.select(audit_log.c.owner_id).where(audit_log.c.type.startswith("resource_group."))
        )
        assert set(rows.scalars()) == {org_id}


def test_a_disabled_user_is_nobody_whatever_their_groups(house):
    house.admit("bob", Role.READ)
    house.do(orgs.add_to_group, "ada", "keep", group_of(house).id, [("bob", Role.ADMIN)])
    with house.db.write() as tx:
        accounts.set_disabled(tx, "bob", disabled=True)
    with pytest.raises(BadCredentials):
        house.actor("bob")
