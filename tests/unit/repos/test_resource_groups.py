"""Repositories in resource groups, and repositories that go from owner to owner."""

import itertools

import pytest

from hubkeep import accounts, repos
from hubkeep.accounts import Action, Actor, NotAllowed, Role, may, orgs
from hubkeep.accounts.orgs import GroupNotFound, NewGroup, OrgNotEmpty
from hubkeep.repos import Kind, NewRepo, RepoMoved, RepoNotFound


class Org:
    """Organization `keep`: ada administers it, and `p_<role in it>_<role in the group>` are its people."""

    def __init__(self, house):
        self.house, self.db = house, house.stores.db
        repos.subscribe(house.stores.db.bus)
        with self.db.write() as tx:
            accounts.add_org(tx, "keep", {"ada": Role.ADMIN})
            self.group = orgs.create_group(tx, self.actor(tx, "ada"), "keep", NewGroup("vision"))
            self.people = []
            for in_org, in_group in itertools.product(Role, (None, *Role)):
                name = f"p_{in_org.value}_{in_group.value if in_group else 'none'}"
                user = accounts.add_user(tx, name)
                accounts.set_member(tx, orgs.org_named(tx, "keep").id, user.id, in_org)
                if in_group:
                    orgs.add_to_group(tx, self.actor(tx, "ada"), "keep", self.group.id, [(name, in_group)])
                self.people.append(name)

    def actor(self, tx, name: str) -> Actor:
        return accounts.actor_of(tx, accounts.user_named(tx, name).id, can_write=True)

    def who(self, name: str) -> Actor:
        with self.db.read() as tx:
            return self.actor(tx, name)

    def make(self, by: str = "ada", owner: str = "keep", **said) -> repos.Repo:
        new = NewRepo(Kind.MODEL, owner, f"repo{next(_numbers)}", **said)
        return repos.create(self.house.stores, self.who(by), new)

    def do(self, verb, name: str, *args):
        with self.db.write() as tx:
            return verb(tx, self.actor(tx, name), *args)

    def move(self, name: str, repo: repos.Repo, to: str) -> repos.Repo:
        moved: repos.Repo = self.do(repos.move, name, repo.kind, repo.full_name, to)
        return moved


_numbers = itertools.count()


@pytest.fixture
def org(house):
    return Org(house)


def test_lists_show_exactly_what_may_be_read(org):
    made = [
        org.make(private=private, resource_group_id=group)
        for private, group in itertools.product((False, True), (None, org.group.id))
    ]
    for name in [*org.people, "ada", "eve"]:
        actor = org.who(name)
        with org.db.read() as tx:
            seen = {one.id for one in repos.repos_by_id(tx, [r.id for r in made])}
            readable = set(tx.sql.execute(repos.readable_ids(actor)).scalars())
        assert seen == {one.id for one in made}
        assert readable == {one.id for one in made if may(actor, Action.READ, one)}, name


def test_a_private_repository_in_a_group_looks_missing_to_other_members(org):
    repo = org.make(private=True, resource_group_id=org.group.id)
    with org.db.read() as tx:
        for name in ("p_write_none", "p_write_no_access", "eve"):
            with pytest.raises(RepoNotFound):
                repos.get(tx, org.actor(tx, name), repo.kind, repo.full_name)
        assert repos.get(tx, org.actor(tx, "p_no_access_read"), repo.kind, repo.full_name) == repo


def test_the_group_decides_who_creates_in_it(org):
    assert (
        org.make("p_no_access_contributor", resource_group_id=org.group.id).resource_group_id == org.group.id
    )
    with pytest.raises(NotAllowed):
        org.make("p_no_access_contributor")
    with pytest.raises(NotAllowed):
        org.make("p_write_read", resource_group_id=org.group.id)
    for name in ("p_write_none", "eve"):
        with pytest.raises(GroupNotFound):
            org.make(name, resource_group_id=org.group.id)
    with pytest.raises(GroupNotFound):
        org.make("ada", owner="ada", resource_group_id=org.group.id)
    with pytest.raises(GroupNotFound):
        org.make("ada", resource_group_id=10**9)


def test_moving_into_a_group_and_out_takes_rights_at_both_ends(org):
    repo = org.make("p_contributor_none", private=True)
    args = (repo.kind, repo.full_name, org.group.id)
    with pytest.raises(GroupNotFound):
        org.do(repos.set_resource_group, "p_contributor_none", *args)
    with pytest.raises(NotAllowed):
        org.do(repos.set_resource_group, "p_write_read", *args)
    after, group = org.do(repos.set_resource_group, "p_write_write", *args)
    assert (after.resource_group_id, group.name) == (org.group.id, "vision")
    with pytest.raises(NotAllowed):  # may write there, but create nothing outside
        org.do(repos.set_resource_group, "p_read_write", repo.kind, repo.full_name, None)
    after, group = org.do(repos.set_resource_group, "p_write_write", repo.kind, repo.full_name, None)
    assert (after.resource_group_id, group) == (None, None)


def test_groups_of_other_organizations_take_nothing(org):
    org.do(orgs.create_org, "eve", "rival")
    theirs = org.do(orgs.create_group, "eve", "rival", NewGroup("x"))
    repo = org.make()
    with pytest.raises(GroupNotFound):
        org.do(repos.set_resource_group, "ada", repo.kind, repo.full_name, theirs.id)
    mine = org.make("eve", owner="eve")
    with pytest.raises(GroupNotFound):
        org.do(repos.set_resource_group, "eve", mine.kind, mine.full_name, theirs.id)


def test_a_deleted_group_gives_its_repositories_back(org):
    repo = org.make(private=True, resource_group_id=org.group.id)
    org.do(orgs.delete_group, "ada", "keep", org.group.id)
    with org.db.read() as tx:
        assert (
            repos.get(tx, org.actor(tx, "p_read_none"), repo.kind, repo.full_name).resource_group_id is None
        )


def test_an_organization_that_owns_something_is_not_deleted(org):
    repo = org.make()
    with pytest.raises(OrgNotEmpty, match="1 repository"):
        org.do(orgs.delete_org, "ada", "keep")
    org.do(repos.delete, "ada", repo.kind, repo.full_name)
    org.do(orgs.delete_org, "ada", "keep")


# who → may take it out of the organization, to themselves
@pytest.mark.parametrize(
    ("name", "allowed"),
    [("p_admin_none", True), ("p_write_none", False), ("p_contributor_none", False), ("p_read_none", False)],
)
def test_only_administrators_take_repositories_out_of_an_organization(org, name, allowed):
    repo = org.make(name if name != "p_read_none" else "ada")
    if allowed:
        assert org.move(name, repo, f"{name}/mine").owner == name
    else:
        with pytest.raises(NotAllowed):
            org.move(name, repo, f"{name}/mine")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("p_contributor_none", True),
        ("p_write_none", True),
        ("p_read_none", False),
        ("p_no_access_none", False),
    ],
)
def test_people_give_to_an_organization_in_which_they_may_create(org, name, allowed):
    repo = org.make(name, owner=name)
    if allowed:
        assert org.move(name, repo, "keep/given").full_name == "keep/given"
        with org.db.read() as tx, pytest.raises(RepoMoved):
            repos.get(tx, org.actor(tx, name), repo.kind, repo.full_name)
    else:
        with pytest.raises(NotAllowed):
            org.move(name, repo, "keep/given")


def test_between_organizations_one_administers_here_and_contributes_there(org):
    with org.db.write() as tx:
        accounts.add_org(tx, "other", {"p_admin_none": Role.CONTRIBUTOR, "p_write_none": Role.ADMIN})
    repo = org.make(private=True, resource_group_id=org.group.id)
    with pytest.raises(RepoNotFound):
        org.move("p_write_none", repo, "other/x")
    after = org.move("p_admin_none", repo, "other/x")
    assert (after.owner, after.resource_group_id) == ("other", None)
    with pytest.raises(NotAllowed):
        org.move("p_admin_none", after, "keep/back")


def test_nobody_gives_anything_to_another_person(org):
    repo = org.make("eve", owner="eve")
    with pytest.raises(NotAllowed):
        org.move("eve", repo, "ada/gift")


def test_within_an_organization_writers_rename_and_the_group_stays(org):
    repo = org.make(private=True, resource_group_id=org.group.id)
    after = org.move("p_read_write", repo, "keep/renamed")
    assert (after.full_name, after.resource_group_id) == ("keep/renamed", org.group.id)
    with pytest.raises(NotAllowed):
        org.move("p_write_read", after, "keep/again")


def test_a_copy_may_be_made_into_a_group(org):
    repo = org.make()
    new = NewRepo(Kind.MODEL, "keep", "copy", private=True, resource_group_id=org.group.id)
    copy = repos.duplicate(org.house.stores, org.who("p_no_access_write"), repo.kind, repo.full_name, new)
    assert copy.resource_group_id == org.group.id
