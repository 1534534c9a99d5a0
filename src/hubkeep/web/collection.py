"""A collection: what stands in it, and the buttons of those who may change it."""

from collections.abc import Awaitable, Callable

from starlette.routing import Route

from hubkeep import accounts
from hubkeep.accounts import Action, Actor
from hubkeep.community import collections
from hubkeep.community.collections import Changes, ItemChanges
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.collection_url import collection_url, number_of
from hubkeep.web.collections import item_of, theme_of
from hubkeep.web.endpoint import form
from hubkeep.web.ids import chosen_number

PAPERS = "https://arxiv.org/abs/"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a collection under its present address."""
    found = collections.get(tx, actor, number_of(asked.params["slug"]))
    here = collection_url(found)
    if asked.path != here:
        return Redirect(here, 307)
    facts = {
        "shown": found,
        "one": found.collection,
        "here": here,
        "may_change": actor.can_write and accounts.may(actor, Action.WRITE, found.collection),
        "themes": list(collections.Theme),
        "papers": PAPERS,
        "max_title": collections.MAX_TITLE,
        "max_description": collections.MAX_DESCRIPTION,
        "max_note": collections.MAX_NOTE,
        "max_images": collections.MAX_IMAGES,
        "item": asked.value("item"),
    }
    return Page("pages/collection.html", facts)


async def act(asked: Asked) -> Redirect:
    """Do what the pressed button says. Raises BadInput for none of ours, and what the verb raises."""
    found = _ACTS.get(asked.value("do"))
    if found is None:
        raise BadInput(field="do", reason=f"must be one of {', '.join(_ACTS)}")
    return await found(asked, number_of(asked.params["slug"]))


async def _upvote(asked: Asked, number: int) -> Redirect:
    await asked.hub.write(collections.upvote, asked.caller, number, on=asked.value("on") == "1")
    return Redirect(asked.path)


async def _change(asked: Asked, number: int) -> Redirect:
    changes = Changes(
        title=asked.value("title"),
        description=asked.value("description"),
        private=asked.value("private") == "1",
        theme=theme_of(asked.value("theme")),
    )
    return Redirect(collection_url(await asked.hub.write(collections.update, asked.caller, number, changes)))


async def _delete(asked: Asked, number: int) -> Redirect:
    await asked.hub.write(collections.delete, asked.caller, number)
    return Redirect(urls.owner_url(asked.params["ns"]) + "/collections")


async def _add(asked: Asked, number: int) -> Redirect:
    await asked.hub.write(collections.add_item, asked.caller, number, item_of(asked.value("item")))
    return Redirect(asked.path)


async def _note(asked: Asked, number: int) -> Redirect:
    return await _item(asked, number, ItemChanges(note=asked.value("note"), images=_images(asked)))


def _images(asked: Asked) -> list[str] | None:
    """Return the addresses of pictures, one a line; None when the form does not ask for them."""
    return asked.value("images").split() if "images" in asked.form else None


async def _move(asked: Asked, number: int) -> Redirect:
    position = chosen_number(asked.value("position"), "position")
    return await _item(asked, number, ItemChanges(position=position))


async def _item(asked: Asked, number: int, changes: ItemChanges) -> Redirect:
    item = chosen_number(asked.value("item"), "item")
    await asked.hub.write(collections.update_item, asked.caller, number, item, changes)
    return Redirect(f"{asked.path}#hk-item-{item}")


async def _remove(asked: Asked, number: int) -> Redirect:
    item = chosen_number(asked.value("item"), "item")
    await asked.hub.write(collections.delete_item, asked.caller, number, item)
    return Redirect(asked.path)


_ACTS: dict[str, Callable[[Asked, int], Awaitable[Redirect]]] = {
    "upvote": _upvote,
    "change": _change,
    "delete": _delete,
    "add": _add,
    "note": _note,
    "move": _move,
    "remove": _remove,
}
routes = [Route("/collections/{ns:seg}/{slug:seg}", form(show, act), methods=["GET", "POST"])]
