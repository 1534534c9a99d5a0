"""Letters about accounts, through a real mail server on this machine."""

import re
from functools import partial

import pytest
from tests.contracts.test_mail import house as house
from tests.contracts.test_mail import inbox as inbox
from tests.unit.community.conftest import make_house as make_house

from hubkeep import accounts
from hubkeep.accounts import STRANGER, About, NewToken, Origin, TokenRole
from hubkeep.kit.jobs import Worker

# The server on this machine speaks no TLS, and its password is no secret.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
HERE = Origin("192.0.2.7", "test")


@pytest.fixture
def person(house):
    """Somebody with an address."""
    with house.stores.db.write() as tx:
        return accounts.add_user(tx, "grace", "grace@example.org", fullname="Grace Hopper")


def work(house):
    handlers = {kind: partial(handler, house.stores) for kind, handler in accounts.HANDLERS.items()}
    worker = Worker(house.stores.db, handlers)
    while worker.run_one():
        pass


def ask(house, *logins):
    for login in logins:
        with house.stores.db.write() as tx:
            accounts.ask_reset(tx, STRANGER, login, HERE)
    work(house)


def test_a_letter_with_a_link_goes_to_whoever_has_the_name_or_address_and_to_nobody_else(
    house, inbox, person
):
    ask(house, "GRACE", "grace@example.org", "nobody", "nobody@example.org")
    letters = inbox.take()
    assert [to for _, to, _ in letters] == [["grace@example.org"]] * 2
    letter = letters[0][2]
    text = letter.get_content()
    link = re.search(r"https://hub\.example/login/reset\?key=(\S+)", text)
    assert link, text
    assert letter["Auto-Submitted"] == "auto-generated"
    stores = house.stores
    changed = accounts.reset_password(stores.db, stores.signer, link[1], "correct horse", HERE)
    assert changed.id == person.id
    work(house)
    ((_, to, told),) = inbox.take()
    assert to == ["grace@example.org"]
    assert "password of grace was changed" in told.get_content()
    with pytest.raises(accounts.LinkUsed):
        accounts.reset_password(stores.db, stores.signer, link[1], "another horse", HERE)


def test_nobodys_mailbox_can_be_filled(house, inbox, person):
    ask(house, *["grace"] * 9)
    assert len(inbox.take()) == 3


def test_an_address_is_asked_before_it_counts(house, inbox, person):
    stores = house.stores
    with stores.db.write() as tx:
        accounts.set_password(tx, person.id, accounts.hash_password("correct horse"))
    session = accounts.sign_in(stores.db, "grace", "correct horse", HERE)
    with stores.db.write() as tx:
        actor = accounts.authenticate(tx, accounts.Credentials("session", session.secret, HERE))
        accounts.change_email(tx, actor, "new@example.org", by_mail=True)
    work(house)
    ((_, to, letter),) = inbox.take()
    assert to == ["new@example.org"]
    link = re.search(r"/settings/account/confirm\?key=(\S+)", letter.get_content())
    assert link
    with stores.db.write() as tx:
        assert accounts.confirm_email(tx, actor, stores.signer, link[1]).email == "new@example.org"
    work(house)
    ((_, to, _),) = inbox.take()
    assert to == ["grace@example.org"]  # where it used to be: they may not know of it


def test_whose_token_leaked_is_told(house, inbox, person):
    with house.stores.db.write() as tx:
        value = accounts.issue(tx, person.id, NewToken("laptop", TokenRole.WRITE))[1]
        accounts.revoke_leaked(tx, STRANGER, [value])
    work(house)
    ((_, to, letter),) = inbox.take()
    assert to == ["grace@example.org"]
    assert value not in letter.as_string()
    assert f"…{value[-4:]}" in letter.get_content()


def test_a_name_with_line_breaks_makes_no_headers(house, inbox, person):
    with house.stores.db.write() as tx:
        actor = accounts.Actor(person.id, "grace", can_write=True)
        accounts.change_about(tx, actor, About("Grace\r\nBcc: eve@example.org"))
    ask(house, "grace")
    ((_, to, letter),) = inbox.take()
    assert to == ["grace@example.org"]
    assert letter["Bcc"] is None
