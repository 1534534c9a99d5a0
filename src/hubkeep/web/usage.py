"""What somebody stores: the sum beside what they may, and their repositories with the share that each takes."""

from functools import partial

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor, orgs
from hubkeep.kit import ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows
from hubkeep.web.ids import place

PAGE = 50


def mine(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what the viewer stores. Raises NotSignedIn."""
    return Page("pages/usage.html", _facts(tx, actor, asked, None))


def of_organization(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what an organization stores, to its administrators. Raises OrgNotFound, NotSignedIn, NotAllowed."""
    org = orgs.org_for_admin(tx, actor, asked.params["org"], "see this organization's settings")
    return Page("pages/org_usage.html", {**_facts(tx, actor, asked, org.name), "org": org})


def _facts(tx: ReadTx, actor: Actor, asked: Asked, owner: str | None) -> dict[str, object]:
    after = place(asked.query.get("after", ""), "after") or 0
    found, last = repos.list_owned(tx, actor, owner, after=after, limit=PAGE)
    here = partial(urls.with_query, asked.path)
    return {
        "storage": repos.storage_of(tx, actor, asked.hub.settings.quotas, owner),
        "owned": found,
        "first": here() if after else "",
        "next": here(after=str(last)) if last is not None else "",
    }


routes = [
    Route("/settings/storage", shows(mine), methods=["GET"]),
    Route("/organizations/{org:seg}/settings/storage", shows(of_organization), methods=["GET"]),
]
