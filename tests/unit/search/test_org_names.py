"""Names of organizations that change or go, in the index of people."""

import pytest

from hubkeep import accounts
from hubkeep.accounts import OwnerKind, orgs
from hubkeep.accounts.orgs import OrgChanges
from hubkeep.search.people import find_people


@pytest.fixture
def found(house):
    """Find organizations by a piece of their names."""

    def found(text: str) -> list[str]:
        with house.stores.db.read() as tx:
            return [owner.name for owner in find_people(tx, OwnerKind.ORG, text, 10)]

    return found


def do(house, verb, *args):
    with house.stores.db.write() as tx:
        ada = accounts.actor_of(tx, accounts.user_named(tx, "ada").id, can_write=True)
        return verb(tx, ada, *args)


def test_another_full_name_is_found_and_the_old_one_is_not(house, found):
    do(house, orgs.create_org, "keep", OrgChanges(fullname="Harbour Office"))
    assert found("harbour") == ["keep"]
    do(house, orgs.update_org, "keep", OrgChanges(fullname="Lighthouse"))
    assert found("harbour") == []
    assert found("lighthouse") == ["keep"]


def test_what_is_deleted_is_found_no_more_and_its_number_is_never_given_again(house, found):
    old = do(house, orgs.create_org, "keep", OrgChanges(fullname="Harbour Office"))
    do(house, orgs.delete_org, "keep")
    assert found("harbour") == []
    new = do(house, orgs.create_org, "other")
    assert new.id > old.id
    assert found("other") == ["other"]
