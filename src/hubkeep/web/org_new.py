"""Make an organization."""

from starlette.routing import Route

from hubkeep.accounts import Actor, NotSignedIn, orgs
from hubkeep.accounts.orgs import OrgChanges
from hubkeep.kit import ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form

FIELDS = ("fullname", "details", "website")


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form. Raises NotSignedIn."""
    del tx
    if actor.anonymous:
        raise NotSignedIn
    given = {name: asked.value(name) for name in ("name", *FIELDS)}
    return Page("pages/org_new.html", {"given": given})


async def create(asked: Asked) -> Redirect:
    """Make it, and go where people are invited."""
    fullname, details, website = (asked.value(name) for name in FIELDS)
    said = OrgChanges(fullname=fullname, details=details, website=website)
    org = await asked.hub.write(orgs.create_org, asked.caller, asked.value("name").strip(), said)
    return Redirect(f"/organizations/{urls.segment(org.name)}/settings/members?done=made")


routes = [Route("/organizations/new", form(show, create), methods=["GET", "POST"])]
