"""A program without a browser wants to sign in (`hf auth login`): the person enters its code here.

Source: hub-platform contract 1.2.
"""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, TooManyAttempts, oauth
from hubkeep.accounts.oauth import MEANS, CodeNotFound
from hubkeep.kit import BadInput
from hubkeep.repos import Stores
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form_slowly

HERE, DECIDE = "/oauth/device", "/oauth/device/decide"


def show(stores: Stores, actor: Actor, asked: Asked) -> Answer:
    """Ask for the code; with one, show which program waits for it."""
    with stores.db.read() as tx:
        me = accounts.whoami(tx, actor)  # sends strangers to sign in, and back here
    code = (asked.value("code") or asked.query.get("code", "")).strip()[:40]
    device, problem = None, asked.problem
    if code and not problem:
        try:
            device = oauth.find_device(stores.db, actor, code)
        except (CodeNotFound, TooManyAttempts) as error:
            problem = str(error)
    scopes = [MEANS[scope] for scope in MEANS if device is not None and scope in device.scope]
    facts = {"me": me, "device": device, "code": code, "problem": problem, "scopes": scopes}
    return Page("pages/device.html", {**facts, "did": asked.query.get("did", "")})


async def decide(asked: Asked) -> Redirect:
    """Let the program in, or refuse it."""
    if asked.value("do") not in ("allow", "refuse"):
        raise BadInput(field="do", reason="must be allow or refuse")
    approve = asked.value("do") == "allow"
    await asked.hub.work(_decide, asked.caller, asked.value("code"), approve=approve)
    return Redirect(f"{HERE}?did={'allowed' if approve else 'refused'}")


def _decide(stores: Stores, actor: Actor, code: str, *, approve: bool) -> None:
    oauth.find_device(stores.db, actor, code)
    with stores.db.write() as tx:
        oauth.decide_device(tx, actor, code, approve=approve)


routes = [
    Route(HERE, form_slowly(show, decide), methods=["GET"]),
    Route(DECIDE, form_slowly(show, decide), methods=["GET", "POST"]),
]
