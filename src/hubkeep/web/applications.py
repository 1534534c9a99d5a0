"""Programs that the viewer signed in to, and those that they registered themselves."""

from starlette.routing import Route

from hubkeep.accounts import Actor, oauth
from hubkeep.accounts.oauth import MEANS, App, Scope
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form

HERE = "/settings/applications"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List both. Raises NotSignedIn."""
    return Page("pages/applications.html", _facts(tx, actor, asked, None))


async def act(asked: Asked) -> Page | Redirect:
    """Disconnect, register, change a secret, delete."""
    do, hub, client_id = asked.value("do"), asked.hub, asked.value("client_id")
    if do == "disconnect":
        await hub.write(oauth.disconnect, asked.caller, client_id)
    elif do == "delete":
        await hub.write(oauth.delete_app, asked.caller, client_id)
    elif do == "secret":
        return await _with_secret(asked, await hub.write(oauth.new_secret, asked.caller, client_id))
    elif do == "register":
        return await _with_secret(asked, await _register(asked))
    else:
        raise BadInput(field="do", reason="must be a button of this page")
    return Redirect(HERE)


async def _register(asked: Asked) -> tuple[App, str]:
    uris = asked.value("redirect_uris").split()
    scope = frozenset(scope for scope in Scope if asked.value(f"scope-{scope}"))
    return await asked.hub.write(
        oauth.register_app,
        asked.caller,
        asked.value("name"),
        uris,
        scope or frozenset((Scope.OPENID, Scope.PROFILE)),
        asked.value("homepage").strip(),
        confidential=asked.value("type") == "confidential",
    )


async def _with_secret(asked: Asked, made: tuple[App, str]) -> Page:
    def look(tx: ReadTx, actor: Actor) -> Page:
        return Page("pages/applications.html", _facts(tx, actor, asked, made))

    return await asked.hub.read(look, asked.caller)


def _facts(tx: ReadTx, actor: Actor, asked: Asked, made: tuple[App, str] | None) -> dict[str, object]:
    blank = made is not None
    return {
        "connected": oauth.connected_apps(tx, actor),
        "apps": oauth.my_apps(tx, actor),
        "made": made,
        "means": MEANS,
        "scopes": list(Scope),
        "chosen": [] if blank else [scope for scope in Scope if asked.value(f"scope-{scope}")],
        "name": "" if blank else asked.value("name"),
        "homepage": "" if blank else asked.value("homepage"),
        "redirect_uris": "" if blank else asked.value("redirect_uris"),
        "type": "public" if blank else asked.value("type") or "confidential",
        "hub_url": asked.hub.url,
    }


routes = [Route(HERE, form(show, act), methods=["GET", "POST"])]
