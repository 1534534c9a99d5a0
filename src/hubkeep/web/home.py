"""The front page: what this hub is, and what there is to see."""

from starlette.routing import Route

from hubkeep import search
from hubkeep.accounts import Actor
from hubkeep.community import activity
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search import Query
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows

KINDS = (Kind.MODEL, Kind.DATASET, Kind.SPACE)
SHOWN, MINE, LATELY = 6, 5, 8


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what changed last, and the viewer's own repositories."""
    lists = {kind: _newest(tx, actor, kind, SHOWN) for kind in KINDS}
    facts = {
        "lists": lists,
        "empty": not any(lists.values()),
        "counts": {kind: search.facets(tx, actor, Query(kind)).total for kind in KINDS},
        "mine": _mine(tx, actor),
        "feed": [] if actor.anonymous else activity.following(tx, actor, limit=LATELY).items,
        "hub_url": asked.hub.url,
    }
    return Page("pages/home.html", facts)


def _newest(tx: ReadTx, actor: Actor, kind: Kind, limit: int, author: str | None = None) -> list[Info]:
    return search.listing(tx, actor, Query(kind, author=author, sort="lastModified", limit=limit)).items


def _mine(tx: ReadTx, actor: Actor) -> list[Info]:
    """Return the viewer's repositories of any kind that changed last."""
    if actor.anonymous:
        return []
    found = [info for kind in Kind for info in _newest(tx, actor, kind, MINE, actor.name)]
    return sorted(found, key=lambda info: info.repo.last_modified, reverse=True)[:MINE]


routes = [Route("/", shows(show), methods=["GET"])]
