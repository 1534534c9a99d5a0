"""What the viewer tells everybody about themselves."""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import MAX_PICTURE_BYTES, NETWORKS, About, Actor, NotSignedIn
from hubkeep.kit import ReadTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form, form_with_file
from hubkeep.web.picture import picture_sent

HERE = "/settings/profile"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the form with what is said now, or was typed. Raises NotSignedIn."""
    if actor.user_id is None:
        raise NotSignedIn
    typed = asked.again and "fullname" in asked.form
    user = accounts.user_by_id(tx, actor.user_id)
    facts = {
        "said": _typed(asked) if typed else accounts.about(tx, actor.user_id),
        "networks": list(NETWORKS),
        "did": asked.query.get("done", ""),
        "has_picture": user is not None and user.avatar != "",
    }
    return Page("pages/settings_profile.html", facts)


async def act(asked: Asked) -> Redirect:
    """Save it."""
    await asked.hub.write(accounts.change_about, asked.caller, _typed(asked))
    return Redirect(f"{HERE}?done=saved")


async def change_picture(asked: Asked) -> Redirect:
    """Keep the picture that was sent, or take the one there is away."""
    return Redirect(f"{HERE}?done={await picture_sent(asked, None)}")


def _typed(asked: Asked) -> About:
    socials = {network: asked.value(network) for network in NETWORKS}
    return About(asked.value("fullname"), asked.value("details"), asked.value("website"), socials)


routes = [
    Route(HERE, form(show, act), methods=["GET", "POST"]),
    Route(f"{HERE}/picture", form_with_file(show, change_picture, MAX_PICTURE_BYTES), methods=["POST"]),
]
