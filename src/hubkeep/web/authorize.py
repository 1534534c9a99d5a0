"""An app asks to sign a person in: they see who asks and for what, and decide.

Source: hub-platform contract 1.4 (`GET /oauth/authorize`).
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, oauth
from hubkeep.accounts.oauth import ABOUT_REPOS, MEANS, Returned, Wanted
from hubkeep.hub import Hub
from hubkeep.kit import BadInput, HubError, ReadTx, WriteTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import ask, form, respond

HERE = "/oauth/authorize"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show who asks for what. Nobody is sent to an address that the app did not register.

    Anybody may register an app with any address: such a one gets nobody sent there who did not agree to it first.
    """
    try:
        wanted = oauth.read_request(tx, dict(asked.query))
    except Returned as refused:
        if not _known(tx, actor, asked.query.get("client_id", "")):
            raise BadInput(field="request", reason="is not one that can be agreed to") from None
        return Redirect(refused.to, 302)
    if "none" in wanted.prompt.split() and _known(tx, actor, wanted.app.client_id):
        error = "login_required" if actor.anonymous else "consent_required"
        return Redirect(oauth.refused(wanted.redirect_uri, wanted.state, error, "Somebody must agree."), 302)
    me = accounts.whoami(tx, actor)  # sends strangers to sign in, and back here
    parts = urlsplit(wanted.redirect_uri)
    facts = {
        "wanted": wanted,
        "me": me,
        "scopes": [MEANS[scope] for scope in MEANS if scope in wanted.scope],
        "orgs": me.orgs if wanted.scope & ABOUT_REPOS else [],
        "chosen": wanted.org_ids,
        "place": parts.netloc or f"{parts.scheme}:",
    }
    leads_to = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
    return Page("pages/authorize.html", facts, leads_to=leads_to)


async def decide(asked: Asked) -> Redirect:
    """Send the browser back to the app, with a code or with a no."""
    wanted = await asked.hub.read(_wanted, asked.caller, asked)
    if asked.value("do") == "refuse":
        return Redirect(
            oauth.refused(wanted.redirect_uri, wanted.state, "access_denied", "The person said no.")
        )
    if asked.value("do") != "allow":
        raise BadInput(field="do", reason="must be allow or refuse")
    orgs = frozenset(int(name[4:]) for name in asked.form if name.startswith("org-") and name[4:].isdigit())
    return Redirect(await asked.hub.write(oauth.give_code, asked.caller, wanted, orgs))


async def authorize(request: Request) -> Response:
    """Send back at once who has agreed before; show the page to everybody else."""
    asked = ask(request)
    if request.method == "GET" and asked.session and (to := await _at_once(asked.hub, asked)):
        return respond(asked, Redirect(to, 302), "")
    return await _page(request)


async def _at_once(hub: Hub, asked: Asked) -> str:
    try:
        return await hub.write(_agreed, asked.caller, dict(asked.query))
    except (HubError, Returned):
        return ""  # the page tells it better


def _agreed(tx: WriteTx, actor: Actor, query: dict[str, str]) -> str:
    wanted = oauth.read_request(tx, query)
    consent = oauth.agreed_before(tx, actor, wanted)
    return oauth.give_code(tx, actor, wanted, consent.org_ids) if consent is not None else ""


def _known(tx: ReadTx, actor: Actor, client_id: str) -> bool:
    """Return whether somebody answers for an app: whoever registered it, or the person, who agreed to it before."""
    app = oauth.app_of(tx, client_id)
    agreed = actor.user_id is not None and oauth.consent_of(tx, actor.user_id, client_id) is not None
    return app.trusted or app.owner_id is not None or agreed


def _wanted(tx: ReadTx, actor: Actor, asked: Asked) -> Wanted:
    del actor
    try:
        return oauth.read_request(tx, dict(asked.query))
    except Returned:
        raise BadInput(field="request", reason="is not one that can be agreed to") from None


_page = form(show, decide)
routes = [Route(HERE, authorize, methods=["GET", "POST"])]
