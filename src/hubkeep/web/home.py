"""The front page: what this hub is, and what there is to see."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind, Query
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows
from hubkeep.web.kept_for_a_while import KEPT

SHOWN = {Kind.MODEL: 6, Kind.DATASET: 6, Kind.SPACE: 6}
MINE = 5


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what changed last, and the viewer's own repositories."""
    lists = {kind: _newest(tx, actor, kind, number) for kind, number in SHOWN.items()}
    counts = KEPT.get((id(asked.hub.stores), "counts"), lambda: repos.public_counts(tx))
    facts = {
        "lists": lists,
        "empty": not any(lists.values()),
        "counts": {kind: counts[kind] for kind in SHOWN},
        "mine": _mine(tx, actor),
        "hub_url": asked.hub.url,
    }
    return Page("pages/home.html", facts)


def _newest(tx: ReadTx, actor: Actor, kind: Kind, limit: int) -> list[Info]:
    return repos.list_repos(tx, actor, Query(kind=kind, sort="lastModified", limit=limit)).items


def _mine(tx: ReadTx, actor: Actor) -> list[Info]:
    """Return the viewer's repositories of any kind that changed last."""
    if actor.anonymous:
        return []
    found = [
        info
        for kind in Kind
        for info in repos.list_repos(
            tx, actor, Query(kind=kind, author=actor.name, sort="lastModified", limit=MINE)
        ).items
    ]
    return sorted(found, key=lambda info: info.repo.last_modified, reverse=True)[:MINE]


routes = [Route("/", shows(show), methods=["GET"])]
