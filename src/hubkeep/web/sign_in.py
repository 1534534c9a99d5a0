"""Sign in with a password and, where there is one, a code; sign out."""

from datetime import datetime

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, SecondFactorNeeded
from hubkeep.kit import ReadTx, now
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import acts, form
from hubkeep.web.local_path import local_path


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form; somebody who is signed in already goes on."""
    del tx
    back_to = local_path(asked.value("next") or asked.query.get("next", ""))
    if not actor.anonymous and not asked.again:
        return Redirect(back_to)
    facts = {
        "next": back_to,
        "login": asked.value("login"),
        "may_join": asked.hub.settings.join,
        "did": asked.query.get("done", ""),
    }
    return Page("pages/sign_in.html", facts, fills_form=True)


async def sign_in(asked: Asked) -> Page | Redirect:
    """Open a session and go back to where the visitor came from, or ask for a code first."""
    try:
        opened = await asked.hub.compute(
            accounts.sign_in,
            asked.hub.stores.db,
            asked.value("login").strip(),
            asked.value("password"),
            asked.origin,
        )
    except SecondFactorNeeded as needed:
        half = accounts.half_session(asked.hub.stores.signer, needed)
        return _code_page(half, local_path(asked.value("next")))
    return signed_in(opened, local_path(asked.value("next")))


def show_code(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the second step again; it begins with the first."""
    del tx, actor
    if not asked.value("half"):
        return Redirect("/login")
    return _code_page(asked.value("half"), local_path(asked.value("next")))


async def enter_code(asked: Asked) -> Redirect:
    """Finish signing in."""
    stores = asked.hub.stores
    opened = await asked.hub.compute(
        accounts.finish_sign_in,
        stores.db,
        stores.signer,
        asked.value("half"),
        asked.value("code")[:100],
        asked.origin,
    )
    return signed_in(opened, local_path(asked.value("next")))


async def sign_out(asked: Asked) -> Redirect:
    """End the session."""
    await asked.hub.write(accounts.sign_out, asked.caller, asked.session)
    return Redirect("/", session="")


def signed_in(opened: accounts.NewSession, to: str) -> Redirect:
    """Give the browser its session, and send it on."""
    return Redirect(to, session=opened.secret, seconds=seconds_to(opened.expires_at))


def seconds_to(moment: datetime) -> int:
    """Return how long it is until `moment`."""
    return int((moment - now()).total_seconds())


def _code_page(half: str, back_to: str) -> Page:
    return Page("pages/sign_in_code.html", {"half": half, "next": back_to}, fills_form=True)


routes = [
    Route("/login", form(show, sign_in), methods=["GET", "POST"]),
    Route("/login/code", form(show_code, enter_code), methods=["GET", "POST"]),
    Route("/logout", acts(sign_out), methods=["POST"]),
]
