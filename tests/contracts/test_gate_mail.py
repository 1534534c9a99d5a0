"""Mail about requests at gates, through a real mail server on this machine."""

import pytest
import sqlalchemy as sa
from tests.contracts.test_mail import house as house
from tests.contracts.test_mail import inbox as inbox
from tests.unit.community.conftest import make_house as make_house
from tests.unit.repos.conftest import add

from hubkeep import repos
from hubkeep.community import notifications
from hubkeep.kit.tables import jobs
from hubkeep.repos import AccessStatus, Changes, MailMode, Whose

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
CARD = b"---\nextra_gated_fields:\n  Company: text\n---\n# Gated\n"


def write(house, verb, actor, repo, *more):
    with house.stores.db.write() as tx:
        return verb(tx, actor, repo.kind, repo.full_name, *more)


@pytest.fixture
def gate(house):
    """Return a function that gates a repository of ada's."""

    def gate(**settings):
        repo = house.make_repo()
        house.commit(repo, add("README.md", CARD))
        write(house, repos.update_settings, house.ada, repo, Changes(gated="manual", **settings))
        house.work()
        return repo

    return gate


def test_the_owner_hears_of_a_request_at_once_if_they_want(house, inbox, gate):
    repo = gate(gate_mode=MailMode.REAL_TIME)
    inbox.take()
    write(house, repos.ask_access, house.eve, repo, {"Company": "Tidewater\nBcc: x@example.org"})
    house.work()
    ((sender, to, letter),) = inbox.take()
    assert (sender, to) == ("hub@example.org", ["ada@example.org"])
    assert letter["Subject"] == f"[{repo.full_name}] eve asks for access"
    assert letter["Bcc"] is None
    text = letter.get_content()
    assert "eve@example.org" in text
    assert "Company: Tidewater" in text
    assert f"https://hub.example/{repo.full_name}/settings/access-requests" in text


def test_else_one_letter_a_day_tells_of_all(house, inbox, gate):
    repo = gate(gate_email="gate@example.org")
    for _ in range(2):
        write(house, repos.ask_access, house.eve, repo, {"Company": "Tidewater"})
        write(house, repos.cancel_my_access_request, house.eve, repo)
    write(house, repos.ask_access, house.eve, repo, {"Company": "Tidewater"})
    house.work()
    assert inbox.take() == []
    with house.stores.db.write() as tx:
        due = sa.select(jobs).where(jobs.c.kind == "community.gate_keepers")
        assert len(tx.sql.execute(due).all()) == 1
        tx.sql.execute(sa.update(jobs).values(run_at=sa.text("'2020-01-01 00:00:00'")))
    house.work()
    ((_, to, letter),) = inbox.take()
    assert to == ["gate@example.org"]
    assert "eve" in letter["Subject"]
    write(house, repos.cancel_my_access_request, house.eve, repo)
    write(house, repos.ask_access, house.eve, repo, {"Company": "Tidewater"})
    with house.stores.db.read() as tx:
        assert len(tx.sql.execute(due).all()) == 1


def test_whoever_asked_hears_of_the_answer(house, inbox, gate):
    repo = gate()
    write(house, repos.ask_access, house.eve, repo, {"Company": "Tidewater"})
    reject = (Whose("eve"), AccessStatus.REJECTED, "no sailors")
    write(house, repos.handle_access_request, house.ada, repo, *reject)
    house.work()
    ((_, to, letter),) = inbox.take()
    assert to == ["eve@example.org"]
    assert "rejected" in letter["Subject"]
    assert "They say: no sailors" in letter.get_content()
    write(house, repos.handle_access_request, house.ada, repo, Whose("eve"), AccessStatus.ACCEPTED)
    house.work()
    ((_, _, letter),) = inbox.take()
    assert letter["Subject"] == f"[{repo.full_name}] You have access"


def test_a_person_who_wants_no_such_mail_gets_none(house, inbox, gate):
    repo = gate(gate_mode=MailMode.REAL_TIME)
    with house.stores.db.write() as tx:
        notifications.set_switches(tx, house.ada, {"gated_user_access_request": False})
    write(house, repos.ask_access, house.eve, repo, {"Company": "Tidewater"})
    house.work()
    assert inbox.take() == []
