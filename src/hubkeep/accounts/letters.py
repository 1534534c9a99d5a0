"""What the hub writes to people about their accounts, by jobs: a job names a person, and the letter is made when it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from hubkeep.accounts.attempts import Limit, count_attempt, forget_attempts, mail_limits, network
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import TooManyAttempts
from hubkeep.accounts.links import confirm_link, reset_link
from hubkeep.accounts.queries import user_by_id, user_by_login, users_with_email
from hubkeep.accounts.sign_in import CONFIRM, forget_expired_sessions
from hubkeep.accounts.tokens import forget_expired_tokens
from hubkeep.accounts.types import Actor, Origin, User
from hubkeep.kit import Database, Job, Settings, Signer, WriteTx, now
from hubkeep.kit.jobs import waiting
from hubkeep.kit.mail import send, sender

RESET, LINK = "accounts.reset", "accounts.link"
TELL, PRUNE = "accounts.tell", "accounts.prune"
PRUNE_SECONDS = 3600


class House(Protocol):
    """What the jobs of this room need."""

    @property
    def db(self) -> Database:
        """The database."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def signer(self) -> Signer:
        """Signs the links."""


def reset_job(house: House, args: Mapping[str, Any]) -> None:
    """Job: find out who has that name or address, and have a letter written to each; not often."""
    with house.db.write() as tx:
        for user in _people(tx, str(args["login"])):
            if user.email and not user.disabled and _not_too_often(tx, user):
                tx.enqueue(Job(LINK, {"user_id": user.id}))


def link_job(house: House, args: Mapping[str, Any]) -> None:
    """Job: send a person a link to choose a new password."""
    with house.db.read() as tx:
        user = user_by_id(tx, int(args["user_id"]))
        link = reset_link(tx, house.signer, house.settings.url, user.id) if user else ""
    if user is None or user.disabled or not user.email:
        return
    text = (
        f"Somebody, probably you, asked for a new password for {user.name} on this hub. "
        f"Choose it within an hour:\n\n{link}\n\nIf it was not you, do nothing: your password stays as it is."
    )
    write_letter(house.settings, user.email, user.fullname, "Choose a new password", text)


def confirm_job(house: House, args: Mapping[str, Any]) -> None:
    """Job: ask whether an e-mail address is a person's own; it is theirs once they open the link."""
    email = str(args["email"])
    with house.db.read() as tx:
        user = user_by_id(tx, int(args["user_id"]))
    if user is None or user.disabled:
        return
    link = confirm_link(house.signer, house.settings.url, user.id, email)
    text = f"Confirm that {email} is the address of {user.name} on this hub:\n\n{link}\n\nIf that means nothing to you, do nothing."
    write_letter(house.settings, email, user.fullname, "Confirm your e-mail address", text)


def tell_job(house: House, args: Mapping[str, Any]) -> None:
    """Job: tell a person what was changed about their account, so that they notice when it was not them."""
    with house.db.read() as tx:
        user = user_by_id(tx, int(args["user_id"]))
    email = str(args.get("email") or (user.email if user else ""))
    if user is None or not email:
        return
    page = f"{house.settings.url}/login/reset?login={quote(user.name)}"
    text = f"{args['what']}\n\nIf it was not you, choose a new password now: {page}"
    write_letter(house.settings, email, user.fullname, "Your account was changed", text)


def prune_job(house: House, args: Mapping[str, Any]) -> None:
    """Job: forget what has ended: sessions, tokens of programs, counters of attempts. Leaves its own successor."""
    del args
    with house.db.write() as tx:
        forget_expired_sessions(tx)
        forget_expired_tokens(tx)
        forget_attempts(tx)
        tx.enqueue(Job(PRUNE, delay=PRUNE_SECONDS))


def ask_reset(tx: WriteTx, actor: Actor, login: str, origin: Origin) -> None:
    """Have a link sent to whoever has that name or address. The same work whether there is somebody or not.

    Raises:
        TooManyAttempts: whoever the names belong to.
    """
    if where := network(origin.address):
        count_attempt(tx, [Limit(f"reset:{where}", 10, 20)])
    audit(tx, replace(actor, origin=origin), "user.ask_reset")
    tx.enqueue(Job(RESET, {"login": login.strip()[:320]}))


def tell(tx: WriteTx, user_id: int, what: str, email: str = "") -> None:
    """Have a person told what was changed; at `email`, when it is not their address any more."""
    tx.enqueue(Job(TELL, {"user_id": user_id, "what": what, "email": email}))


HANDLERS: dict[str, Callable[[Any, Mapping[str, Any]], None]] = {
    RESET: reset_job,
    LINK: link_job,
    CONFIRM: confirm_job,
    TELL: tell_job,
    PRUNE: prune_job,
}


def start(db: Database) -> None:
    """Leave the work that must always be there."""
    with db.write() as tx:
        if not waiting(tx, PRUNE):
            tx.enqueue(Job(PRUNE))


def _people(tx: WriteTx, login: str) -> list[User]:
    if "@" in login:
        return users_with_email(tx, login)
    found = user_by_login(tx, login)
    return [found[0]] if found else []


def _not_too_often(tx: WriteTx, user: User) -> bool:
    try:
        count_attempt(tx, mail_limits(user.id))
    except TooManyAttempts:
        return False
    return True


def write_letter(settings: Settings, email: str, fullname: str, subject: str, text: str) -> None:
    """Send a letter, where the hub sends any. Raises the errors of the mail server: the job is tried again."""
    if not settings.mail.host:
        return
    host = urlsplit(settings.url).hostname or "localhost"
    message = EmailMessage()
    message["Subject"] = f"[{host}] {subject}"
    message["From"] = formataddr((f"hubkeep ({host})", sender(settings)))
    message["To"] = formataddr((fullname, email))
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=host)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{text}\n")
    send(settings.mail, message)
