"""Mail about gated repositories: to those who keep the gate, of requests; to whoever asked, of the answer."""

from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import formataddr
from typing import Any

from hubkeep.accounts import Role, User, members_of, user_by_id
from hubkeep.community.notifications.switches import switches_of
from hubkeep.kit import Bus, Job, ReadTx, Settings, WriteTx
from hubkeep.kit.mail import send, sender
from hubkeep.repos import (
    AccessAsked,
    AccessRequest,
    AccessReviewed,
    AccessStatus,
    MailMode,
    Repo,
    Stores,
    access_request_of,
    claim_gate_mail,
    gate_of,
    pending_access_requests,
    release_gate_mail,
    repos_by_id,
)

KEEPERS, ASKER = "community.gate_keepers", "community.gate_asker"
DAY = 24 * 3600
SHOWN = 20  # requests in one mail
MOST = 50  # administrators of an organization who get one
SWITCH = "gated_user_access_request"


def subscribe(bus: Bus) -> None:
    """Listen to what happens at gates; whoever has to hear of it is told by a job."""
    bus.on(AccessAsked, _on_asked)
    bus.on(AccessReviewed, _on_reviewed)


def mail_keepers(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: tell those who keep a gate of the requests that wait: of one (`user_id`), or of all of a day."""
    repo_id, user_id = int(args["repo_id"]), args.get("user_id")
    with stores.db.write() as tx:
        if user_id is None:
            release_gate_mail(tx, repo_id)
    if not stores.settings.mail.host:
        return
    with stores.db.read() as tx:
        repo = next(iter(repos_by_id(tx, [repo_id])), None)
        if repo is None or not repo.gated or repo.disabled:
            return
        waiting = _waiting(tx, repo_id, user_id)
        to = _keepers(tx, repo) if waiting else []
    for address in to:
        send(stores.settings.mail, _of_requests(stores.settings, repo, waiting, address))


def mail_asker(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: tell whoever asked what was decided, unless it was changed meanwhile."""
    if not stores.settings.mail.host:
        return
    with stores.db.read() as tx:
        repo = next(iter(repos_by_id(tx, [int(args["repo_id"])])), None)
        request = access_request_of(tx, int(args["repo_id"]), int(args["user_id"]))
    if repo is None or request is None or request.status.value != args["status"]:
        return
    if request.user.email and not request.user.disabled:
        send(stores.settings.mail, _of_answer(stores.settings, repo, request))


HANDLERS = {KEEPERS: mail_keepers, ASKER: mail_asker}


def keepers_of(tx: ReadTx, repo: Repo) -> list[User]:
    """Return the people who lead where a repository belongs: its owner, or the administrators of its organization."""
    owner = user_by_id(tx, repo.owner_id)
    members = [] if owner is not None else members_of(tx, repo.owner_id)
    people = [owner] if owner else [one.user for one in members if one.role is Role.ADMIN]
    return [user for user in people if not user.disabled]


def _on_asked(tx: WriteTx, event: AccessAsked) -> None:
    mode = claim_gate_mail(tx, event.repo.id)
    if mode is MailMode.REAL_TIME:
        tx.enqueue(Job(KEEPERS, {"repo_id": event.repo.id, "user_id": event.request.user.id}))
    elif mode is MailMode.BULK:
        tx.enqueue(Job(KEEPERS, {"repo_id": event.repo.id}, delay=DAY))


def _on_reviewed(tx: WriteTx, event: AccessReviewed) -> None:
    if event.request.status is not AccessStatus.PENDING:
        facts = {"user_id": event.request.user.id, "status": event.request.status.value}
        tx.enqueue(Job(ASKER, {"repo_id": event.repo.id, **facts}))


def _waiting(tx: ReadTx, repo_id: int, user_id: int | None) -> Sequence[AccessRequest]:
    if user_id is None:
        return pending_access_requests(tx, repo_id, SHOWN + 1)
    request = access_request_of(tx, repo_id, user_id)
    return [request] if request is not None and request.status is AccessStatus.PENDING else []


def _keepers(tx: ReadTx, repo: Repo) -> list[str]:
    """Return the address that the owner named, else those of the people who lead, if they want such mail."""
    named = gate_of(tx, repo).email
    if named:
        return [named]
    people = keepers_of(tx, repo)
    wants = switches_of(tx, [user.id for user in people])
    ready = [user for user in people if user.email and wants[user.id][SWITCH]]
    return [formataddr((user.fullname, user.email)) for user in ready[:MOST]]


def _of_requests(settings: Settings, repo: Repo, waiting: Sequence[AccessRequest], to: str) -> EmailMessage:
    page = f"{_page(settings, repo)}/settings/access-requests"
    shown = "\n\n".join(_request(one) for one in waiting[:SHOWN])
    more = "\n\nAnd more." if len(waiting) > SHOWN else ""
    first = waiting[0].user.name
    what = f"{first} asks for access" if len(waiting) == 1 else "Requests for access wait"
    text = f"{shown}{more}\n\nAnswer at {page}\n\n-- \nChange what you hear of: {_page(settings, repo)}/settings\n"
    return _message(settings, to, f"[{repo.full_name}] {what}", text)


def _request(one: AccessRequest) -> str:
    """Write a request as it was filled in."""
    answers = "".join(f"\n  {label}: {answer}" for label, answer in one.answers.items())
    return f"{one.user.fullname} ({one.user.name}, {one.user.email or 'no address'}){answers}"


def _of_answer(settings: Settings, repo: Repo, request: AccessRequest) -> EmailMessage:
    accepted = request.status is AccessStatus.ACCEPTED
    what = "You have access" if accepted else "Your request for access was rejected"
    reason = f"\n\nThey say: {request.reason}" if request.reason else ""
    text = f"{what}: {repo.kind.value} {repo.full_name}{reason}\n\n-- \n{_page(settings, repo)}\n"
    to = formataddr((request.user.fullname, request.user.email))
    return _message(settings, to, f"[{repo.full_name}] {what}", text)


def _message(settings: Settings, to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = sender(settings)
    message["To"] = to
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _page(settings: Settings, repo: Repo) -> str:
    return f"{settings.url}/{repo.kind.prefix}{repo.full_name}"
