"""The viewer's organizations: what they were invited to, what they belong to, and leaving it."""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, orgs
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.ids import chosen_number, hex_id

HERE = "/settings/organizations"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List invitations and organizations. Raises NotSignedIn."""
    me = accounts.whoami(tx, actor)
    facts = {
        "invitations": orgs.my_invitations(tx, actor),
        "memberships": me.orgs,
        "groups": me.groups,
        "hex_id": hex_id,
        "did": asked.query.get("done", ""),
        "about": asked.query.get("org", "")[:96],
    }
    return Page("pages/org_mine.html", facts)


async def act(asked: Asked) -> Redirect:
    """Answer an invitation, or leave an organization."""
    do = asked.value("do")
    if do == "leave":
        org = await asked.hub.write(orgs.leave, asked.caller, asked.value("org"))
        return Redirect(urls.with_query(HERE, done="left", org=org.name))
    if do not in ("accept", "decline"):
        raise BadInput(field="do", reason="must be accept, decline or leave")
    verb = orgs.accept_invitation if do == "accept" else orgs.decline_invitation
    org = await asked.hub.write(verb, asked.caller, chosen_number(asked.value("id"), "id"))
    if do == "accept":
        return Redirect(urls.owner_url(org.name))
    return Redirect(urls.with_query(HERE, done="declined", org=org.name))


routes = [Route(HERE, form(show, act), methods=["GET", "POST"])]
