import pytest

from hubkeep import accounts, repos
from hubkeep.accounts import STRANGER, NotAllowed, NotSignedIn, Role


def names(house, actor, owner=None, **page):
    with house.stores.db.read() as tx:
        found, last = repos.list_owned(tx, actor, owner, **page)
    return [repo.name for repo in found], last


def test_people_see_what_they_own_page_by_page(house):
    house.make_repo(name="one", private=True)
    house.make_repo(name="two")
    house.make_repo(owner=house.eve, name="hers")
    first, last = names(house, house.ada, limit=1)
    assert first == ["one"]
    assert names(house, house.ada, after=last) == (["two"], None)


def test_only_members_see_what_an_organization_stores(house):
    with house.stores.db.write() as tx:
        accounts.add_org(tx, "acme", {"ada": Role.READ})
        ada = accounts.actor_of(tx, house.ada.user_id, can_write=True)
    assert names(house, ada, "acme") == ([], None)
    with pytest.raises(NotAllowed):
        names(house, house.eve, "acme")
    with pytest.raises(NotSignedIn):
        names(house, STRANGER)
