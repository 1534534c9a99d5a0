"""Settings of an organization: the tokens by which members reach it, and shutting one out."""

from starlette.routing import Route

from hubkeep.accounts import Actor, orgs
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.ids import chosen_number, place
from hubkeep.web.org_settings import BASE, org_for, settings_url

PAGE = 50


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List the tokens of members, the newest first."""
    org = org_for(tx, actor, asked)
    after = place(asked.query.get("after", ""), "after")
    found, following = orgs.tokens_of_members(tx, actor, org.name, after=after, limit=PAGE)
    here = settings_url(org.name, "tokens")
    facts = {
        "org": org,
        "here": here,
        "tokens": found,
        "next": urls.with_query(here, after=str(following)) if following else "",
        "first": here if after else "",
        "did": asked.query.get("done", ""),
    }
    return Page("pages/org_tokens.html", facts)


async def act(asked: Asked) -> Redirect:
    """Shut a token out, or let it in again."""
    do = asked.value("do")
    if do not in ("out", "in"):
        raise BadInput(field="do", reason="must be out or in")
    number = chosen_number(asked.value("id"), "id")
    await asked.hub.write(orgs.shut_out, asked.caller, asked.params["org"], number, out=do == "out")
    return Redirect(urls.with_query(settings_url(asked.params["org"], "tokens"), done=do))


routes = [Route(f"{BASE}/tokens", form(show, act), methods=["GET", "POST"])]
