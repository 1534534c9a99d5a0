"""Put a repository into collections, or take it out of them."""

from starlette.routing import Route

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.community import collections
from hubkeep.community.collections import ItemKind, NewItem, Query, Shown
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.collections import owners_for
from hubkeep.web.discussions import REPO
from hubkeep.web.endpoint import form
from hubkeep.web.head import head_of
from hubkeep.web.ids import chosen_number

MOST = 100  # collections to choose from, those changed last


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the viewer's collections, and which of them have the repository. Raises NotSignedIn."""
    owners = owners_for(tx, actor)
    repo = repos.get(tx, actor, asked.kind, asked.full_name)
    head = head_of(asked, actor, repo, "collect")
    item = (ItemKind(repo.kind.value), repo.full_name, 0)
    mine = collections.list_collections(tx, actor, Query(owners=owners, limit=MOST)).items
    having = collections.list_collections(tx, actor, Query(owners=owners, items=[item], limit=MOST)).items
    facts = {
        "head": head,
        "section": repo.kind,
        "mine": mine,
        "having": {one.collection.id for one in having},
        "item": f"{repo.kind.value}/{repo.full_name}",
    }
    return Page("pages/collect.html", facts)


async def act(asked: Asked) -> Redirect:
    """Put it in, or take it out."""
    if asked.value("do") not in ("add", "remove"):
        raise BadInput(field="do", reason="must be add or remove")
    number = chosen_number(asked.value("collection"), "collection")
    verb = _add if asked.value("do") == "add" else _remove
    await asked.hub.write(verb, asked.caller, asked, number)
    return Redirect(asked.path)


def _add(tx: WriteTx, actor: Actor, asked: Asked, number: int) -> Shown:
    kind = ItemKind(asked.kind.value)
    return collections.add_item(tx, actor, number, NewItem(kind, asked.full_name, note=asked.value("note")))


def _remove(tx: WriteTx, actor: Actor, asked: Asked, number: int) -> None:
    repo = repos.get(tx, actor, asked.kind, asked.full_name)
    for item in collections.get(tx, actor, number).items:
        if item.info is not None and item.info.repo.id == repo.id:
            collections.delete_item(tx, actor, number, item.id)


routes = [Route(REPO + "/collect", form(show, act), methods=["GET", "POST"])]
