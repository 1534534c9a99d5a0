"""Sign in with a password, and sign out."""

from datetime import datetime

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor
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
    facts = {"next": back_to, "login": asked.value("login"), "may_join": asked.hub.settings.join}
    return Page("pages/sign_in.html", facts, fills_form=True)


async def sign_in(asked: Asked) -> Redirect:
    """Open a session and go back to where the visitor came from."""
    opened = await asked.hub.compute(
        accounts.sign_in, asked.hub.stores.db, asked.value("login").strip(), asked.value("password")
    )
    return Redirect(
        local_path(asked.value("next")), session=opened.secret, seconds=seconds_to(opened.expires_at)
    )


async def sign_out(asked: Asked) -> Redirect:
    """End the session."""
    await asked.hub.write(accounts.sign_out, asked.caller, asked.session)
    return Redirect("/", session="")


def seconds_to(moment: datetime) -> int:
    """Return how long it is until `moment`."""
    return int((moment - now()).total_seconds())


routes = [
    Route("/login", form(show, sign_in), methods=["GET", "POST"]),
    Route("/logout", acts(sign_out), methods=["POST"]),
]
