"""What the viewer tells everybody about themselves."""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import NETWORKS, About, Actor, NotSignedIn
from hubkeep.kit import ReadTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form

HERE = "/settings/profile"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form with what is said now, or was typed. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    said = _typed(asked) if asked.again else accounts.about(tx, actor.user_id)
    facts = {"said": said, "networks": list(NETWORKS), "did": asked.query.get("done", "")}
    return Page("pages/settings_profile.html", facts)


async def act(asked: Asked) -> Redirect:
    """Save it."""
    await asked.hub.write(accounts.change_about, asked.caller, _typed(asked))
    return Redirect(f"{HERE}?done=saved")


def _typed(asked: Asked) -> About:
    socials = {network: asked.value(network) for network in NETWORKS}
    return About(asked.value("fullname"), asked.value("details"), asked.value("website"), socials)


routes = [Route(HERE, form(show, act), methods=["GET", "POST"])]
