"""Join a hub that takes everybody."""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor, NotAllowed
from hubkeep.kit import ReadTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.passwords import new_password
from hubkeep.web.sign_in import signed_in


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form. Raises NotAllowed where only operators add people."""
    del tx
    if not actor.anonymous:
        return Redirect("/")
    _allowed(asked)
    return Page(
        "pages/join.html", {"name": asked.value("name"), "email": asked.value("email")}, fills_form=True
    )


async def join(asked: Asked) -> Redirect:
    """Add the user and sign them in."""
    _allowed(asked)
    password = new_password(asked)
    db = asked.hub.stores.db
    user = await asked.hub.compute(
        accounts.join,
        db,
        asked.value("name").strip(),
        asked.value("email").strip(),
        password,
        asked.origin,
        by_mail=bool(asked.hub.settings.mail.host),
    )
    return signed_in(await asked.hub.compute(accounts.sign_in, db, user.name, password, asked.origin), "/")


def _allowed(asked: Asked) -> None:
    if not asked.hub.settings.join:
        raise NotAllowed(what="join this hub by yourself: its operators add people")


routes = [Route("/join", form(show, join), methods=["GET", "POST"])]
