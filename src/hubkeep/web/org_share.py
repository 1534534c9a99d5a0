"""Join an organization by a link."""

from starlette.routing import Route

from hubkeep.accounts import Actor, orgs
from hubkeep.community import follows
from hubkeep.kit import ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show what one would join, and as what; strangers sign in first and come back. Raises InvitationNotFound."""
    link = orgs.link_by_secret(tx, actor, asked.params["org"], asked.query.get("code", "")[:200])
    if not actor.anonymous and link.org.id in actor.roles:
        return Redirect(urls.owner_url(link.org.name), 302)
    facts = {
        "link": link,
        "about": orgs.org_profile(tx, link.org.id),
        "known": not actor.anonymous,
        "followers": follows.totals(tx, actor, link.org.id).followers,
    }
    return Page("pages/org_share.html", facts)


async def join(asked: Asked) -> Redirect:
    """Join."""
    secret = asked.query.get("code", "")[:200]
    org = await asked.hub.write(orgs.join_by_link, asked.caller, asked.params["org"], secret)
    return Redirect(urls.owner_url(org.name))


routes = [Route("/organizations/{org:seg}/share", form(show, join), methods=["GET", "POST"])]
