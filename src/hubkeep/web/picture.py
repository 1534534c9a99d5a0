"""What the form of a picture asks for."""

from hubkeep import accounts
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput
from hubkeep.repos import Stores
from hubkeep.web.asked import Asked


async def picture_sent(asked: Asked, org: str | None) -> str:
    """Keep the picture that was sent, of an organization or (None) of who sent it, or take theirs away; say what was done.

    Raises what `accounts.keep_avatar` and `accounts.remove_avatar` raise, and BadInput.
    """
    do = asked.value("do")
    if do == "remove":
        await asked.hub.work(_remove, asked.caller, org)
        return "drawn"
    if do != "keep":
        raise BadInput(field="do", reason="must be keep or remove")
    data = asked.files.get("picture", b"")
    if not data:
        raise BadInput(field="picture", reason="choose a file")
    await asked.hub.work(_keep, asked.caller, org, data)
    return "picture"


def _keep(stores: Stores, actor: Actor, org: str | None, data: bytes) -> None:
    accounts.keep_avatar(stores.db, stores.blobs, actor, org, data)


def _remove(stores: Stores, actor: Actor, org: str | None) -> None:
    accounts.remove_avatar(stores.db, stores.blobs, actor, org)
