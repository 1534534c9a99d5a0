"""People change who belongs to an organization at the same moment. On SQLite and on PostgreSQL, from several nodes."""

import pytest
from tests.contracts.test_races import AT_ONCE, at_once
from tests.contracts.test_races import nodes as nodes
from tests.unit.repos.conftest import House

from hubkeep import accounts, repos
from hubkeep.accounts import Actor, Role, orgs
from hubkeep.accounts.orgs import NewGroup
from hubkeep.repos import Kind, NewRepo

PEOPLE = [f"p{number}" for number in range(AT_ONCE)]


def actor(house: House, name: str) -> Actor:
    with house.stores.db.read() as tx:
        return accounts.actor_of(tx, accounts.user_named(tx, name).id, can_write=True)


def do(house: House, verb, name: str, *args, **named):
    someone = actor(house, name)
    with house.stores.db.write() as tx:
        return verb(tx, someone, *args, **named)


def members(house: House) -> list[str]:
    with house.stores.db.read() as tx:
        return [one.user.name for one in orgs.list_members(tx, house.ada, "keep").items]


@pytest.fixture
def crowd(nodes):
    with nodes[0].stores.db.write() as tx:
        for name in PEOPLE:
            accounts.add_user(tx, name)
        accounts.add_org(tx, "keep", {"ada": Role.ADMIN})
    return nodes


def test_of_administrators_who_all_leave_at_once_one_stays(crowd):
    with crowd[0].stores.db.write() as tx:
        for name in PEOPLE:
            accounts.set_member(
                tx, orgs.org_named(tx, "keep").id, accounts.user_named(tx, name).id, Role.ADMIN
            )
    do(crowd[0], orgs.leave, "ada", "keep")
    came = at_once(crowd, lambda house, number: do(house, orgs.leave, PEOPLE[number], "keep"))
    assert came == {"done": AT_ONCE - 1, "LastAdmin": 1}
    assert len(members(crowd[0])) == 1


def test_a_link_for_two_lets_two_of_many_in(crowd):
    made = do(crowd[0], orgs.make_link, "ada", "keep", Role.READ, max_uses=2)

    def join(house: House, number: int) -> None:
        do(house, orgs.join_by_link, PEOPLE[number], "keep", made.secret)

    assert at_once(crowd, join) == {"done": 2, "InvitationNotFound": AT_ONCE - 2}
    assert len(members(crowd[0])) == 3


def test_one_person_who_joins_by_two_ways_at_once_is_one_member(crowd):
    link = do(crowd[0], orgs.make_link, "ada", "keep", Role.READ)
    invited = do(crowd[0], orgs.invite, "ada", "keep", "p0", Role.WRITE)

    def join(house: House, number: int) -> None:
        if number % 2:
            do(house, orgs.join_by_link, "p0", "keep", link.secret)
        else:
            do(house, orgs.accept_invitation, "p0", invited.id)

    came = at_once(crowd, join)
    assert came["done"] == 1, came
    assert not any(outcome.startswith("bug") for outcome in came), came
    assert members(crowd[0]) == ["ada", "p0"]


def test_groups_and_service_accounts_get_names_of_their_own(crowd):
    came = at_once(crowd, lambda house, _: do(house, orgs.create_group, "ada", "keep", NewGroup("vision")))
    assert came == {"done": 1, "GroupNameTaken": AT_ONCE - 1}
    came = at_once(crowd, lambda house, _: do(house, orgs.create_service_account, "ada", "keep", "CI"))
    assert came == {"done": AT_ONCE}
    with crowd[0].stores.db.read() as tx:
        users = [one.user for one in orgs.list_service_accounts(tx, actor(crowd[0], "ada"), "keep")]
    assert len(set(users)) == AT_ONCE


def test_who_may_list_what_is_the_same_on_both_databases(crowd):
    house = crowd[0]
    repos.subscribe(house.stores.db.bus)
    group = do(house, orgs.create_group, "ada", "keep", NewGroup("vision"))
    with house.stores.db.write() as tx:
        org = orgs.org_named(tx, "keep")
        for name, role in (("p0", Role.READ), ("p1", Role.NO_ACCESS), ("p2", Role.NO_ACCESS)):
            accounts.set_member(tx, org.id, accounts.user_named(tx, name).id, role)
    do(house, orgs.add_to_group, "ada", "keep", group.id, [("p1", Role.READ)])
    ada = actor(house, "ada")
    inside = repos.create(house.stores, ada, NewRepo(Kind.MODEL, "keep", "in", True, None, group.id))
    outside = repos.create(house.stores, ada, NewRepo(Kind.MODEL, "keep", "out", private=True))

    def seen(name: str) -> set[int]:
        with house.stores.db.read() as tx:
            return set(tx.sql.execute(repos.readable_ids(actor(house, name))).scalars())

    assert [seen(name) for name in ("ada", "p0", "p1", "p2", "eve")] == [
        {inside.id, outside.id},
        {outside.id},
        {inside.id},
        set(),
        set(),
    ]
    do(house, orgs.delete_group, "ada", "keep", group.id)
    assert seen("p0") == {inside.id, outside.id}
    assert seen("p1") == set()
