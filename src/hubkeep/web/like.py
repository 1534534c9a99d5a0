"""Like a repository, watch it, and see who likes it."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.community import likes, notifications
from hubkeep.community.notifications import Target, Watched
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.repos import Repo
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.discussions import REPO
from hubkeep.web.endpoint import acts, shows
from hubkeep.web.head import head_of
from hubkeep.web.ids import place
from hubkeep.web.local_path import local_path

PAGE = 60


def likers(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show who likes a repository, the latest first."""
    repo = repos.get(tx, actor, asked.kind, asked.full_name)
    head = head_of(asked, actor, repo, "likers")
    after = place(asked.query.get("after", ""), "after")
    found = likes.likers(tx, actor, asked.kind, asked.full_name, after=after, limit=PAGE)
    here = f"{head.url}/likers"
    facts = {
        "head": head,
        "section": repo.kind,
        "likers": found.items,
        "next": urls.with_query(here, after=str(found.next)) if found.next else "",
        "first": here if after else "",
    }
    return Page("pages/likers.html", facts)


async def like(asked: Asked) -> Redirect:
    """Like it, or not any longer."""
    on = asked.value("on") == "1"
    repo = await asked.hub.write(likes.like, asked.caller, asked.kind, asked.full_name, on=on)
    return _back(asked, repo)


async def watch(asked: Asked) -> Redirect:
    """Watch it, mute it, or neither."""
    wanted = asked.value("watch")
    if wanted not in ("watch", "usual", "mute"):
        raise BadInput(field="watch", reason="must be watch, usual or mute")

    def change(tx: WriteTx, actor: Actor) -> Repo:
        repo = repos.get(tx, actor, asked.kind, asked.full_name)
        target = Target(Watched.REPO, repo.id)
        if wanted == "usual":
            notifications.forget(tx, actor, target)
        else:
            add, remove = ([target], []) if wanted == "watch" else ([], [target])
            notifications.watch(tx, actor, add, remove)
        return repo

    return _back(asked, await asked.hub.write(change, asked.caller))


def _back(asked: Asked, repo: Repo) -> Redirect:
    return Redirect(local_path(asked.value("next"), urls.repo_url(repo)))


routes = [
    Route(REPO + "/likers", shows(likers), methods=["GET"]),
    Route(REPO + "/like", acts(like), methods=["POST"]),
    Route(REPO + "/watch", acts(watch), methods=["POST"]),
]
