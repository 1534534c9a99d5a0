"""What the viewer has to hear of: discussions in which something happened, and the buttons that settle them."""

from datetime import UTC, datetime

from starlette.routing import Route

from hubkeep.accounts import Actor
from hubkeep.community import notifications
from hubkeep.community.notifications import Filter, Reason
from hubkeep.kit import BadInput, ReadTx, now
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.ids import hex_id
from hubkeep.web.words import utc

HERE = "/notifications"
SHOWS = {"unread": "Unread", "all": "All"}
WHYS = {
    "all": ("All of it", frozenset(Reason)),
    "participating": ("Participating", frozenset({Reason.MENTION, Reason.PARTICIPATING})),
    "mentions": ("Mentions", frozenset({Reason.MENTION})),
}
CHOSEN = "n-"  # begins the names of the boxes that choose single ones


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the viewer's notifications, the latest first. Raises NotSignedIn."""
    which, why = _wanted(asked)
    page = _page(asked.query.get("p", "0"))
    wanted = Filter(unread=which == "unread", reasons=WHYS[why][1])
    found = notifications.list_notifications(tx, actor, wanted, page)
    items = [
        (
            one,
            f"{urls.repo_url(one.repo)}/discussions/{one.discussion.num}",
            hex_id(one.event_id, one.event_at),
        )
        for one in found.items
    ]
    here = _address(which, why)
    gates = notifications.gate_notices_of(tx, actor, unread=which == "unread") if page == 0 else []
    facts = {
        "gates": [(one, f"{urls.repo_url(one.repo)}/settings/access-requests") for one in gates],
        "items": items,
        "found": found,
        "which": which,
        "why": why,
        "shows": {name: (word, _address(name, why)) for name, word in SHOWS.items()},
        "whys": {name: (word, _address(which, name)) for name, (word, _) in WHYS.items()},
        "here": here,
        "until": utc(now()).isoformat(),
        "older": _address(which, why, page + 1) if found.start + notifications.PAGE < found.view else "",
        "newer": _address(which, why, page - 1) if page else "",
        "chosen": CHOSEN,
    }
    return Page("pages/notifications.html", facts)


async def act(asked: Asked) -> Redirect:
    """Mark those that were chosen, or all of the page's kind, read or unread; or let them go."""
    which, why = _wanted(asked)
    do = asked.value("do")
    if do == "gate":
        repo_id = _number(CHOSEN + asked.value("repo"))
        await asked.hub.write(notifications.mark_gate_notice, asked.caller, repo_id)
        return Redirect(_address(which, why))
    if do not in ("read", "unread", "clear"):
        raise BadInput(field="do", reason="must be read, unread or clear")
    chosen: Filter | list[int] = [_number(name) for name in asked.form if name.startswith(CHOSEN)]
    if asked.value("all") == "1":
        until = _moment(asked.value("until"))
        chosen = Filter(unread=which == "unread", reasons=WHYS[why][1], until=until)
    elif not chosen:
        raise BadInput(field="notifications", reason="choose some first")
    if do == "clear":
        await asked.hub.write(notifications.clear, asked.caller, chosen)
    else:
        await asked.hub.write(notifications.mark, asked.caller, chosen, read=do == "read")
    return Redirect(_address(which, why))


def _wanted(asked: Asked) -> tuple[str, str]:
    which, why = asked.query.get("show", "unread"), asked.query.get("why", "all")
    if which not in SHOWS:
        raise BadInput(field="show", reason=f"must be one of {', '.join(SHOWS)}")
    if why not in WHYS:
        raise BadInput(field="why", reason=f"must be one of {', '.join(WHYS)}")
    return which, why


def _address(which: str, why: str, page: int = 0) -> str:
    return urls.with_query(
        HERE,
        show=which if which != "unread" else None,
        why=why if why != "all" else None,
        p=str(page) if page else None,
    )


def _page(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise BadInput(field="p", reason="must be a whole number from 0")
    return int(text)


def _number(name: str) -> int:
    text = name.removeprefix(CHOSEN)
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadInput(field="notifications", reason="must be those of this page")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise BadInput(field="until", reason="must be the moment at which the page was made") from None


routes = [Route(HERE, form(show, act), methods=["GET", "POST"])]
