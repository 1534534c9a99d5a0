"""A discussion or pull request, and everything that happened in it, page by page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from starlette.routing import Route

from hubkeep.accounts import Actor, owners_known
from hubkeep.community import discussions, notifications, pulls
from hubkeep.community.discussions import Details, Discussion, Event, HideReason, Reaction, Status
from hubkeep.community.pulls import PullDetails
from hubkeep.kit import ReadTx
from hubkeep.repos import Stores
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.discussion_acts import act
from hubkeep.web.discussions import REPO
from hubkeep.web.endpoint import form_slowly
from hubkeep.web.head import Head, head_of
from hubkeep.web.ids import LARGEST, hex_id, number_in, place
from hubkeep.web.new_discussion import MAX_FORM
from hubkeep.web.said import said, talk_url

PAGE = 40  # events
MAX_CHARS = 300_000  # of their texts together: about half a second of rendering, done once
SIGNS = {
    Reaction.THUMBSUP: ("👍", "thumbs up"),
    Reaction.HEART: ("❤️", "heart"),
    Reaction.HUGS: ("🤗", "hugs"),
    Reaction.FIRE: ("🔥", "fire"),
    Reaction.ROCKET: ("🚀", "rocket"),
    Reaction.EYES: ("👀", "eyes"),
    Reaction.COOL: ("😎", "cool"),
    Reaction.PLUS: ("\N{HEAVY PLUS SIGN}", "plus"),
    Reaction.BRAIN: ("🧠", "brain"),
    Reaction.HANDSHAKE: ("🤝", "handshake"),
    Reaction.SAD: ("😔", "sad"),
    Reaction.MINDBLOWN: ("🤯", "mind blown"),
}


@dataclass(frozen=True)
class Rights:
    """What the viewer may do here."""

    talk: bool  # comment and react
    change: bool  # title and status: the author, and writers
    write: bool  # merge, pin, lock, every comment
    manage: bool  # delete


@dataclass(frozen=True)
class Shown:
    """Something that happened, as the viewer sees it. `id` is its place on the page, `mine` how they reacted."""

    event: Event
    id: str
    html: Markup
    mine: Collection[Reaction]
    may_edit: bool
    first: bool


@dataclass(frozen=True)
class Pages:
    """Addresses of the other pages of a long discussion, "" where there is none."""

    first: str
    earlier: str
    later: str
    last: str


def show(stores: Stores, actor: Actor, asked: Asked) -> Answer:
    """Show a discussion; whoever looks has read of it."""
    num = asked.params["num"]
    found = _details(stores, actor, asked, num)
    details = found.details
    talk = details.discussion
    with stores.db.read() as tx:
        head = head_of(asked, actor, details.repo, "community")
        rights = rights_of(actor, head, talk)
        facts = {
            "head": head,
            "section": details.repo.kind,
            "talk": talk,
            "pull": found if talk.is_pull_request else None,
            "author": details.author,
            "events": _shown(tx, actor, details, rights),
            "pages": _pages(talk_url(details.repo, num), details),
            "references": details.references,
            "rights": rights,
            "hears": discussions.hears(tx, actor.user_id, talk.id) if actor.user_id else None,
            "people": _people(tx, talk),
            "signs": SIGNS,
            "reasons": list(HideReason),
            "comment": asked.value("comment") or _quoted(tx, asked, talk),
            "may": may_here(talk, rights),
            "push": push_commands(head, talk) if talk.is_pull_request else "",
        }
        unread = actor.user_id and notifications.is_unread(tx, actor.user_id, talk.id)
    if unread:
        with stores.db.write() as writing:
            notifications.seen(writing, actor, talk.id)
    return Page("pages/discussion.html", facts)


def rights_of(actor: Actor, head: Head, talk: Discussion) -> Rights:
    """Return what the viewer may do in a discussion."""
    known = not actor.anonymous and actor.can_write
    heard = known and (head.may_write or not talk.locked)
    mine = known and actor.user_id == talk.author_id
    return Rights(heard, heard and (mine or head.may_write), head.may_write, head.may_manage)


def may_here(talk: Discussion, rights: Rights) -> Mapping[str, bool]:
    """Return which buttons the viewer gets: what they may do, where the discussion stands."""
    over = talk.status in (Status.CLOSED, Status.MERGED)
    return {
        "close": rights.change and talk.is_open,
        "reopen": rights.change and talk.status is Status.CLOSED and not talk.ref_deleted,
        "publish": rights.change and talk.status is Status.DRAFT,
        "merge": rights.write and talk.status is Status.OPEN and talk.is_pull_request,
        "delete_ref": rights.change and over and talk.is_pull_request and not talk.ref_deleted,
        "delete": rights.manage and (not talk.is_pull_request or talk.ref_deleted),
    }


def push_commands(head: Head, talk: Discussion) -> str:
    """Return the commands that fetch a pull request, and push to it."""
    local = f"pr/{talk.num}"
    return "\n".join(
        [
            f"git clone {head.git_url} && cd {head.repo.name}",
            f"git fetch origin {talk.ref}:{local}",
            f"git checkout {local}",
            "# change and commit, then:",
            f"git push origin {local}:{talk.ref}",
        ]
    )


def _details(stores: Stores, actor: Actor, asked: Asked, num: int) -> PullDetails:
    after = place(asked.query.get("after", ""), "after") or 0
    at = number_in(asked.query.get("at", ""))
    if at:
        after = at - 1
    elif "before" in asked.query or "last" in asked.query:
        before = place(asked.query.get("before", ""), "before")
        with stores.db.read() as tx:
            talk = discussions.find(tx, actor, asked.kind, asked.full_name, num).discussion
            after = discussions.start_before(tx, talk.id, before, PAGE)
    return pulls.details(
        stores,
        actor,
        asked.kind,
        asked.full_name,
        num,
        after=min(after, LARGEST),
        limit=PAGE,
        max_chars=MAX_CHARS,
        history=False,
    )


def _shown(tx: ReadTx, actor: Actor, details: Details, rights: Rights) -> list[Shown]:
    repo, talk, events = details.repo, details.discussion, details.events
    texts = [event.comment.raw for event in events if event.comment is not None]
    spoken = notifications.spoken_of(tx, actor, repo, texts)
    spoken_ids = [event.id for event in events if event.comment is not None]
    mine = discussions.reacted_by(tx, actor.user_id, spoken_ids) if actor.user_id else {}
    return [
        Shown(
            event,
            hex_id(event.id, event.at),
            said(event.comment.raw, repo, spoken, f"e{event.id}-") if event.comment else Markup(""),
            mine.get(event.id, ()),
            rights.talk and (rights.write or event.author_id == actor.user_id),
            event.id == talk.first_event_id,
        )
        for event in events
    ]


def _pages(here: str, details: Details) -> Pages:
    events, first = details.events, details.discussion.first_event_id
    earlier = bool(events) and events[0].id != first
    later = details.next is not None
    return Pages(
        first=here if earlier else "",
        earlier=urls.with_query(here, before=str(events[0].id)) if earlier else "",
        later=urls.with_query(here, after=str(details.next)) if later else "",
        last=urls.with_query(here, last="1") if later else "",
    )


def _people(tx: ReadTx, talk: Discussion, most: int = 8) -> Sequence[str]:
    """Return the names of the first few who take part."""
    ids = discussions.participants_of(tx, [talk.id], most).get(talk.id, [])
    known = owners_known(tx, ids)
    return [known[one].name for one in ids if one in known]


def _quoted(tx: ReadTx, asked: Asked, talk: Discussion) -> str:
    """Return a comment to be answered, as a quotation."""
    number = number_in(asked.query.get("quote", ""))
    event = discussions.event(tx, talk.id, number) if number else None
    if event is None or event.comment is None or event.comment.hidden:
        return ""
    return "".join(f"> {line}\n" for line in event.comment.raw.split("\n")) + "\n"


routes = [Route(REPO + "/discussions/{num:int}", form_slowly(show, act, MAX_FORM), methods=["GET", "POST"])]
