"""Mail, through a real mail server on this machine."""

import smtplib
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from tests.tools.ports import free_port
from tests.unit.community.conftest import make_house as make_house
from tests.unit.repos.conftest import add

from hubkeep.community import discussions, notifications
from hubkeep.community.discussions import Status
from hubkeep.community.notifications import Filter

# The server on this machine speaks no TLS, and its password is no secret.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


class Inbox:
    """Keeps what comes in."""

    def __init__(self):
        self.letters = []
        self.port = free_port()

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  the library's own name
        content = envelope.content.replace(b"\r\n", b"\n")
        letter = message_from_bytes(content, policy=policy.default)
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, letter))
        return "250 OK"

    def take(self):
        letters, self.letters = self.letters, []
        return letters


def authenticator(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"hub", b"secret")
    return AuthResult(success=good, handled=good)


@pytest.fixture
def inbox():
    kept = Inbox()
    controller = Controller(
        kept,
        hostname="127.0.0.1",
        port=kept.port,
        authenticator=authenticator,
        auth_required=True,
        auth_require_tls=False,
    )
    controller.start()
    yield kept
    controller.stop()


@pytest.fixture
def house(inbox, make_house):
    mail = {
        "host": "127.0.0.1",
        "port": inbox.port,
        "security": "none",
        "user": "hub",
        "password": "secret",
        "sender": "hub@example.org",
        "delay_seconds": 0,
    }
    return make_house(mail=mail, public_url="https://hub.example")


def test_people_get_one_plain_letter_an_event_in_one_thread(house, inbox):
    repo = house.make_repo()
    made = house.discuss(repo, house.eve, title="Größe?", text="Why is it *so* big?\n\n.\nüber")
    house.work()
    (sender, to, letter) = inbox.take()[0]
    assert (sender, to) == ("hub@example.org", ["ada@example.org"])
    assert letter["Subject"] == f"[{repo.full_name}] Größe? (#1)"
    assert "eve" in letter["From"]
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "text/plain"
    text = letter.get_content()
    assert "Why is it *so* big?\n\n.\nüber" in text
    assert f"https://hub.example/{repo.full_name}/discussions/1" in text
    assert "you watch this repository" in text
    house.on(discussions.comment, house.ada, repo, 1, "Because.")
    house.work()
    ((_, to, answer),) = inbox.take()
    assert to == ["eve@example.org"]
    assert answer["Subject"].startswith("Re: ")
    assert answer["In-Reply-To"] == letter["Message-ID"] == f"<discussion-{made.discussion.id}@hub.example>"


def test_status_changes_and_commits_are_written_in_a_sentence(house, inbox):
    repo = house.make_repo()
    house.propose(repo, add("a"))
    house.commit(repo, add("b"), actor=house.eve, rev="refs/pr/1", summary="Add b")
    house.work()
    texts = [letter.get_content() for _, _, letter in inbox.take()]
    assert any("eve opened this pull request" in text for text in texts)
    assert any("eve pushed a commit:\n\n    Add b" in text for text in texts)
    house.merge(repo, 1)
    house.work()
    assert "ada merged this pull request." in inbox.take()[0][2].get_content()


def test_who_saw_it_on_the_web_or_does_not_want_it_gets_none(house, inbox):
    repo = house.make_repo()
    house.do(notifications.set_switches, house.ada, {"discussions_watched": False})
    house.discuss(repo, house.eve)
    house.work()
    assert inbox.take() == []
    house.do(
        notifications.set_switches, house.ada, {"discussions_watched": True, "web_discussions_watched": False}
    )
    house.discuss(repo, house.eve)
    house.work()
    assert len(inbox.take()) == 1


def test_a_letter_that_became_pointless_is_not_sent(house, inbox):
    repo = house.make_repo()
    made = house.discuss(repo, house.eve)
    facts = {
        "user_id": house.ada.user_id,
        "discussion_id": made.discussion.id,
        "event_id": made.event.id,
        "reason": "watched",
    }
    notifications.mail(house.stores, facts)
    assert len(inbox.take()) == 1
    house.work()
    inbox.take()
    house.do(notifications.mark, house.ada, Filter(), read=True)
    notifications.mail(house.stores, facts)
    house.do(notifications.mark, house.ada, Filter(), read=False)
    notifications.mail(house.stores, facts | {"user_id": 10**6})
    notifications.mail(house.stores, facts | {"user_id": house.rob.user_id})
    house.on(discussions.hide_comment, house.eve, repo, 1, made.event.id)
    notifications.mail(house.stores, facts)
    assert inbox.take() == []


def test_no_text_can_add_a_header(house, inbox):
    repo = house.make_repo()
    house.discuss(repo, house.eve, title="x\r\nBcc: everybody@example.org", text="a\r\nBcc: b@example.org")
    house.work()
    ((_, to, letter),) = inbox.take()
    assert to == ["ada@example.org"]
    assert letter["Bcc"] is None
    assert letter["Subject"].endswith("x Bcc: everybody@example.org (#1)")


def test_a_server_that_refuses_is_asked_again_later(inbox, make_house):
    wrong = {"host": "127.0.0.1", "port": inbox.port, "security": "none", "user": "hub", "password": "x"}
    house = make_house(mail={**wrong, "delay_seconds": 0})
    repo = house.make_repo()
    made = house.discuss(repo, house.eve)
    facts = {
        "user_id": house.ada.user_id,
        "discussion_id": made.discussion.id,
        "event_id": made.event.id,
        "reason": "watched",
    }
    with pytest.raises(smtplib.SMTPAuthenticationError):
        notifications.mail(house.stores, facts)


def test_without_a_mail_server_nothing_is_sent_or_queued(make_house):
    house = make_house()
    repo = house.make_repo()
    house.discuss(repo, house.eve)
    house.on(discussions.change_status, house.eve, repo, 1, Status.CLOSED)
    house.work()
    with house.stores.db.read() as tx:
        assert tx.sql.exec_driver_sql("SELECT count(*) FROM jobs WHERE kind = 'community.mail'").scalar() == 0
