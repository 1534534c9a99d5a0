"""Mail about discussions: one plain message an event, in threads that mail programs follow."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any
from urllib.parse import urlsplit

from hubkeep.accounts import User, user_by_id
from hubkeep.community import discussions
from hubkeep.community.discussions import Discussion, Event, EventType
from hubkeep.community.notifications.lists import is_unread
from hubkeep.community.notifications.recipients import recipients
from hubkeep.community.notifications.switches import switches_of
from hubkeep.community.notifications.types import Reason
from hubkeep.kit import ReadTx, Settings
from hubkeep.kit.mail import send, sender
from hubkeep.repos import Repo, Stores, repos_by_id

_WHY = {
    Reason.MENTION: "you were mentioned",
    Reason.PARTICIPATING: "you take part in this discussion",
    Reason.WATCHED: "you watch this repository or its owner",
}


def mail(stores: Stores, args: Mapping[str, Any]) -> None:
    """Job: write to one person of one event, unless they saw it meanwhile, or it is none of their business any more."""
    settings = stores.settings
    if not settings.mail.host:
        return
    user_id, reason = int(args["user_id"]), Reason(args["reason"])
    with stores.db.read() as tx:
        found = _still_due(tx, user_id, reason, int(args["discussion_id"]), int(args["event_id"]))
    if found is not None:
        send(settings.mail, compose(settings, *found, reason))


def compose(
    settings: Settings, user: User, repo: Repo, discussion: Discussion, event: Event, reason: Reason
) -> EmailMessage:
    """Write the message. Nothing in it is rendered: it is the text as it was written."""
    host = urlsplit(settings.url).hostname or "localhost"
    page = f"{settings.url}/{repo.kind.prefix}{repo.full_name}/discussions/{discussion.num}"
    thread = f"<discussion-{discussion.id}@{host}>"
    author = event.author.fullname or event.author.name if event.author else "Somebody"
    message = EmailMessage()
    again = "" if event.id == discussion.first_event_id else "Re: "
    message["Subject"] = f"{again}[{repo.full_name}] {discussion.title} (#{discussion.num})"
    message["From"] = formataddr((f"{author} ({host})", sender(settings)))
    message["To"] = formataddr((user.fullname, user.email))
    message["Date"] = format_datetime(event.at)
    message["Message-ID"] = thread if not again else f"<event-{event.id}@{host}>"
    if again:
        message["In-Reply-To"] = message["References"] = thread
    message["Auto-Submitted"] = "auto-generated"
    message["List-ID"] = f"{repo.full_name} <{repo.name}.{repo.owner}.{host}>"
    why = f"You get this because {_WHY[reason]}. Change that at {settings.url}/settings/notifications"
    message.set_content(f"{_what(author, discussion, event)}\n\n-- \n{page}\n{why}\n")
    return message


def _still_due(
    tx: ReadTx, user_id: int, reason: Reason, discussion_id: int, event_id: int
) -> tuple[User, Repo, Discussion, Event] | None:
    discussion, event = discussions.by_id(tx, discussion_id), discussions.event(tx, discussion_id, event_id)
    repos = repos_by_id(tx, [discussion.repo_id]) if discussion else []
    user = user_by_id(tx, user_id)
    if discussion is None or event is None or not repos or user is None or not user.email or user.disabled:
        return None
    if event.comment is not None and event.comment.hidden:
        return None
    if is_unread(tx, user_id, discussion_id) is False:
        return None
    topic = "watched" if reason is Reason.WATCHED else "participating"
    wanted = switches_of(tx, [user_id])[user_id][f"discussions_{topic}"]
    if not wanted or user_id not in recipients(tx, repos[0], event):
        return None
    return user, repos[0], discussion, event


def _what(author: str, discussion: Discussion, event: Event) -> str:
    what = "pull request" if discussion.is_pull_request else "discussion"
    if event.type is EventType.STATUS_CHANGE:
        word = {"open": "opened", "closed": "closed", "merged": "merged"}
        return f"{author} {word.get(str(event.data.get('status')), 'changed')} this {what}."
    if event.type is EventType.COMMIT:
        return f"{author} pushed a commit:\n\n    {event.data.get('subject')}\n    {event.data.get('oid')}"
    raw = event.comment.raw if event.comment else ""
    begin = f"{author} opened this {what}:" if event.id == discussion.first_event_id else f"{author} wrote:"
    return f"{begin}\n\n{raw}" if raw else begin.replace(":", ".")
