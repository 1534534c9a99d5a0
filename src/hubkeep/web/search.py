"""Search by name over every kind of repository."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind, Query
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows
from hubkeep.web.urls import with_query

SHOWN = 6


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the first matches of every kind, and the way to the rest."""
    text = asked.query.get("q", "").strip()[:200]
    groups: list[tuple[Kind, list[Info], str]] = []
    for kind in Kind if text else ():
        query = Query(kind=kind, search=text.split(), sort="downloads", limit=SHOWN)
        listing = repos.list_repos(tx, actor, query)
        more = with_query(f"/{kind.plural}", search=text) if listing.next else ""
        if listing.items:
            groups.append((kind, listing.items, more))
    return Page("pages/search.html", {"text": text, "groups": groups})


routes = [Route("/search", shows(show), methods=["GET"])]
