"""The viewer's keys for git over SSH: add one, see them, delete one."""

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.ids import chosen_number

HERE = "/settings/keys"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List the keys and show the form for a new one. Raises NotSignedIn."""
    settings = asked.hub.settings
    facts = {
        "keys": accounts.list_ssh_keys(tx, actor),
        "ssh_url": settings.ssh_url,
        "fingerprint": accounts.ssh_host_fingerprint(asked.hub.stores.db) if settings.ssh_url else "",
        "name": asked.value("name"),
        "key": asked.value("key"),
    }
    return Page("pages/ssh_keys.html", facts)


async def act(asked: Asked) -> Redirect:
    """Add or delete a key."""
    if asked.value("do") == "delete":
        number = chosen_number(asked.value("id"), "id")
        await asked.hub.write(accounts.delete_ssh_key, asked.caller, number)
    else:
        await asked.hub.write(accounts.add_ssh_key, asked.caller, asked.value("name"), asked.value("key"))
    return Redirect(HERE)


routes = [Route(HERE, form(show, act), methods=["GET", "POST"])]
