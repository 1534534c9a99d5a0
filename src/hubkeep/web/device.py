"""A program without a browser wants to sign in (`hf auth login`): the person enters its code here.

Source: hub-platform contract 1.2.
"""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, oauth
from hubkeep.accounts.oauth import MEANS, CodeNotFound
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form

HERE, DECIDE = "/oauth/device", "/oauth/device/decide"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Ask for the code; with one, show which program waits for it."""
    me = accounts.whoami(tx, actor)  # sends strangers to sign in, and back here
    code = (asked.value("code") or asked.query.get("code", "")).strip()[:40]
    device, problem = None, asked.problem
    if code and not problem:
        try:
            device = oauth.device_waiting(tx, actor, code)
        except CodeNotFound as error:
            problem = str(error)
    scopes = [MEANS[scope] for scope in MEANS if device is not None and scope in device.scope]
    facts = {"me": me, "device": device, "code": code, "problem": problem, "scopes": scopes}
    return Page("pages/device.html", {**facts, "did": asked.query.get("did", "")})


async def decide(asked: Asked) -> Redirect:
    """Let the program in, or refuse it."""
    if asked.value("do") not in ("allow", "refuse"):
        raise BadInput(field="do", reason="must be allow or refuse")
    approve = asked.value("do") == "allow"
    await asked.hub.write(oauth.decide_device, asked.caller, asked.value("code"), approve=approve)
    return Redirect(f"{HERE}?did={'allowed' if approve else 'refused'}")


routes = [
    Route(HERE, form(show, decide), methods=["GET"]),
    Route(DECIDE, form(show, decide), methods=["GET", "POST"]),
]
