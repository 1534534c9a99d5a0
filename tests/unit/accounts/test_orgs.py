"""Organizations: made, told of, joined, left and deleted."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hubkeep import accounts
from hubkeep.accounts import Actor, NameTaken, NotAllowed, NotSignedIn, OwnerNotFound, Role, orgs
from hubkeep.accounts.org_tables import invitations, invite_links
from hubkeep.accounts.orgs import (
    AlreadyAMember,
    AlreadyInvited,
    InvitationNotFound,
    LastAdmin,
    NotAMember,
    OrgChanges,
    OrgNotFound,
)
from hubkeep.accounts.tables import audit_log
from hubkeep.kit import BadInput, now


class House:
    """An organization `keep` of ada's; bob, cid and dora are people outside."""

    def __init__(self, db):
        self.db = db
        with db.write() as tx:
            for name in ("bob", "cid", "dora"):
                accounts.add_user(tx, name, f"{name}@example.org")
        self.do(orgs.create_org, "ada", "keep", OrgChanges(fullname="The Keep"))

    def actor(self, name: str) -> Actor:
        if not name:
            return accounts.STRANGER
        with self.db.read() as tx:
            return accounts.actor_of(tx, accounts.user_named(tx, name).id, can_write=True)

    def do(self, verb, name, /, *args, **named) -> Any:
        with self.db.write() as tx:
            return verb(tx, self.actor(name), *args, **named)

    def see(self, verb, name, /, *args, **named) -> Any:
        with self.db.read() as tx:
            return verb(tx, self.actor(name), *args, **named)

    def admit(self, name: str, role: Role) -> None:
        found = self.do(orgs.invite, "ada", "keep", name, role)
        self.do(orgs.accept_invitation, name, found.id)

    def roles(self) -> dict[str, str]:
        return {one.user.name: one.role.value for one in self.see(orgs.list_members, "ada", "keep").items}

    def audited(self) -> list[str]:
        with self.db.read() as tx:
            rows = tx.sql.execute(sa.select(audit_log.c.type).order_by(audit_log.c.id))
            return [kind for kind in rows.scalars() if kind.startswith(("org.", "resource_group."))]


@pytest.fixture
def house(people):
    return House(people.db)


def test_whoever_makes_an_organization_administers_it(house):
    assert house.roles() == {"Ada": "admin"}
    assert (
        house.actor("ada").roles[house.see(lambda tx, _: orgs.org_named(tx, "KEEP"), "ada").id] is Role.ADMIN
    )


def test_strangers_and_reading_tokens_make_none(house):
    with pytest.raises(NotSignedIn):
        house.do(orgs.create_org, "", "other")
    with house.db.write() as tx, pytest.raises(NotAllowed):
        orgs.create_org(tx, replace(house.actor("ada"), can_write=False), "other")


@pytest.mark.parametrize("name", ["keep", "KEEP", "ada"])
def test_a_name_is_taken_by_users_and_organizations_alike(house, name):
    with pytest.raises(NameTaken):
        house.do(orgs.create_org, "bob", name)


@pytest.mark.parametrize("name", ["", "a b", "../x", "settings", "a" * 97, "x--y"])
def test_names_keep_the_rules(house, name):
    with pytest.raises(BadInput):
        house.do(orgs.create_org, "bob", name)


def test_a_profile_is_cleaned_and_audited_with_before_and_after(house):
    said = OrgChanges(
        fullname=" The\nKeep\0 ", details="We  keep", website="https://keep.example", github="@keep"
    )
    house.do(orgs.update_org, "ada", "keep", said)
    org = house.see(lambda tx, _: orgs.org_named(tx, "keep"), "")
    found = house.see(lambda tx, _: orgs.org_profile(tx, org.id), "")
    assert (org.fullname, found.details, found.website, found.github) == (
        "The Keep",
        "We keep",
        "https://keep.example",
        "keep",
    )
    assert house.audited() == ["org.create", "org.update"]


@pytest.mark.parametrize(
    "said",
    [
        {"website": "javascript:alert(1)"},
        {"website": "https://user@evil.example"},
        {"website": 'https://x"onload='},
        {"details": "x" * 501},
        {"github": "https://github.com/x"},
        {"twitter": "<b>"},
    ],
    ids=str,
)
def test_a_profile_takes_no_traps(house, said):
    with pytest.raises(BadInput):
        house.do(orgs.update_org, "ada", "keep", OrgChanges(**said))


def test_an_invitation_is_for_one_person_and_answered_once(house):
    found = house.do(orgs.invite, "ada", "keep", "bob", Role.WRITE)
    assert [one.org.name for one in house.see(orgs.my_invitations, "bob")] == ["keep"]
    for other in ("cid", "ada"):
        with pytest.raises(InvitationNotFound):
            house.do(orgs.accept_invitation, other, found.id)
    with pytest.raises(NotSignedIn):
        house.do(orgs.accept_invitation, "", found.id)
    house.do(orgs.accept_invitation, "bob", found.id)
    assert house.roles() == {"Ada": "admin", "bob": "write"}
    with pytest.raises(InvitationNotFound):
        house.do(orgs.accept_invitation, "bob", found.id)


def test_an_invitation_is_declined_or_taken_back(house):
    found = house.do(orgs.invite, "ada", "keep", "bob", Role.WRITE)
    house.do(orgs.decline_invitation, "bob", found.id)
    found = house.do(orgs.invite, "ada", "keep", "bob", Role.READ)
    with pytest.raises(AlreadyInvited):
        house.do(orgs.invite, "ada", "keep", "bob", Role.ADMIN)
    house.do(orgs.take_back_invitation, "ada", "keep", found.id)
    with pytest.raises(InvitationNotFound):
        house.do(orgs.accept_invitation, "bob", found.id)
    assert house.roles() == {"Ada": "admin"}
    assert house.audited()[1:] == [
        "org.invite_user",
        "org.decline_invitation",
        "org.invite_user",
        "org.uninvite_user",
    ]


def test_an_invitation_ends_with_its_time(house):
    found = house.do(orgs.invite, "ada", "keep", "bob", Role.WRITE)
    with house.db.write() as tx:
        tx.sql.execute(sa.update(invitations).values(expires_at=now() - timedelta(seconds=1)))
    assert house.see(orgs.my_invitations, "bob") == []
    with pytest.raises(InvitationNotFound):
        house.do(orgs.accept_invitation, "bob", found.id)
    house.do(orgs.invite, "ada", "keep", "bob", Role.READ)  # the old one is in nobody's way


def test_an_invitation_cannot_be_taken_back_from_another_organization(house):
    found = house.do(orgs.invite, "ada", "keep", "bob", Role.WRITE)
    house.do(orgs.create_org, "cid", "rival")
    with pytest.raises(InvitationNotFound):
        house.do(orgs.take_back_invitation, "cid", "rival", found.id)
    with pytest.raises(NotAllowed):
        house.do(orgs.take_back_invitation, "cid", "keep", found.id)
    assert len(house.see(orgs.invitations_of, "ada", "keep")) == 1


def test_who_is_in_is_not_invited(house):
    house.admit("bob", Role.READ)
    with pytest.raises(AlreadyAMember):
        house.do(orgs.invite, "ada", "keep", "bob", Role.ADMIN)
    with pytest.raises(OwnerNotFound):
        house.do(orgs.invite, "ada", "keep", "nobody", Role.READ)


@pytest.mark.parametrize("days", [0, 91, -1])
def test_invitations_last_for_a_bounded_time(house, days):
    with pytest.raises(BadInput):
        house.do(orgs.invite, "ada", "keep", "bob", Role.READ, days=days)


@pytest.mark.parametrize("role", [None, Role.NO_ACCESS, Role.READ, Role.CONTRIBUTOR, Role.WRITE], ids=str)
def test_only_administrators_change_an_organization(house, role):
    if role is not None:
        house.admit("bob", role)
    attempts = [
        (orgs.update_org, OrgChanges(details="mine")),
        (orgs.invite, "cid", Role.READ),
        (orgs.make_link, Role.READ),
        (orgs.change_role, "bob", Role.ADMIN),
        (orgs.remove_member, "ada"),
        (orgs.delete_org,),
        (orgs.create_group, orgs.NewGroup("mine")),
    ]
    for verb, *args in attempts:
        with pytest.raises(NotAllowed):
            house.do(verb, "bob", "keep", *args)
        with pytest.raises(NotSignedIn):
            house.do(verb, "", "keep", *args)
    for look in (orgs.invitations_of, orgs.links_of):
        with pytest.raises(NotAllowed):
            house.see(look, "bob", "keep")
    assert house.roles() == {"Ada": "admin"} | ({"bob": role.value} if role else {})


def test_the_last_administrator_stays_one(house):
    house.admit("bob", Role.WRITE)
    with pytest.raises(LastAdmin):
        house.do(orgs.leave, "ada", "keep")
    with pytest.raises(LastAdmin):
        house.do(orgs.change_role, "ada", "keep", "ada", Role.WRITE)
    with pytest.raises(LastAdmin):
        house.do(orgs.remove_member, "ada", "keep", "ada")
    house.do(orgs.change_role, "ada", "keep", "bob", Role.ADMIN)
    house.do(orgs.leave, "ada", "keep")
    with pytest.raises(LastAdmin):
        house.do(orgs.leave, "bob", "keep")


def test_an_administrator_who_is_disabled_does_not_count(house):
    house.admit("bob", Role.ADMIN)
    with house.db.write() as tx:
        accounts.set_disabled(tx, "bob", disabled=True)
    with pytest.raises(LastAdmin):
        house.do(orgs.leave, "ada", "keep")


def test_who_leaves_or_is_removed_has_no_role_any_more(house):
    house.admit("bob", Role.WRITE)
    house.admit("cid", Role.READ)
    org_id = house.see(lambda tx, _: orgs.org_named(tx, "keep"), "").id
    house.do(orgs.leave, "bob", "keep")
    house.do(orgs.remove_member, "ada", "keep", "cid")
    assert org_id not in house.actor("bob").roles
    assert org_id not in house.actor("cid").roles
    with pytest.raises(NotAMember):
        house.do(orgs.leave, "bob", "keep")
    assert house.audited()[-2:] == ["org.leave", "org.remove_user"]


def test_roles_are_for_members_and_organizations_are_no_users(house):
    with pytest.raises(NotAMember):
        house.do(orgs.change_role, "ada", "keep", "bob", Role.READ)
    with pytest.raises(OrgNotFound):
        house.do(orgs.change_role, "ada", "ada", "bob", Role.READ)
    with pytest.raises(OwnerNotFound):
        house.do(orgs.change_role, "ada", "keep", "acme", Role.READ)


def test_a_link_lets_in_as_many_as_it_says(house):
    made = house.do(orgs.make_link, "ada", "keep", Role.CONTRIBUTOR, max_uses=1)
    assert made.secret not in repr(made)
    assert house.see(orgs.link_by_secret, "", "keep", made.secret).role is Role.CONTRIBUTOR
    with pytest.raises(AlreadyAMember):
        house.do(orgs.join_by_link, "ada", "keep", made.secret)  # uses nothing up
    house.do(orgs.join_by_link, "bob", "keep", made.secret)
    with pytest.raises(InvitationNotFound):
        house.do(orgs.join_by_link, "cid", "keep", made.secret)
    assert house.roles() == {"Ada": "admin", "bob": "contributor"}


def test_a_link_is_of_one_organization_and_its_secret_is_not_kept(house):
    made = house.do(orgs.make_link, "ada", "keep", Role.READ)
    house.do(orgs.create_org, "cid", "rival")
    for org, secret in (("rival", made.secret), ("keep", "x"), ("keep", ""), ("keep", "\ud800")):
        with pytest.raises(InvitationNotFound):
            house.do(orgs.join_by_link, "bob", org, secret)
    with pytest.raises(InvitationNotFound):
        house.do(orgs.revoke_link, "cid", "rival", made.link.id)
    with house.db.read() as tx:
        assert made.secret not in str(tx.sql.execute(sa.select(invite_links)).all())
        assert made.secret not in str(tx.sql.execute(sa.select(audit_log.c.data)).all())


def test_a_link_ends_when_revoked_or_over(house):
    made = house.do(orgs.make_link, "ada", "keep", Role.READ)
    with house.db.write() as tx:
        tx.sql.execute(sa.update(invite_links).values(expires_at=now() - timedelta(seconds=1)))
    with pytest.raises(InvitationNotFound):
        house.do(orgs.join_by_link, "bob", "keep", made.secret)
    made = house.do(orgs.make_link, "ada", "keep", Role.READ)
    house.do(orgs.revoke_link, "ada", "keep", made.link.id)
    with pytest.raises(InvitationNotFound):
        house.do(orgs.join_by_link, "bob", "keep", made.secret)
    assert house.see(orgs.links_of, "ada", "keep") == []


def test_a_link_makes_no_administrators_and_keeps_its_bounds(house):
    with pytest.raises(BadInput, match="administrator"):
        house.do(orgs.make_link, "ada", "keep", Role.ADMIN)
    for bad in ({"max_uses": 0}, {"max_uses": 10_001}, {"days": 0}, {"email": "no address"}):
        with pytest.raises(BadInput):
            house.do(orgs.make_link, "ada", "keep", Role.READ, **bad)


def test_a_link_by_mail_is_for_one(house):
    made = house.do(orgs.make_link, "ada", "keep", Role.READ, email="new@example.org", max_uses=5)
    assert made.link.max_uses == 1


def test_members_are_listed_in_pages_and_found(house):
    for name in ("bob", "cid", "dora"):
        house.admit(name, Role.READ)
    page = house.see(orgs.list_members, "", "keep", limit=2)
    assert [one.user.name for one in page.items] == ["Ada", "bob"]
    page = house.see(orgs.list_members, "", "keep", after=page.next, limit=2)
    assert [one.user.name for one in page.items] == ["cid", "dora"]
    assert page.next is None
    found = house.see(orgs.list_members, "", "keep", orgs.MemberFilter(search="OR"))
    assert [one.user.name for one in found.items] == ["dora"]
    assert house.see(orgs.list_members, "", "keep", orgs.MemberFilter(search="%")).items == []


def test_an_address_finds_members_for_administrators_only(house):
    house.admit("bob", Role.READ)
    wanted = orgs.MemberFilter(email="BOB@example.org")
    assert [one.user.name for one in house.see(orgs.list_members, "ada", "keep", wanted).items] == ["bob"]
    assert house.see(orgs.list_members, "bob", "keep", wanted).items == []


def test_a_hidden_list_is_for_members(house):
    house.admit("bob", Role.NO_ACCESS)
    house.do(orgs.update_org, "ada", "keep", OrgChanges(members_hidden=True))
    for reader in ("", "cid"):
        page = house.see(orgs.list_members, reader, "keep")
        assert page.hidden
        assert page.items == []
    assert len(house.see(orgs.list_members, "bob", "keep").items) == 2
    assert house.see(lambda tx, a: accounts.profile(tx, a, "keep"), "cid").members == []


def test_a_deleted_organization_leaves_its_name_and_nothing_else(house):
    house.admit("bob", Role.READ)
    house.do(orgs.invite, "ada", "keep", "cid", Role.READ)
    house.do(orgs.create_group, "ada", "keep", orgs.NewGroup("g"))
    house.do(orgs.delete_org, "ada", "keep")
    with pytest.raises(OrgNotFound):
        house.see(orgs.list_members, "ada", "keep")
    assert house.see(orgs.my_invitations, "cid") == []
    house.do(orgs.create_org, "bob", "keep")
    assert [one.user.name for one in house.see(orgs.list_members, "bob", "keep").items] == ["bob"]


def test_operators_administer_every_organization(house):
    with house.db.write() as tx:
        accounts.add_user(tx, "op", is_admin=True)
    house.do(orgs.change_role, "op", "keep", "ada", Role.ADMIN)
    house.do(orgs.invite, "op", "keep", "bob", Role.READ)
    assert not house.see(orgs.list_members, "op", "keep").hidden
