"""Choose a new password by a link from a mail."""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.passwords import new_password

HERE = "/login/reset"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Ask who it is, or, with the key from a mail, for the new password."""
    del actor
    key = asked.value("key") or asked.query.get("key", "")
    if not key:
        facts = {
            "login": asked.value("login") or asked.query.get("login", "")[:320],
            "by_mail": bool(asked.hub.settings.mail.host),
            "sent": asked.query.get("done") == "sent",
        }
        return Page("pages/reset.html", facts, fills_form=True)
    user = accounts.read_reset_key(tx, asked.hub.stores.signer, key)
    return Page("pages/new_password.html", {"key": key, "name": user.name}, fills_form=True)


async def act(asked: Asked) -> Redirect:
    """Have the link sent, or take the new password. The answer tells nobody who is here."""
    if not asked.value("key"):
        await asked.hub.write(accounts.ask_reset, asked.caller, asked.value("login"), asked.origin)
        return Redirect(f"{HERE}?done=sent")
    stores = asked.hub.stores
    await asked.hub.compute(
        accounts.reset_password,
        stores.db,
        stores.signer,
        asked.value("key"),
        new_password(asked),
        asked.origin,
    )
    return Redirect("/login?done=reset")


routes = [Route(HERE, form(show, act), methods=["GET", "POST"])]
