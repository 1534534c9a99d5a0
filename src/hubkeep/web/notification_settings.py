"""Which messages the viewer wants, on the web and by mail, and what they watch."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import Route

from hubkeep.accounts import Actor, owners_known
from hubkeep.community import notifications
from hubkeep.community.notifications import Target, Watched
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import infos_of
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.ids import chosen_number

HERE = "/settings/notifications"
# Those of the Hub's switches of which this hub sends something: (on the web, by mail, what it is about, when that is).
KINDS = (
    (
        "web_discussions_participating",
        "discussions_participating",
        "Discussions you take part in",
        "You opened it, commented, or were named in it.",
    ),
    (
        "web_discussions_watched",
        "discussions_watched",
        "What you watch",
        "Your own repositories, those of your organizations, and what you chose to watch.",
    ),
    (
        "",
        "gated_user_access_request",
        "Requests for access",
        "Somebody asks for a gated repository of yours.",
    ),
)
SHOWN = 200


@dataclass(frozen=True)
class Listener:
    """Something that the viewer watches or muted."""

    target: Target
    name: str
    url: str


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the switches. Raises NotSignedIn."""
    state = notifications.watched(tx, actor)
    facts = {
        "switches": notifications.switches(tx, actor),
        "kinds": KINDS,
        "watched": _named(tx, actor, state.watched[:SHOWN]),
        "muted": _named(tx, actor, state.muted[:SHOWN]),
        "mails": bool(asked.hub.settings.mail.host),
        "done": asked.query.get("done", ""),
    }
    return Page("pages/notification_settings.html", facts)


async def act(asked: Asked) -> Redirect:
    """Keep the switches, or forget that something was watched or muted."""
    if asked.value("do") == "switches":
        names = [name for kind in KINDS for name in kind[:2] if name]
        wanted = {name: asked.value(name) == "1" for name in names}
        await asked.hub.write(notifications.set_switches, asked.caller, wanted)
        return Redirect(f"{HERE}?done=1")
    if asked.value("do") != "forget" or asked.value("kind") not in set(Watched):
        raise BadInput(field="do", reason="must be switches or forget")
    target = Target(Watched(asked.value("kind")), chosen_number(asked.value("id"), "id"))
    await asked.hub.write(notifications.forget, asked.caller, target)
    return Redirect(HERE)


def _named(tx: ReadTx, actor: Actor, some: Sequence[Target]) -> list[Listener]:
    """Say what is watched, by its name of today; what is gone, or private to the viewer, is left out."""
    repos = {
        info.repo.id: info.repo
        for info in infos_of(tx, actor, sorted({one.id for one in some if one.kind is Watched.REPO}))
    }
    owners = owners_known(tx, {one.id for one in some if one.kind is not Watched.REPO})
    found = []
    for one in some:
        if one.kind is Watched.REPO and one.id in repos:
            repo = repos[one.id]
            found.append(Listener(one, f"{repo.kind.prefix}{repo.full_name}", urls.repo_url(repo)))
        elif one.kind is not Watched.REPO and one.id in owners:
            found.append(Listener(one, owners[one.id].name, urls.owner_url(owners[one.id].name)))
    return found


routes = [Route(HERE, form(show, act), methods=["GET", "POST"])]
