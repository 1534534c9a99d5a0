"""What the viewer asked access to, and what came of it."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.web import urls
from hubkeep.web.access_requests import place_of, place_text
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows

HERE = "/settings/gated-repos"
PAGE = 100


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List the viewer's requests, the latest first. Raises NotSignedIn."""
    found, more = repos.my_access_requests(tx, actor, start=place_of(asked), limit=PAGE)
    facts = {
        "requests": found,
        "first": HERE if asked.query.get("from") else "",
        "next": urls.with_query(HERE, **{"from": place_text(more)}) if more else "",
    }
    return Page("pages/gated_repos.html", facts)


routes = [Route(HERE, shows(show), methods=["GET"])]
