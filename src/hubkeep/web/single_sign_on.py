"""Sign in with an account of the identity provider that the operator configured: there and back.

What the browser must bring back is in a signed cookie of its own, so nobody can be signed in as somebody else by a link.
"""

import secrets
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hubkeep.accounts import oidc
from hubkeep.accounts.oidc import SignInRefused
from hubkeep.kit import BadSignature, HubError
from hubkeep.web.answer import Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import ask, read_page, respond
from hubkeep.web.failure import failure
from hubkeep.web.local_path import local_path
from hubkeep.web.sign_in import seconds_to

COOKIE, PATH = "hubkeep_sso", "/login"
PURPOSE = "single-sign-on"
SECONDS = 600  # how long somebody may be away


async def leave(request: Request) -> Response:
    """Send the browser to the provider."""
    asked = ask(request)
    hub = asked.hub
    try:
        leaving = await hub.compute(oidc.leave, hub.settings)
    except HubError as error:
        return await _told(asked, error)
    facts = asdict(leaving) | {"next": local_path(asked.query.get("next", ""))}
    del facts["to"]
    response = RedirectResponse(leaving.to, 303, headers={"Cache-Control": "no-store"})
    response.set_cookie(
        COOKIE,
        hub.stores.signer.sign(PURPOSE, facts, SECONDS)[0],
        SECONDS,
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=hub.url.startswith("https://"),
    )
    return response


async def come_back(request: Request) -> Response:
    """Open a session for who comes back."""
    asked = ask(request)
    hub, query = asked.hub, asked.query
    try:
        facts = hub.stores.signer.verify(PURPOSE, request.cookies.get(COOKIE, ""))
        if not secrets.compare_digest(str(facts["state"]).encode(), query.get("state", "").encode()):
            raise BadSignature
        if "code" not in query:
            raise SignInRefused(reason=f"the identity provider says {query.get('error', 'nothing')[:60]!r}")
        opened = await hub.compute(
            oidc.come_back,
            hub.stores.db,
            hub.settings,
            query["code"],
            str(facts["nonce"]),
            str(facts["verifier"]),
            asked.origin,
        )
    except HubError as error:
        return await _told(asked, error)
    to = local_path(str(facts["next"]))
    response = respond(asked, Redirect(to, session=opened.secret, seconds=seconds_to(opened.expires_at)), "")
    response.delete_cookie(COOKIE, path=PATH)
    return response


async def _told(asked: Asked, error: HubError) -> Response:
    def page(*_: object) -> Page:
        return failure(error.status, str(error), asked.here, anonymous=True)

    return respond(asked, *await asked.hub.read(read_page, asked.caller, asked, page))


routes = [
    Route("/login/sso", leave, methods=["GET"]),
    Route("/login/callback", come_back, methods=["GET"]),
]
