"""The page of a user or an organization: who they are, and their repositories."""

from starlette.routing import Route

from hubkeep import accounts, search
from hubkeep.accounts import Actor, OwnerKind
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search import Query
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows

SHOWN = 10


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show an owner's repositories by kind, those changed last first."""
    name = asked.params["owner"]
    found = accounts.profile(tx, actor, name)
    if found.owner.name != name:
        return Redirect(urls.owner_url(found.owner.name), 307)
    groups: list[tuple[Kind, list[Info], str]] = []
    for kind in Kind:
        query = Query(kind, author=found.owner.name, sort="lastModified", limit=SHOWN)
        listing = search.listing(tx, actor, query)
        more = urls.with_query(f"/{kind.plural}", author=found.owner.name) if listing.next is not None else ""
        if listing.items:
            groups.append((kind, listing.items, more))
    facts = {
        "profile": found,
        "groups": groups,
        "is_org": found.owner.kind is OwnerKind.ORG,
        "may_create": accounts.may_create(actor, found.owner.id),
        "hub_url": asked.hub.url,
    }
    return Page("pages/profile.html", facts)


routes = [Route("/{owner:seg}", shows(show), methods=["GET"])]
