"""Letters to those who are invited to an organization, through a real mail server on this machine."""

import re
from functools import partial

import pytest
from tests.contracts.test_mail import house as house
from tests.contracts.test_mail import inbox as inbox
from tests.unit.community.conftest import make_house as make_house

from hubkeep import accounts
from hubkeep.accounts import Role, orgs
from hubkeep.accounts.orgs import InvitationNotFound
from hubkeep.kit.jobs import Worker

# The server on this machine speaks no TLS, and its password is no secret.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture
def keep(house):
    """An organization of grace's, and mary, who is to join it."""
    with house.stores.db.write() as tx:
        for name in ("grace", "mary"):
            accounts.add_user(tx, name, f"{name}@example.org", fullname=f"{name.title()} Hopper")
        accounts.add_org(tx, "keep", {"grace": Role.ADMIN}, fullname="The Keep")
    return house


def do(house, verb, name, *args, **named):
    with house.stores.db.write() as tx:
        actor = accounts.actor_of(tx, accounts.user_named(tx, name).id, can_write=True)
        return verb(tx, actor, *args, **named)


def work(house):
    handlers = {kind: partial(handler, house.stores) for kind, handler in orgs.HANDLERS.items()}
    worker = Worker(house.stores.db, handlers)
    while worker.run_one():
        pass


def test_somebody_invited_by_name_gets_a_letter(keep, inbox):
    do(keep, orgs.invite, "grace", "keep", "mary", Role.WRITE)
    work(keep)
    ((_, to, letter),) = inbox.take()
    assert to == ["mary@example.org"]
    text = letter.get_content()
    assert "Grace Hopper invites you to The Keep (keep)" in text
    assert "https://hub.example/settings/organizations" in text


def test_what_was_taken_back_is_not_sent(keep, inbox):
    made = do(keep, orgs.invite, "grace", "keep", "mary", Role.WRITE)
    do(keep, orgs.take_back_invitation, "grace", "keep", made.id)
    link = do(keep, orgs.make_link, "grace", "keep", Role.READ, email="new@example.org")
    do(keep, orgs.revoke_link, "grace", "keep", link.link.id)
    work(keep)
    assert inbox.take() == []


def test_an_address_gets_a_link_that_works_once(keep, inbox):
    do(keep, orgs.make_link, "grace", "keep", Role.READ, email="new@example.org")
    work(keep)
    ((_, to, letter),) = inbox.take()
    assert to == ["new@example.org"]
    link = re.search(r"https://hub\.example/organizations/keep/share\?code=(\S+)", letter.get_content())
    assert link
    do(keep, orgs.join_by_link, "mary", "keep", link[1])
    with pytest.raises(InvitationNotFound):
        do(keep, orgs.join_by_link, "eve", "keep", link[1])
